/** @module What a store guarantees of schedules: names, commands, and what is kept of them. */
import { strict as assert } from 'node:assert'
import type { Guarantee } from './kit.ts'
import { add, change, definition, fire, known, slotOf, tell, told } from './schedule-kit.ts'

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
