import { describe, expect, it } from 'vitest'
import type { SubmitRecord } from '../../../src/machines/records.ts'
import { seededRandom } from '../../../src/random.ts'
import { FileStore } from '../../../src/store/file/store.ts'
import { FaultyDisk } from '../../../src/testing/faulty-disk.ts'
import { VirtualClock } from '../../../src/testing/virtual-clock.ts'

const limits = { timeout: undefined, grace: 0, maxAttempts: 1, maxOrphans: 3 }
const submitOf = (task: string): SubmitRecord => ({ type: 'submit', task, at: 0, name: task, limits })
const named = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${prefix}${i}`)

/** Two processes on one folder, and the ids of the tasks in the order in which each was told of them. */
function twoOnOne() {
  const clock = new VirtualClock()
  const disk = new FaultyDisk({ seed: 1, clock })
  return ['a', 'b'].map((name, i) => {
    const store = new FileStore({
      dir: '/home/store',
      disk: disk.process(),
      clock,
      random: seededRandom(i),
      watch: false,
    })
    const told: string[] = []
    store.subscribe((change) => {
      if (!('event' in change) || change.event.type !== 'submit') return
      told.push(change.task.id)
      // whoever is told may ask at once for what there is, and for more to be written
      void store.get(name)
      void store.forget({ at: 0, keep: 1 })
    })
    return { store, told }
  }) as [{ store: FileStore; told: string[] }, { store: FileStore; told: string[] }]
}

describe('a listener that asks the store for more', () => {
  it('hears of what others wrote in the order of the journal', async () => {
    const [a, b] = twoOnOne()
    await b.store.open()
    // more than is read at a time
    await a.store.submit(named('a', 1_500).map(submitOf))
    await b.store.get('a0')
    expect(b.told).toEqual(a.told)
    expect(b.told).toEqual(named('a', 1_500))
    await a.store.submit([submitOf('last')])
    await b.store.submit([submitOf('own')])
    expect(b.told.slice(-2)).toEqual(['last', 'own'])
    await a.store.get('own')
    expect(a.told).toEqual(b.told)
  })

  it('hears of what was written in one batch before what others wrote behind it', async () => {
    const [a, b] = twoOnOne()
    await a.store.open()
    await b.store.open()
    await Promise.all([a.store.submit(named('a', 20).map(submitOf)), b.store.submit(named('b', 20).map(submitOf))])
    await Promise.all([a.store.get('a0'), b.store.get('a0')])
    expect(a.told).toHaveLength(40)
    expect(b.told).toEqual(a.told)
    expect(a.told.filter((id) => id.startsWith('b'))).toEqual(named('b', 20))
  })
})
