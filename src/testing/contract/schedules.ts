/** @module What a store guarantees of schedules: that each slot counts once, whoever fires it. */
import { strict as assert } from 'node:assert'
import type { Verdict } from '../../machines/fold-store.ts'
import type { ScheduleAddRecord, ScheduleDefinition, ScheduleRecord } from '../../machines/schedule-records.ts'
import type { StoredSchedule } from '../../machines/schedule-state.ts'
import type { Store } from '../../store/store.ts'
import type { Guarantee, Kit } from './kit.ts'

const minute = 60_000
const definition: ScheduleDefinition = {
  when: { text: 'every minute', tz: 'UTC' },
  target: { recipe: 'r', input: { n: 1 } },
  misfire: 'once',
  overlap: 'skip',
}

type Added = Partial<Omit<ScheduleAddRecord, 'type' | 'uid'>>

/** Adds a schedule under its name, with an id that tells the name. Its slots are minutes after that. */
async function add(kit: Kit, name: string, wish: Added = {}, store = kit.store): Promise<Verdict> {
  return await store.append({ type: 'scheduleAdd', uid: `uid-${name}`, at: kit.tick(), name, ...definition, ...wish })
}

/** A slot so many minutes after the first, at which the clock stands then. */
function slotOf(kit: Kit, minutes: number): number {
  kit.now = Math.max(kit.now, Date.UTC(2026, 0, 1, 1) + minutes * minute)
  return Date.UTC(2026, 0, 1, 1) + minutes * minute
}

/** Fires a slot by a task of its own; without a slot it is done by hand. */
async function fire(kit: Kit, task: string, uid: string, slot?: number, rev = 1, store = kit.store): Promise<Verdict> {
  const firing = slot === undefined ? { uid, rev } : { uid, rev, slot }
  const [verdict] = await store.submit([kit.record(task, { recipe: 'r', schedule: firing })])
  assert.ok(verdict, 'submit answers with one verdict for each record')
  return verdict
}

type Command = 'schedulePause' | 'scheduleResume' | 'scheduleRemove' | 'scheduleExhaust'
async function tell(kit: Kit, type: Command, uid: string, rev = 1, store = kit.store): Promise<Verdict> {
  return await store.append({ type, uid, rev, at: kit.tick() })
}
const change = async (kit: Kit, record: ScheduleRecord): Promise<Verdict> => await kit.store.append(record)

async function known(store: Store, name: string, owner?: string): Promise<StoredSchedule> {
  const schedule = await store.scheduleNamed(name, owner)
  assert.ok(schedule, `the store knows the schedule ${name}`)
  return schedule
}

/** The tasks and reasons of a history, the oldest first. */
const told = ({ history }: StoredSchedule): string[] =>
  history.map(({ task, reason, status }) => `${task ?? reason} ${status ?? '…'}`)
const outcome = ({ accepted, reason }: Verdict): unknown => (accepted ? 'accepted' : reason)

export const scheduleGuarantees = {
  'schedules: lists what was said, in the order in which it was added, of one owner if asked': async (kit) => {
    const said = { ...definition, jitter: 5, maxRuns: 3, until: slotOf(kit, 9), metadata: { why: 'tests' } }
    await add(kit, 'a', { ...said, owner: 'ann', source: 'a config' })
    await add(kit, 'b', { paused: true })
    const [a] = await kit.store.schedules()
    assert.deepEqual({ ...a?.definition }, said)
    assert.deepEqual([a?.uid, a?.owner, a?.source, a?.status, a?.rev], ['uid-a', 'ann', 'a config', 'active', 1])
    const names = async (owner?: string): Promise<string[]> =>
      (await kit.store.schedules(owner)).map((each) => each.name)
    assert.deepEqual([await names(), await names('ann'), await names('bob')], [['a', 'b'], ['a'], []])
  },

  'schedule: finds one by its id': async (kit) => {
    await add(kit, 'a')
    await add(kit, 'b', { paused: true })
    assert.equal((await kit.store.schedule('uid-b'))?.status, 'paused')
    assert.equal(await kit.store.schedule('a'), undefined)
  },

  'scheduleNamed: finds one by its name among those of its owner': async (kit) => {
    await add(kit, 'a', { owner: 'ann' })
    await add(kit, 'b')
    assert.equal((await kit.store.scheduleNamed('a', 'ann'))?.uid, 'uid-a')
    assert.equal((await kit.store.scheduleNamed('b'))?.uid, 'uid-b')
    assert.deepEqual(
      [await kit.store.scheduleNamed('a'), await kit.store.scheduleNamed('b', 'ann')],
      [undefined, undefined],
    )
  },

  'schedules: a name is given once to each owner, and the second is told who has it': async (kit) => {
    await add(kit, 'a')
    const again = await add(kit, 'a', {}, kit.peer)
    assert.deepEqual([again.accepted, again.reason], [false, 'DUPLICATE_SCHEDULE'])
    const other = await kit.peer.append({
      type: 'scheduleAdd',
      uid: 'another',
      at: kit.tick(),
      name: 'a',
      ...definition,
    })
    assert.deepEqual([other.reason, other.schedule?.schedule?.uid], ['DUPLICATE_SCHEDULE', 'uid-a'])
    const of = await kit.store.append({
      type: 'scheduleAdd',
      uid: 'of-ann',
      at: kit.tick(),
      name: 'a',
      owner: 'ann',
      ...definition,
    })
    assert.equal(of.accepted, true)
    assert.equal((await kit.store.schedules()).length, 2)
  },

  'schedules: of adds of one name at the same moment, one counts': async (kit) => {
    const uids = ['u1', 'u2', 'u3', 'u4']
    const verdicts = await Promise.all(
      uids.map(async (uid, i) => {
        const store = i % 2 === 0 ? kit.store : kit.peer
        return await store.append({ type: 'scheduleAdd', uid, at: kit.tick(), name: 'a', ...definition })
      }),
    )
    const { uid } = await known(kit.store, 'a')
    assert.deepEqual(verdicts.map(({ accepted }) => accepted).sort(), [false, false, false, true])
    assert.deepEqual(new Set(verdicts.map(({ schedule }) => schedule?.schedule?.uid)), new Set([uid]))
  },

  'schedules: a slot makes one task, whoever fires it': async (kit) => {
    await add(kit, 'a')
    const slot = slotOf(kit, 1)
    const fired = await Promise.all([
      fire(kit, 't1', 'uid-a', slot),
      fire(kit, 't2', 'uid-a', slot, 1, kit.peer),
      fire(kit, 't3', 'uid-a', slot),
    ])
    assert.equal(fired.filter(({ accepted }) => accepted).length, 1)
    assert.equal((await kit.store.list({})).tasks.length, 1)
    const schedule = await known(kit.store, 'a')
    assert.deepEqual([schedule.lastSlot, schedule.snapshot.context.fired, schedule.history.length], [slot, 1, 1])
    assert.equal((await fire(kit, 't4', 'uid-a', slot - minute)).accepted, false)
    assert.equal((await fire(kit, 't5', 'uid-a', kit.now + minute)).accepted, false)
  },

  'schedules: the task knows its schedule, its slot, and the slot before': async (kit) => {
    await add(kit, 'a', { overlap: 'queue' })
    const slots = [slotOf(kit, 1), slotOf(kit, 2), slotOf(kit, 3)] as const
    await fire(kit, 't1', 'uid-a', slots[0])
    await change(kit, { type: 'scheduleSkip', uid: 'uid-a', rev: 1, at: kit.tick(), slot: slots[1], reason: 'MISSED' })
    await fire(kit, 't2', 'uid-a', slots[2])
    const of = async (id: string): Promise<unknown[]> => {
      const { uid, name, slot, previous } = (await kit.task(id)).spec.schedule ?? {}
      return [uid, name, slot, previous]
    }
    assert.deepEqual(await of('t1'), ['uid-a', 'a', slots[0], undefined])
    assert.deepEqual(await of('t2'), ['uid-a', 'a', slots[2], slots[0]])
  },

  'schedules: a slot stays used when its task was forgotten': async (kit) => {
    await add(kit, 'a')
    const slot = slotOf(kit, 1)
    await fire(kit, 't1', 'uid-a', slot)
    await kit.cancel('t1')
    await kit.store.forget({ at: kit.tick() })
    assert.equal(await kit.store.get('t1'), undefined)
    assert.equal((await fire(kit, 't2', 'uid-a', slot)).accepted, false)
    assert.deepEqual(told(await known(kit.store, 'a')), ['t1 cancelled'])
  },

  'schedules: pause stops slots, and resume lets none fire that passed meanwhile': async (kit) => {
    await add(kit, 'a')
    await tell(kit, 'schedulePause', 'uid-a')
    assert.equal((await fire(kit, 't1', 'uid-a', slotOf(kit, 1), 2)).accepted, false)
    assert.equal((await tell(kit, 'schedulePause', 'uid-a', 2)).accepted, false)
    await tell(kit, 'scheduleResume', 'uid-a', 2)
    assert.equal((await fire(kit, 't2', 'uid-a', slotOf(kit, 1), 3)).accepted, false)
    assert.equal((await fire(kit, 't3', 'uid-a', slotOf(kit, 2), 3)).accepted, true)
  },

  'schedules: what was meant before a command does not count after it': async (kit) => {
    await add(kit, 'a')
    const moved = { ...definition, when: { text: 'every hour' }, maxRuns: 7 }
    const slot = slotOf(kit, 1)
    await change(kit, { type: 'scheduleUpdate', uid: 'uid-a', rev: 1, at: kit.now - 1, ...moved })
    const late = await Promise.all([
      fire(kit, 't1', 'uid-a', slot),
      tell(kit, 'schedulePause', 'uid-a'),
      tell(kit, 'scheduleRemove', 'uid-a'),
    ])
    assert.deepEqual(
      late.map(({ accepted }) => accepted),
      [false, false, false],
    )
    const schedule = await known(kit.store, 'a')
    assert.deepEqual([schedule.rev, schedule.status, { ...schedule.definition }], [2, 'active', moved])
    assert.equal((await fire(kit, 't2', 'uid-a', slot, 2)).accepted, true)
  },

  'schedules: nothing fires one that was removed, and its name is free': async (kit) => {
    await add(kit, 'a')
    const [removed] = await Promise.all([
      tell(kit, 'scheduleRemove', 'uid-a', 1, kit.peer),
      fire(kit, 't1', 'uid-a', slotOf(kit, 1)),
    ])
    assert.equal(removed.accepted, true)
    assert.equal((await fire(kit, 't2', 'uid-a', slotOf(kit, 2))).reason, 'UNKNOWN_SCHEDULE')
    assert.equal((await tell(kit, 'scheduleResume', 'uid-a', 2)).reason, 'UNKNOWN_SCHEDULE')
    assert.deepEqual(await kit.store.schedules(), [])
    const again = await kit.store.append({
      type: 'scheduleAdd',
      uid: 'new',
      at: kit.tick(),
      name: 'a',
      ...definition,
    })
    assert.equal(again.accepted, true)
    assert.equal((await fire(kit, 't3', 'uid-a', slotOf(kit, 3))).accepted, false)
  },

  'schedules: overlap skip uses the slot up, and makes no task': async (kit) => {
    await add(kit, 'a')
    await fire(kit, 't1', 'uid-a', slotOf(kit, 1))
    const slot = slotOf(kit, 2)
    const skipped = await fire(kit, 't2', 'uid-a', slot)
    assert.deepEqual([skipped.accepted, skipped.reason, skipped.task?.id], [false, 'OVERLAP', 't1'])
    assert.equal((await known(kit.store, 'a')).lastSlot, slot)
    await kit.cancel('t1')
    assert.equal((await fire(kit, 't2', 'uid-a', slot)).accepted, false)
    assert.equal((await fire(kit, 't3', 'uid-a', slotOf(kit, 3))).accepted, true)
    assert.deepEqual(told(await known(kit.store, 'a')), ['t1 cancelled', 'OVERLAP …', 't3 …'])
  },

  'schedules: overlap queue lets one task run after the other': async (kit) => {
    await add(kit, 'a', { overlap: 'queue' })
    await fire(kit, 't1', 'uid-a', slotOf(kit, 1))
    await fire(kit, 't2', 'uid-a', slotOf(kit, 2))
    const first = await kit.claim()
    assert.equal(first?.task.id, 't1')
    assert.equal(await kit.claim(), undefined)
    await kit.complete('t1', first?.claim ?? '')
    assert.equal((await kit.claim())?.task.id, 't2')
  },

  'schedules: overlap cancel-previous ends the tasks before': async (kit) => {
    await add(kit, 'a', { overlap: 'cancel-previous' })
    await fire(kit, 't1', 'uid-a', slotOf(kit, 1))
    const first = await kit.claim()
    await fire(kit, 't2', 'uid-a', slotOf(kit, 2))
    await fire(kit, 't3', 'uid-a', slotOf(kit, 3))
    assert.deepEqual(await kit.states('t1', 't2', 't3'), ['running.stopping.cancel', 'cancelled', 'pending.queued'])
    // its work has not ended yet
    assert.equal(await kit.claim(), undefined)
    await kit.end('t1', first?.claim ?? '', 'ended')
    assert.equal((await kit.claim())?.task.id, 't3')
  },

  'schedules: a submit that is refused for another reason uses its slot up': async (kit) => {
    await add(kit, 'a')
    await kit.add('t1')
    const slot = slotOf(kit, 1)
    assert.equal((await fire(kit, 't1', 'uid-a', slot)).accepted, false)
    const schedule = await known(kit.store, 'a')
    assert.deepEqual([schedule.lastSlot, schedule.snapshot.context.fired], [slot, 0])
  },

  'schedules: maxRuns counts the tasks that were made, and ends the schedule with the last': async (kit) => {
    await add(kit, 'a', { maxRuns: 2, overlap: 'queue' })
    await fire(kit, 't1', 'uid-a', slotOf(kit, 1))
    await change(kit, {
      type: 'scheduleSkip',
      uid: 'uid-a',
      rev: 1,
      at: kit.tick(),
      slot: slotOf(kit, 2),
      reason: 'MISSED',
    })
    await fire(kit, 'by-hand', 'uid-a')
    assert.equal((await known(kit.store, 'a')).status, 'active')
    await fire(kit, 't2', 'uid-a', slotOf(kit, 3))
    assert.equal((await known(kit.store, 'a')).status, 'exhausted')
    assert.equal((await fire(kit, 't3', 'uid-a', slotOf(kit, 4))).accepted, false)
    assert.deepEqual(await kit.states('t1', 't2', 't3'), ['pending.queued', 'pending.queued', undefined])
  },

  'schedules: no slot fires behind until, and whoever finds none left ends it': async (kit) => {
    await add(kit, 'a', { until: Date.UTC(2026, 0, 1, 1) + 2 * minute })
    assert.equal((await fire(kit, 't1', 'uid-a', slotOf(kit, 2))).accepted, true)
    await kit.cancel('t1')
    assert.equal((await fire(kit, 't2', 'uid-a', slotOf(kit, 3))).accepted, false)
    assert.equal((await tell(kit, 'scheduleExhaust', 'uid-a')).accepted, true)
    assert.equal((await known(kit.store, 'a')).status, 'exhausted')
  },

  'schedules: one that is over can be removed': async (kit) => {
    await add(kit, 'a', { maxRuns: 1 })
    await fire(kit, 't1', 'uid-a', slotOf(kit, 1))
    const { rev } = await known(kit.store, 'a')
    assert.equal((await tell(kit, 'scheduleRemove', 'uid-a', rev)).accepted, true)
    assert.deepEqual(await kit.store.schedules(), [])
  },

  'schedules: the name of one that is over may be given again': async (kit) => {
    await add(kit, 'a', { maxRuns: 1 })
    await fire(kit, 't1', 'uid-a', slotOf(kit, 1))
    const again = await kit.store.append({ type: 'scheduleAdd', uid: 'new', at: kit.tick(), name: 'a', ...definition })
    assert.deepEqual([again.accepted, (await known(kit.store, 'a')).uid], [true, 'new'])
    assert.equal((await kit.store.schedules()).length, 1)
    assert.equal((await fire(kit, 't2', 'uid-a', slotOf(kit, 2))).accepted, false)
    assert.equal((await fire(kit, 't3', 'new', slotOf(kit, 2))).accepted, true)
  },

  'schedules: an add that is delivered again after the removal counts for nothing': async (kit) => {
    await add(kit, 'a')
    await tell(kit, 'scheduleRemove', 'uid-a')
    const again = await add(kit, 'a', {}, kit.peer)
    assert.deepEqual([again.accepted, again.reason], [false, 'GONE'])
  },

  'schedules: fire by hand at any time, also when paused, but not over a task that runs': async (kit) => {
    await add(kit, 'a', { paused: true, maxRuns: 1 })
    const { lastSlot } = await known(kit.store, 'a')
    assert.equal((await fire(kit, 't1', 'uid-a')).accepted, true)
    assert.equal((await fire(kit, 't2', 'uid-a')).reason, 'OVERLAP')
    await kit.cancel('t1')
    assert.equal((await fire(kit, 't3', 'uid-a')).accepted, true)
    const schedule = await known(kit.store, 'a')
    assert.deepEqual([schedule.status, schedule.lastSlot, schedule.snapshot.context.fired], ['paused', lastSlot, 0])
  },

  'schedules: a firing that is delivered again is the task that it made': async (kit) => {
    await add(kit, 'a')
    const record = kit.record('t1', {
      recipe: 'r',
      schedule: { uid: 'uid-a', rev: 1, slot: slotOf(kit, 0) },
      at: slotOf(kit, 1),
    })
    const [first] = await kit.store.submit([record])
    const [again] = await kit.store.submit([record])
    assert.deepEqual([first && outcome(first), again?.reason, again?.task?.id], ['accepted', 'DEDUP', 't1'])
    assert.equal((await known(kit.store, 'a')).history.length, 1)
  },

  'schedules: the history keeps the newest fifty, with how each task ended': async (kit) => {
    await add(kit, 'a')
    for (let n = 1; n <= 53; n += 1) {
      await fire(kit, `t${n}`, 'uid-a', slotOf(kit, n))
      await kit.cancel(`t${n}`)
    }
    const history = told(await known(kit.store, 'a'))
    assert.deepEqual([history.length, history[0], history.at(-1)], [50, 't4 cancelled', 't53 cancelled'])
  },

  'onSchedules: tells of every change from now on, in order': async (kit) => {
    const heard: string[] = []
    const stop = kit.store.onSchedules((each) => heard.push(`${each?.record.type} ${each?.schedule.status}`))
    await add(kit, 'a', { maxRuns: 2 })
    await fire(kit, 't1', 'uid-a', slotOf(kit, 1))
    await fire(kit, 't2', 'uid-a', slotOf(kit, 2))
    await kit.cancel('t1')
    await tell(kit, 'schedulePause', 'uid-a')
    await tell(kit, 'scheduleResume', 'uid-a', 2)
    await fire(kit, 't3', 'uid-a', slotOf(kit, 3), 3)
    stop()
    await add(kit, 'b')
    assert.deepEqual(heard, [
      'scheduleAdd active',
      'submit active',
      'submit active',
      'schedulePause paused',
      'scheduleResume active',
      'submit exhausted',
    ])
  },

  'schedules: are as durable as tasks': async (kit) => {
    if (!kit.store.durable) return
    await add(kit, 'a', { overlap: 'queue', owner: 'ann' })
    await add(kit, 'b', { maxRuns: 1 })
    await add(kit, 'c')
    await fire(kit, 't1', 'uid-a', slotOf(kit, 1))
    await fire(kit, 't2', 'uid-b', slotOf(kit, 1))
    await tell(kit, 'scheduleRemove', 'uid-c')
    const before = await known(kit.store, 'a', 'ann')
    const said = [before.lastSlot, before.rev, before.definition, told(before), [...before.open]]
    const store = await kit.reopen()
    const after = await known(store, 'a', 'ann')
    assert.deepEqual([after.lastSlot, after.rev, after.definition, told(after), [...after.open]], said)
    assert.equal((await known(store, 'b')).status, 'exhausted')
    assert.equal(await store.scheduleNamed('c'), undefined)
    assert.equal((await fire(kit, 't3', 'uid-a', slotOf(kit, 1), 1, store)).accepted, false)
    assert.equal((await fire(kit, 't4', 'uid-a', slotOf(kit, 2), 1, store)).accepted, true)
  },
} satisfies Record<string, Guarantee>
