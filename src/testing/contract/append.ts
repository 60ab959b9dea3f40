/** @module What a store guarantees of `append` and `tick`. */
import { strict as assert } from 'node:assert'
import type { Outcome } from '../../machines/task.ts'
import { type Guarantee, type Kit, keyed } from './kit.ts'

const outcomeOf = async (kit: Kit, id: string): Promise<Outcome | undefined> =>
  (await kit.task(id)).snapshot.context.outcome

export const appendGuarantees = {
  'append: what is refused says why and leaves no trace': async (kit) => {
    const claim = await kit.run('a')
    await kit.finish('done')
    const heard: unknown[] = []
    kit.store.subscribe((change) => heard.push(change))
    const before = [(await kit.task('a')).snapshot, (await kit.task('done')).snapshot]
    const refusals = [
      await kit.complete('a', 'another claim'),
      await kit.append({ type: 'start', task: 'a', at: kit.tick(), run: 2, claim: 'mine', worker: 'w2' }),
      await kit.complete('done', 'another claim'),
      await kit.cancel('done'),
      await kit.complete('nobody', claim),
    ]
    assert.deepEqual(
      refusals.map(({ accepted, reason, changes }) => [accepted, reason, changes.length]),
      [
        [false, 'FENCED', 0],
        [false, 'STATE', 0],
        [false, 'FENCED', 0],
        [false, 'STATE', 0],
        [false, 'UNKNOWN_TASK', 0],
      ],
    )
    assert.deepEqual([(await kit.task('a')).snapshot, (await kit.task('done')).snapshot], before)
    assert.equal(heard.length, 0)
  },

  'append: a record delivered again changes nothing': async (kit) => {
    const claim = await kit.run('a', { limits: { maxAttempts: 3 } })
    const error = { code: 'ERROR', message: 'broken' }
    const record = { type: 'fail', task: 'a', at: kit.tick(), claim, error, retryAt: kit.now } as const
    assert.equal((await kit.append(record)).accepted, true)
    assert.equal((await kit.append(record)).accepted, false)
    await kit.claim('w2')
    assert.equal((await kit.append(record)).accepted, false)
    const { failures, run } = (await kit.task('a')).snapshot.context
    assert.deepEqual([failures, run], [1, 2])
  },

  'append: the order of cancel and complete is the whole answer': async (kit) => {
    const late = await kit.run('cancelled first')
    assert.equal((await kit.cancel('cancelled first')).accepted, true)
    await kit.complete('cancelled first', late, 'too late')
    assert.deepEqual(await outcomeOf(kit, 'cancelled first'), { status: 'cancelled', reason: 'enough', by: 'a test' })
    await kit.complete('completed first', await kit.run('completed first'), 'in time')
    assert.equal((await kit.cancel('completed first')).accepted, false)
    assert.deepEqual(await outcomeOf(kit, 'completed first'), { status: 'completed', result: 'in time' })
  },

  'append: of many ends at the same time exactly one counts': async (kit) => {
    const claim = await kit.run('a')
    const ends = [
      kit.complete('a', claim, 1),
      kit.complete('a', claim, 2),
      kit.fail('a', claim),
      kit.complete('a', claim, 3),
    ]
    const counted = (await Promise.all(ends)).filter(({ accepted }) => accepted)
    assert.equal(counted.length, 1)
    assert.equal((await kit.task('a')).settled, true)
  },

  'append: a failed attempt is tried again while attempts are left': async (kit) => {
    const first = await kit.run('a', { limits: { maxAttempts: 2 } })
    await kit.fail('a', first, kit.now + 1_000)
    assert.equal(await kit.at('a'), 'pending.delayed')
    const second = await kit.claim('w2', { at: kit.now + 1_000 })
    await kit.fail('a', second?.claim ?? '', kit.now + 2_000)
    const { status } = (await outcomeOf(kit, 'a')) ?? {}
    assert.equal(status, 'failed')
  },

  'append: expire ends all claims of a worker, and nothing of it counts any more': async (kit) => {
    const [a, b] = [await kit.run('a', {}, 'w2'), await kit.run('b', { limits: { maxOrphans: 0 } }, 'w2')]
    await kit.run('c', {}, 'w1')
    assert.equal((await kit.expire('w2')).accepted, true)
    assert.deepEqual(await kit.states('a', 'b', 'c'), ['pending.queued', 'failed', 'running.executing'])
    assert.deepEqual([(await kit.complete('a', a)).accepted, (await kit.complete('b', b)).accepted], [false, false])
    assert.equal((await kit.expire('w2')).accepted, false)
    const outcome = await outcomeOf(kit, 'b')
    assert.equal(outcome?.status === 'failed' && outcome.error.code, 'LOST')
  },

  'append: release hands a task back, which counts as nothing': async (kit) => {
    const claim = await kit.run('a', { limits: { maxOrphans: 0 } })
    await kit.end('a', claim, 'release')
    assert.equal((await kit.claim('w2'))?.task.id, 'a')
    const { failures, orphans } = (await kit.task('a')).snapshot.context
    assert.deepEqual([failures, orphans], [0, 0])
  },

  'append: a parent that ends badly takes its children with it': async (kit) => {
    const claim = await kit.run('parent')
    await kit.addAll(['pending'], { parent: { task: 'parent', claim } })
    await kit.run('running', { parent: { task: 'parent', claim } })
    const { changes } = await kit.fail('parent', claim)
    assert.deepEqual(await kit.states('pending', 'running'), ['cancelled', 'running.stopping.cancel'])
    assert.deepEqual(
      changes.map(({ task, event }) => `${task.id} ${event.type}`),
      ['parent fail', 'pending cancel', 'running cancel'],
    )
  },

  'append: a wait ends with the child, and no circle of waits is begun': async (kit) => {
    const parent = await kit.run('parent')
    const child = await kit.run('child')
    assert.equal((await kit.ask('parent', parent, 1, 'child')).accepted, true)
    assert.equal((await kit.ask('child', child, 1, 'parent')).reason, 'DEADLOCK')
    await kit.complete('child', child)
    assert.equal(await kit.at('parent'), 'running.executing')
    assert.equal((await kit.ask('parent', parent, 2, 'child')).accepted, false)
  },

  'append: progress is kept with the task': async (kit) => {
    const claim = await kit.run('a')
    const record = { type: 'progress', task: 'a', at: kit.tick(), claim, fraction: 0.5, message: 'half way' } as const
    assert.equal((await kit.append(record)).accepted, true)
    assert.deepEqual((await kit.task('a')).snapshot.context.progress, { fraction: 0.5, message: 'half way' })
  },

  'tick: ends what is overdue, pending or running': async (kit) => {
    const deadline = kit.now + 100
    await kit.run('running', { deadline, keys: keyed('a') })
    await kit.add('queued', { deadline, keys: keyed('a') })
    await kit.add('delayed', { deadline, delay: 50 })
    await kit.add('blocked', { deadline, needs: ['running'] })
    await kit.store.tick(deadline - 1)
    assert.equal(await kit.at('queued'), 'pending.queued')
    await kit.store.tick(deadline)
    const states = await kit.states('running', 'queued', 'delayed', 'blocked')
    assert.deepEqual(states, ['running.stopping.timeout', 'failed', 'failed', 'failed'])
  },

  'tick: answers when time alone changes something next': async (kit) => {
    assert.equal(await kit.store.tick(kit.now), undefined)
    const start = kit.now
    await kit.add('late', { deadline: start + 900 })
    await kit.add('soon', { delay: 99 })
    assert.equal(await kit.store.tick(kit.now), kit.now + 99)
    await kit.cancel('soon')
    assert.equal(await kit.store.tick(kit.now), start + 900)
    await kit.finish('done', { deadline: start + 500 })
    assert.equal(await kit.store.tick(kit.now), start + 900)
    assert.equal(await kit.store.tick(start + 900), undefined)
  },
} satisfies Record<string, Guarantee>
