/** @module What a store guarantees of `subscribe` and `close`. */
import { strict as assert } from 'node:assert'
import { setImmediate as turn } from 'node:timers/promises'
import type { StoreChange } from '../../store/store.ts'
import type { Guarantee } from './kit.ts'

/** What was heard, in words. */
const told = (change: StoreChange): string =>
  `${change.task.id} ${'entry' in change ? change.entry.type : change.event.type}`

export const listenGuarantees = {
  'subscribe: tells of every change from now on, in order': async (kit) => {
    await kit.add('before')
    const heard: string[] = []
    kit.store.subscribe((change) => heard.push(told(change)))
    const claim = await kit.run('a')
    await kit.append({ type: 'progress', task: 'a', at: kit.tick(), claim, fraction: 0.5 })
    kit.store.write('a', { type: 'output', at: kit.tick(), chunk: 'out' })
    await kit.complete('a', claim)
    await kit.complete('a', claim)
    await kit.store.forget({ at: kit.tick() })
    assert.deepEqual(heard, ['a submit', 'a start', 'a progress', 'a output', 'a complete', 'a forget'])
  },

  'subscribe: tells what a change brought about behind it': async (kit) => {
    const claim = await kit.run('a')
    await kit.add('b', { needs: ['a'] })
    await kit.add('c', { deadline: kit.now + 100 })
    const heard: string[] = []
    kit.store.subscribe((change) => heard.push(told(change)))
    await kit.complete('a', claim)
    await kit.store.tick(kit.now + 100)
    assert.deepEqual(heard, ['a complete', 'b unblock', 'c timeout'])
  },

  'subscribe: a change shows where the task came from and where it is': async (kit) => {
    const steps: string[] = []
    kit.store.subscribe((change) => {
      if ('event' in change) steps.push(`${change.before.leaf.name} > ${change.task.state}`)
    })
    await kit.finish('a')
    assert.deepEqual(steps, [
      'new > pending.queued',
      'pending.queued > running.executing',
      'running.executing > completed',
    ])
  },

  'subscribe: tells nothing once it was ended, and others all the same': async (kit) => {
    const [first, second]: [string[], string[]] = [[], []]
    const stop = kit.store.subscribe((change) => first.push(told(change)))
    kit.store.subscribe((change) => second.push(told(change)))
    await kit.add('a')
    stop()
    stop()
    await kit.add('b')
    assert.deepEqual([first, second], [['a submit'], ['a submit', 'b submit']])
  },

  'subscribe: may be ended by its own listener': async (kit) => {
    const heard: string[] = []
    const stop = kit.store.subscribe((change) => {
      heard.push(told(change))
      stop()
    })
    await kit.addAll(['a', 'b'])
    assert.deepEqual(heard, ['a submit'])
  },

  'subscribe: a function that listens twice hears all twice, and stops once for each': async (kit) => {
    const heard: string[] = []
    const listener = (change: StoreChange): void => void heard.push(told(change))
    const stop = kit.store.subscribe(listener)
    kit.store.subscribe(listener)
    await kit.add('a')
    stop()
    await kit.add('b')
    assert.deepEqual(heard, ['a submit', 'a submit', 'b submit'])
  },

  'subscribe: a listener that throws harms nobody, and is told': async (kit) => {
    const heard: string[] = []
    const warnings: string[] = []
    const hear = (warning: Error): void => void warnings.push(warning.message)
    process.on('warning', hear)
    const stop = kit.store.subscribe(() => {
      throw new Error('the listener is broken')
    })
    kit.store.subscribe((change) => heard.push(told(change)))
    await kit.add('a')
    stop()
    assert.equal((await kit.claim())?.task.id, 'a')
    assert.deepEqual(heard, ['a submit', 'a start'])
    // warnings come a moment later
    await turn()
    process.off('warning', hear)
    assert.ok(warnings.some((warning) => warning.includes('the listener is broken')))
  },

  'subscribe: what a listener changes is heard after that change, by all in the same order': async (kit) => {
    const claim = await kit.run('a')
    await kit.add('b', { needs: ['a'] })
    const answers: unknown[] = []
    const [first, second]: [string[], string[]] = [[], []]
    kit.store.subscribe((change) => {
      first.push(told(change))
      if (told(change) === 'a complete') answers.push(kit.cancel('b'), kit.submit('c'))
    })
    kit.store.subscribe((change) => second.push(told(change)))
    await kit.complete('a', claim)
    await Promise.all(answers)
    assert.deepEqual(first, ['a complete', 'b unblock', 'b cancel', 'c submit'])
    assert.deepEqual(second, first)
  },

  'sync: ends when all that was told is as durable as it gets': async (kit) => {
    await kit.finish('a')
    await kit.store.sync()
    if (!kit.store.durable) return
    const store = await kit.reopen()
    assert.equal((await store.get('a'))?.state, 'completed')
    await store.sync()
  },

  'close: may be repeated, and durable tasks are there when the store is opened again': async (kit) => {
    await kit.addAll(['a', 'b'])
    await kit.claim()
    const { durable } = kit.store
    const store = durable ? await kit.reopen() : kit.store
    if (durable) {
      const { tasks } = await store.list({})
      assert.deepEqual(
        tasks.map(({ id, state }) => [id, state]),
        [
          ['a', 'running.executing'],
          ['b', 'pending.queued'],
        ],
      )
    }
    await store.close()
    await store.close()
  },
} satisfies Record<string, Guarantee>
