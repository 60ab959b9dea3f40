/** @module What a store guarantees of `forget`. */
import { strict as assert } from 'node:assert'
import type { Guarantee } from './kit.ts'

export const forgetGuarantees = {
  'forget: forgets finished tasks, all that was kept of them, and no other': async (kit) => {
    await kit.finish('completed')
    kit.store.write('completed', { type: 'output', at: kit.now, chunk: 'out' })
    await kit.fail('failed', await kit.run('failed'))
    await kit.add('cancelled')
    await kit.cancel('cancelled')
    await kit.run('running')
    await kit.add('queued')
    await kit.add('delayed', { delay: 9 })
    const answer = await kit.store.forget({ at: kit.tick() })
    assert.deepEqual(answer, { forgotten: 3, kept: [], oldest: undefined })
    const states = await kit.states('completed', 'failed', 'cancelled', 'running', 'queued', 'delayed')
    assert.deepEqual(states, [
      undefined,
      undefined,
      undefined,
      'running.executing',
      'pending.queued',
      'pending.delayed',
    ])
    assert.deepEqual(await kit.store.stream('completed'), [])
  },

  'forget: never forgets what an unfinished task needs': async (kit) => {
    await kit.finish('needed')
    await kit.finish('free')
    await kit.add('user', { needs: ['needed'] })
    const { forgotten, kept } = await kit.store.forget({ at: kit.tick() })
    assert.deepEqual([forgotten, kept], [1, ['needed']])
    assert.equal(await kit.at('needed'), 'completed')
    await kit.cancel('user')
    assert.deepEqual((await kit.store.forget({ at: kit.tick() })).kept, [])
    assert.equal(await kit.at('needed'), undefined)
  },

  'forget: never forgets a task whose work still runs': async (kit) => {
    const claim = await kit.abandon('zombie')
    const { forgotten, kept, oldest } = await kit.store.forget({ at: kit.tick() })
    const { endedAt } = (await kit.task('zombie')).snapshot.context
    assert.deepEqual([forgotten, kept, oldest], [0, ['zombie'], endedAt])
    await kit.end('zombie', claim, 'freed')
    assert.equal((await kit.store.forget({ at: kit.tick() })).forgotten, 1)
  },

  'forget: endedBy spares what ended later, and oldest tells when the oldest left ended': async (kit) => {
    await kit.finish('a')
    const first = kit.now
    await kit.finish('b')
    const second = kit.now
    assert.equal((await kit.store.forget({ at: kit.tick(), endedBy: first - 1 })).forgotten, 0)
    const answer = await kit.store.forget({ at: kit.tick(), endedBy: first })
    assert.deepEqual(answer, { forgotten: 1, kept: [], oldest: second })
    assert.deepEqual(await kit.states('a', 'b'), [undefined, 'completed'])
  },

  'forget: keep spares the newest': async (kit) => {
    const late = await kit.run('submitted first, ended last')
    await kit.finish('a')
    await kit.finish('b')
    await kit.complete('submitted first, ended last', late)
    assert.equal((await kit.store.forget({ at: kit.tick(), keep: 3 })).forgotten, 0)
    assert.equal((await kit.store.forget({ at: kit.tick(), keep: 1 })).forgotten, 2)
    assert.equal(await kit.at('submitted first, ended last'), 'completed')
  },

  'forget: forgets only what the query means and the last word accepts': async (kit) => {
    await kit.finish('a', { owner: 'ann', tags: ['x'] })
    await kit.finish('b', { owner: 'bob', recipe: 'r' })
    await kit.fail('c', await kit.run('c', { owner: 'ann' }))
    await kit.store.forget({ at: kit.tick(), owner: 'ann', status: 'completed', accepts: () => false })
    assert.deepEqual(await kit.states('a', 'b', 'c'), ['completed', 'completed', 'failed'])
    await kit.store.forget({ at: kit.tick(), owner: 'ann', status: 'completed', accepts: ({ id }) => id !== 'b' })
    assert.deepEqual(await kit.states('a', 'b', 'c'), [undefined, 'completed', 'failed'])
    await kit.store.forget({ at: kit.tick(), recipe: 'r' })
    assert.deepEqual(await kit.states('b', 'c'), [undefined, 'failed'])
  },

  'forget: a forgotten id is gone: it never runs again': async (kit) => {
    const record = kit.record('a')
    await kit.store.submit([record])
    await kit.cancel('a')
    await kit.store.forget({ at: kit.tick() })
    const [verdict] = await kit.store.submit([record])
    assert.deepEqual([verdict?.accepted, verdict?.reason], [false, 'GONE'])
    assert.equal((await kit.cancel('a')).reason, 'GONE')
    assert.equal(await kit.claim(), undefined)
  },

  'forget: frees the idempotency key': async (kit) => {
    await kit.finish('a', { recipe: 'r', idempotencyKey: 'k' })
    await kit.store.forget({ at: kit.tick() })
    await kit.add('b', { recipe: 'r', idempotencyKey: 'k' })
  },
} satisfies Record<string, Guarantee>
