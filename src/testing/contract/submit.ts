/** @module What a store guarantees of `submit`. */
import { strict as assert } from 'node:assert'
import type { Guarantee } from './kit.ts'

export const submitGuarantees = {
  'submit: keeps what was said of the task': async (kit) => {
    const wish = {
      owner: 'ann',
      tags: ['a', 'b'],
      metadata: { ticket: 7 },
      priority: 3,
      recipe: 'research',
      input: { query: 'why' },
      config: { depth: 2 },
      sessionId: 's1',
    }
    await kit.add('a', wish)
    const { spec, status, seq } = await kit.task('a')
    assert.deepEqual({ ...spec }, { ...spec, ...wish, task: 'a', name: 'a', type: 'submit' })
    assert.deepEqual([status, seq], ['pending', 1])
  },

  'submit: is durable when it resolves': async (kit) => {
    await kit.add('a', { recipe: 'r', input: { n: 1 } })
    const claim = await kit.run('b', { recipe: 'r' })
    await kit.complete('b', claim, { sum: 2 })
    if (!kit.store.durable) return
    const store = await kit.reopen()
    const [a, b] = [await store.get('a'), await store.get('b')]
    assert.deepEqual([a?.state, a?.spec.input], ['pending.queued', { n: 1 }])
    assert.deepEqual(b?.snapshot.context.outcome, { status: 'completed', result: { sum: 2 } })
  },

  'submit: is idempotent by id': async (kit) => {
    const record = kit.record('a')
    await kit.store.submit([record])
    const claim = await kit.claim()
    const [verdict] = await kit.store.submit([record])
    assert.deepEqual([verdict?.accepted, verdict?.reason, verdict?.task?.id], [false, 'DEDUP', 'a'])
    assert.equal((await kit.task('a')).snapshot.context.claim, claim?.claim)
    assert.equal(kit.store.counts.pending + kit.store.counts.running, 1)
  },

  'submit: refuses another input, or another owner, under a known id': async (kit) => {
    await kit.add('a', { owner: 'ann', fingerprint: 'one' })
    const other = await kit.submit('a', { owner: 'ann', fingerprint: 'two' })
    assert.deepEqual([other.accepted, other.reason], [false, 'ID_CONFLICT'])
    const stranger = await kit.submit('a', { owner: 'bob', fingerprint: 'one' })
    // a stranger must not learn of the task
    assert.deepEqual([stranger.reason, stranger.task, stranger.detail], ['ID_CONFLICT', undefined, undefined])
  },

  'submit: is idempotent by recipe, owner and idempotency key': async (kit) => {
    const wish = { recipe: 'r', owner: 'ann', idempotencyKey: 'k', fingerprint: 'one' }
    await kit.add('a', wish)
    const again = await kit.submit('b', wish)
    assert.deepEqual([again.accepted, again.reason, again.task?.id], [false, 'DEDUP', 'a'])
    assert.equal((await kit.submit('c', { ...wish, fingerprint: 'two' })).reason, 'KEY_CONFLICT')
    await kit.addAll(['d'], { ...wish, owner: 'bob' })
    await kit.addAll(['e'], { ...wish, recipe: 's' })
  },

  'submit: an idempotency key is free again when its task failed or was cancelled': async (kit) => {
    const wish = { recipe: 'r', idempotencyKey: 'k' }
    await kit.add('a', wish)
    await kit.cancel('a')
    await kit.fail('b', await kit.run('b', wish))
    await kit.finish('c', wish)
    assert.equal((await kit.submit('d', wish)).task?.id, 'c')
  },

  'submit: of one submit at the same time, one counts': async (kit) => {
    const wish = { recipe: 'r', idempotencyKey: 'k' }
    const ids = ['a', 'b', 'c', 'd', 'e']
    const verdicts = await Promise.all(ids.map((id) => kit.submit(id, wish)))
    const [won] = verdicts.filter(({ accepted }) => accepted)
    assert.equal(verdicts.filter(({ accepted }) => accepted).length, 1)
    assert.deepEqual(new Set(verdicts.map(({ task }) => task?.id)), new Set([won?.task?.id]))
  },

  'submit: answers all verdicts in order, each on its own': async (kit) => {
    await kit.add('known', { fingerprint: 'one' })
    const records = [
      kit.record('a'),
      kit.record('known', { fingerprint: 'two' }),
      kit.record('b', { needs: ['nobody'] }),
      kit.record('c', { needs: ['a'] }),
      kit.record('a'),
    ]
    const verdicts = await kit.store.submit(records)
    assert.deepEqual(
      verdicts.map(({ accepted, reason }) => (accepted ? 'accepted' : reason)),
      ['accepted', 'ID_CONFLICT', 'UNKNOWN_DEPENDENCY', 'accepted', 'DEDUP'],
    )
    assert.deepEqual(await kit.states('a', 'b', 'c'), ['pending.queued', undefined, 'pending.blocked'])
    assert.deepEqual(await kit.store.submit([]), [])
  },

  'submit: a task waits for those that it needs': async (kit) => {
    const claim = await kit.run('a')
    await kit.finish('b')
    await kit.add('all', { needs: ['a', 'b'] })
    await kit.add('settled', { needs: ['b'] })
    assert.deepEqual(await kit.states('all', 'settled'), ['pending.blocked', 'pending.queued'])
    await kit.complete('a', claim)
    assert.equal(await kit.at('all'), 'pending.queued')
  },

  'submit: a task whose need fails, or has failed, fails': async (kit) => {
    const claim = await kit.run('a')
    await kit.addAll(['before'], { needs: ['a'] })
    await kit.addAll(['far'], { needs: ['before'] })
    await kit.fail('a', claim)
    await kit.addAll(['after'], { needs: ['a'] })
    for (const id of ['before', 'far', 'after']) {
      const { outcome } = (await kit.task(id)).snapshot.context
      assert.equal(outcome?.status === 'failed' && outcome.error.code, 'DEPENDENCY', id)
    }
  },

  'submit: a child needs a parent that runs, under its claim': async (kit) => {
    const claim = await kit.run('parent')
    await kit.add('child', { parent: { task: 'parent', claim } })
    assert.equal((await kit.submit('stale', { parent: { task: 'parent', claim: 'other' } })).reason, 'PARENT_ENDED')
    await kit.complete('parent', claim)
    assert.equal((await kit.submit('late', { parent: { task: 'parent', claim } })).reason, 'PARENT_ENDED')
    assert.deepEqual(await kit.states('child', 'stale', 'late'), ['pending.queued', undefined, undefined])
  },
} satisfies Record<string, Guarantee>
