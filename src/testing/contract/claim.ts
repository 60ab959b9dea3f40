/** @module What a store guarantees of `claim`. */
import { strict as assert } from 'node:assert'
import { type Guarantee, keyed } from './kit.ts'

export const claimGuarantees = {
  'claim: gives each task to one worker only': async (kit) => {
    const ids = Array.from({ length: 10 }, (_, i) => `t${i}`)
    await kit.addAll(ids)
    const won = await Promise.all(Array.from({ length: 24 }, (_, i) => kit.claim(`w${i % 3}`)))
    const taken = won.flatMap((each) => (each === undefined ? [] : each.task.id))
    assert.deepEqual(taken.toSorted(), ids)
    assert.equal(new Set(won.map((each) => each?.claim)).size, 11)
  },

  'claim: starts the task under the claim that it answers': async (kit) => {
    await kit.add('a')
    const won = await kit.claim('w2')
    const { snapshot, state } = await kit.task('a')
    const { claim, worker, run, startedAt } = snapshot.context
    assert.deepEqual([state, claim, worker, run], ['running.executing', won?.claim, 'w2', 1])
    assert.equal(startedAt, kit.now)
    assert.equal(await kit.claim(), undefined)
  },

  'claim: is fenced: only the latest claim of a task speaks for it': async (kit) => {
    const first = await kit.run('a', { limits: { maxOrphans: 5 } }, 'w2')
    await kit.expire('w2')
    const second = await kit.claim('w1')
    assert.notEqual(second?.claim, first)
    assert.equal((await kit.complete('a', first)).reason, 'FENCED')
    assert.equal(await kit.at('a'), 'running.executing')
    assert.equal((await kit.complete('a', second?.claim ?? '')).accepted, true)
    assert.equal((await kit.task('a')).snapshot.context.run, 2)
  },

  'claim: gives a worker that was declared dead nothing, and takes nothing from others': async (kit) => {
    await kit.run('a', {}, 'w2')
    await kit.expire('w2')
    await kit.addAll(['b', 'c'])
    await assert.rejects(kit.claim('w2'), { code: 'FENCED' })
    assert.deepEqual(await kit.claimAll('w1'), ['a', 'b', 'c'])
  },

  'claim: prefers higher priority': async (kit) => {
    await kit.add('low', { priority: -1 })
    await kit.add('none')
    await kit.add('high', { priority: 5 })
    await kit.add('higher', { priority: 6 })
    assert.deepEqual(await kit.claimAll(), ['higher', 'high', 'none', 'low'])
  },

  'claim: goes round the concurrency keys, tasks without one being one key': async (kit) => {
    await kit.addAll(['a1', 'a2', 'a3'], { keys: keyed('a', 9) })
    await kit.addAll(['n1', 'n2'])
    await kit.addAll(['b1'], { keys: keyed('b', 9) })
    assert.deepEqual(await kit.claimAll(), ['a1', 'n1', 'b1', 'a2', 'n2', 'a3'])
  },

  'claim: keeps the order of entry otherwise, whatever the recipes': async (kit) => {
    await kit.add('1', { recipe: 'x' })
    await kit.add('2', { recipe: 'y' })
    await kit.add('3')
    await kit.add('4', { recipe: 'x' })
    assert.deepEqual(await kit.claimAll(), ['1', '2', '3', '4'])
  },

  'claim: gives only recipes that the worker takes, past all others': async (kit) => {
    await kit.addAll(['x1', 'x2'], { recipe: 'x', priority: 9 })
    await kit.add('y', { recipe: 'y' })
    await kit.add('n')
    assert.deepEqual(await kit.claimAll('w1', { takes: (recipe) => recipe === 'y' }), ['y'])
    assert.deepEqual(await kit.claimAll('w1', { takes: (recipe) => recipe === undefined }), ['n'])
    // with several workers the order is a rough one, so that they do not all try for the same task
    assert.deepEqual((await kit.claimAll('w2', { takes: (recipe) => recipe === 'x' })).toSorted(), ['x1', 'x2'])
  },

  'claim: gives only tasks that fit the worker, and loses none': async (kit) => {
    await kit.addAll(['a', 'b', 'c'])
    assert.deepEqual(await kit.claimAll('w1', { fits: ({ id }) => id === 'b' }), ['b'])
    // with several workers the order is a rough one
    assert.deepEqual((await kit.claimAll('w2')).toSorted(), ['a', 'c'])
  },

  'claim: keeps the limit of a key over the whole store': async (kit) => {
    await kit.addAll(['a1', 'a2', 'a3'], { keys: keyed('a', 2) })
    await kit.add('b', { keys: keyed('b') })
    const [first] = [await kit.claim('w1'), await kit.claim('w2'), await kit.claim('w2'), await kit.claim('w1')]
    // with several workers the order is a rough one, so that they do not all try for the same task
    const running = (await kit.store.list({ status: 'running' })).tasks.map(({ id }) => id[0])
    assert.deepEqual(running.toSorted(), ['a', 'a', 'b'])
    const { tasks } = await kit.store.list({ status: 'pending' })
    await kit.complete(first?.task.id ?? '', first?.claim ?? '')
    const next = first?.task.id === 'b' ? [] : tasks.map(({ id }) => id)
    assert.deepEqual(await kit.claimAll('w2'), next)
  },

  'claim: a zombie keeps its key until its work has ended': async (kit) => {
    const zombie = await kit.abandon('a1', { keys: keyed('a') })
    await kit.add('a2', { keys: keyed('a') })
    assert.equal(await kit.claim(), undefined)
    assert.equal((await kit.end('a1', zombie, 'freed')).accepted, true)
    assert.equal((await kit.claim())?.task.id, 'a2')
    assert.equal(await kit.at('a1'), 'cancelled')
  },

  'claim: a parent that waits lends its key to its child': async (kit) => {
    const claim = await kit.run('parent', { keys: keyed('a') })
    await kit.add('stranger', { keys: keyed('a') })
    await kit.add('child', { keys: keyed('a'), parent: { task: 'parent', claim } })
    assert.deepEqual(await kit.claimAll(), [])
    await kit.ask('parent', claim, 1, 'child')
    assert.equal(await kit.at('parent'), 'running.waiting')
    assert.deepEqual(await kit.claimAll('w2'), ['child'])
  },

  'claim: gives a delayed task when it is due, not before': async (kit) => {
    await kit.add('a', { delay: 500 })
    const due = (await kit.task('a')).snapshot.context.dueAt ?? 0
    assert.equal(due, kit.now + 500)
    assert.equal(await kit.claim('w1', { at: due - 1 }), undefined)
    assert.equal((await kit.claim('w1', { at: due }))?.task.id, 'a')
  },

  'claim: loses no task to a worker whose clock is behind': async (kit) => {
    await kit.add('a', { delay: 500 })
    const due = kit.now + 500
    await kit.store.tick(due)
    assert.equal(await kit.claim('w1', { at: due - 1 }), undefined)
    assert.equal((await kit.claim('w2', { at: due }))?.task.id, 'a')
  },

  'claim: never gives a task whose deadline has passed, and ends it': async (kit) => {
    await kit.add('late', { deadline: kit.now + 100 })
    await kit.add('b')
    assert.equal((await kit.claim('w1', { at: kit.now + 200 }))?.task.id, 'b')
    const { outcome } = (await kit.task('late')).snapshot.context
    assert.equal(outcome?.status === 'failed' && outcome.error.code, 'TIMEOUT')
  },

  'claim: never gives a task that is blocked, cancelled or running': async (kit) => {
    await kit.run('running')
    await kit.add('blocked', { needs: ['running'] })
    await kit.add('cancelled')
    await kit.cancel('cancelled')
    assert.deepEqual(await kit.claimAll(), [])
  },
} satisfies Record<string, Guarantee>
