/** @module What a store guarantees of firings: that each slot counts once, whoever fires it. */
import { strict as assert } from 'node:assert'
import type { Guarantee } from './kit.ts'
import { add, change, fire, known, minute, outcome, slotOf, tell, told } from './schedule-kit.ts'

export const firingGuarantees = {
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
} satisfies Record<string, Guarantee>
