import { describe, expect, it } from 'vitest'
import { userKey } from '../../src/machines/keys.ts'
import type { KeyLimit } from '../../src/machines/records.ts'
import type { KeyState, StoredTask } from '../../src/machines/store-state.ts'
import { seededRandom } from '../../src/random.ts'
import { ReadyQueue, type Taker } from '../../src/store/ready.ts'
import { Journal, type Wish } from '../machines/sim/journal.ts'

const all: Taker = { takes: () => true, fits: () => true }
const key = (name: string, limit = 1): readonly KeyLimit[] => [{ key: userKey + name, limit }]
const recipe = (name: string, limit: number): KeyLimit => ({ key: `recipe:${name}`, limit })

/** A queue beside a fold, kept in step by hand. */
class Bench {
  readonly journal = new Journal()
  readonly queue = new ReadyQueue(this.journal.state)

  add(id: string, wish?: Wish): StoredTask {
    if (!this.journal.submit(id, wish).accepted) throw new Error(`the test cannot submit ${id}`)
    const task = this.journal.task(id)
    this.queue.add(task)
    return task
  }

  /** Starts the next task, as a store does. */
  take(taker: Taker = all): string | undefined {
    const task = this.queue.take(taker)
    if (task === undefined) return undefined
    this.queue.remove(task)
    if (!this.journal.start(task.id).accepted) throw new Error(`${task.id} was offered but may not start`)
    return task.id
  }

  takeAll(taker?: Taker): string[] {
    const ids: string[] = []
    for (let id = this.take(taker); id !== undefined; id = this.take(taker)) ids.push(id)
    return ids
  }

  /** Ends a task and wakes who waits for its keys. */
  end(id: string): void {
    this.journal.complete(id)
    for (const each of this.journal.task(id).spec.keys ?? []) this.queue.wake(each.key)
  }

  ask(id: string, child: string): void {
    if (!this.journal.ask(id, child).accepted) throw new Error(`${id} cannot wait for ${child}`)
    for (const each of this.journal.task(id).spec.keys ?? []) this.queue.wake(each.key)
    this.queue.lend(child)
  }
}

describe('the order of the ready queue', () => {
  it('is that of entry, with nothing else to tell tasks apart', () => {
    const bench = new Bench()
    for (const id of ['a', 'b', 'c']) bench.add(id)
    expect(bench.takeAll()).toEqual(['a', 'b', 'c'])
  })

  it('puts higher priority first, also of a task that entered last', () => {
    const bench = new Bench()
    bench.add('none')
    bench.add('low', { priority: -5 })
    bench.add('high', { priority: 7 })
    bench.add('higher', { priority: 8 })
    bench.add('zero', { priority: 0 })
    expect(bench.takeAll()).toEqual(['higher', 'high', 'none', 'zero', 'low'])
  })

  it('goes round the keys, tasks without one being one key', () => {
    const bench = new Bench()
    for (const id of ['a1', 'a2', 'a3']) bench.add(id, { keys: key('a', 9) })
    for (const id of ['n1', 'n2']) bench.add(id)
    for (const id of ['b1', 'b2']) bench.add(id, { keys: key('b', 9) })
    expect(bench.takeAll()).toEqual(['a1', 'n1', 'b1', 'a2', 'n2', 'b2', 'a3'])
  })

  it('goes round within each priority, never across', () => {
    const bench = new Bench()
    for (const id of ['a1', 'a2']) bench.add(id, { keys: key('a', 9) })
    bench.add('b1', { keys: key('b', 9) })
    bench.add('a9', { keys: key('a', 9), priority: 1 })
    expect(bench.takeAll()).toEqual(['a9', 'a1', 'b1', 'a2'])
  })

  it('is that of entry within a key, whatever the recipes', () => {
    const bench = new Bench()
    bench.add('1', { recipe: 'x', keys: key('a', 9) })
    bench.add('2', { recipe: 'y', keys: key('a', 9) })
    bench.add('3', { keys: key('a', 9) })
    bench.add('4', { recipe: 'x', keys: key('a', 9) })
    expect(bench.takeAll()).toEqual(['1', '2', '3', '4'])
  })

  it('puts a task that enters again at the end', () => {
    const bench = new Bench()
    for (const id of ['a', 'b']) bench.add(id)
    const task = bench.journal.task('a')
    bench.queue.remove(task)
    bench.queue.add(task)
    expect(bench.takeAll()).toEqual(['b', 'a'])
  })

  it('takes a task out of the middle, and out of nowhere', () => {
    const bench = new Bench()
    for (const id of ['a', 'b', 'c']) bench.add(id)
    const gone = bench.journal.task('b')
    bench.queue.remove(gone)
    bench.queue.remove(gone)
    expect(bench.takeAll()).toEqual(['a', 'c'])
  })

  it('offers a task again until it is taken out', () => {
    const bench = new Bench()
    const task = bench.add('a')
    expect([bench.queue.take(all), bench.queue.take(all)]).toEqual([task, task])
  })
})

describe('a full key', () => {
  it('holds back its own tasks only, until it has room', () => {
    const bench = new Bench()
    for (const id of ['a1', 'a2', 'a3']) bench.add(id, { keys: key('a') })
    bench.add('b1', { keys: key('b') })
    bench.add('n1')
    expect(bench.takeAll()).toEqual(['a1', 'b1', 'n1'])
    bench.end('a1')
    expect(bench.takeAll()).toEqual(['a2'])
    bench.end('b1')
    expect(bench.takeAll()).toEqual([])
    bench.end('a2')
    expect(bench.takeAll()).toEqual(['a3'])
  })

  it('holds tasks of all priorities back, and wakes them all', () => {
    const bench = new Bench()
    bench.add('now', { keys: key('a') })
    bench.take()
    bench.add('low', { keys: key('a'), priority: -1 })
    bench.add('high', { keys: key('a'), priority: 1 })
    expect(bench.takeAll()).toEqual([])
    bench.end('now')
    expect(bench.takeAll()).toEqual(['high'])
    bench.end('high')
    expect(bench.takeAll()).toEqual(['low'])
  })

  it('of a recipe holds that recipe back, and not others behind it', () => {
    const bench = new Bench()
    for (const id of ['x1', 'x2']) bench.add(id, { recipe: 'x', keys: [recipe('x', 1)] })
    bench.add('y1', { recipe: 'y' })
    expect(bench.takeAll()).toEqual(['x1', 'y1'])
    bench.end('x1')
    expect(bench.takeAll()).toEqual(['x2'])
  })

  it("with a task of a smaller limit in front lets another recipe's pass, which has room", () => {
    const bench = new Bench()
    bench.add('holder', { keys: key('a', 3) })
    bench.take()
    bench.add('narrow', { recipe: 'x', keys: key('a', 1) })
    expect(bench.takeAll()).toEqual([])
    bench.add('wide', { recipe: 'y', keys: key('a', 3) })
    expect(bench.takeAll()).toEqual(['wide'])
  })

  it('lets the next one start when the task with the smaller limit in front of it is gone', () => {
    const bench = new Bench()
    bench.add('holder', { keys: key('a', 3) })
    bench.take()
    const narrow = bench.add('narrow', { keys: key('a', 1) })
    bench.add('wide', { keys: key('a', 3) })
    expect(bench.takeAll()).toEqual([])
    bench.journal.cancel('narrow')
    bench.queue.remove(narrow)
    expect(bench.takeAll()).toEqual(['wide'])
  })
})

describe('what a worker takes', () => {
  it('never blocks what others take: recipes that it does not know', () => {
    const bench = new Bench()
    for (let i = 0; i < 200; i += 1) bench.add(`x${i}`, { recipe: 'x', priority: 9 })
    bench.add('y', { recipe: 'y' })
    bench.add('n')
    expect(bench.takeAll({ takes: (name) => name === 'y', fits: () => true })).toEqual(['y'])
    expect(bench.takeAll({ takes: (name) => name === undefined, fits: () => true })).toEqual(['n'])
  })

  it('stays for others when they come: nothing is lost', () => {
    const bench = new Bench()
    bench.add('x', { recipe: 'x' })
    expect(bench.take({ takes: () => false, fits: () => true })).toBeUndefined()
    expect(bench.take()).toBe('x')
  })

  it('goes past tasks that do not fit now, without losing their place', () => {
    const bench = new Bench()
    for (const id of ['a', 'b', 'c']) bench.add(id, { recipe: 'x' })
    expect(bench.take({ takes: () => true, fits: ({ id }) => id === 'b' })).toBe('b')
    expect(bench.takeAll()).toEqual(['a', 'c'])
  })

  it('does not park a key of which it takes nothing', () => {
    const bench = new Bench()
    bench.add('held', { keys: key('a') })
    bench.take()
    bench.add('x', { recipe: 'x', keys: key('a') })
    expect(bench.take({ takes: () => false, fits: () => true })).toBeUndefined()
    bench.end('held')
    expect(bench.take()).toBe('x')
  })
})

describe('a lent key', () => {
  it('lets a child start past those who wait for the key of its parent', () => {
    const bench = new Bench()
    bench.add('parent', { keys: key('a') })
    bench.take()
    bench.add('stranger', { keys: key('a') })
    bench.add('child', { keys: key('a'), under: 'parent' })
    expect(bench.takeAll()).toEqual([])
    bench.ask('parent', 'child')
    expect(bench.takeAll()).toEqual(['child'])
  })

  it('reaches a grandchild over a child that has no key', () => {
    const bench = new Bench()
    bench.add('parent', { keys: key('a') })
    bench.take()
    bench.add('stranger', { keys: key('a') })
    bench.add('child', { under: 'parent' })
    expect(bench.takeAll()).toEqual(['child'])
    bench.ask('parent', 'child')
    bench.add('grandchild', { keys: key('a'), under: 'child' })
    bench.ask('child', 'grandchild')
    expect(bench.takeAll()).toEqual(['grandchild'])
  })

  it('reaches a task that was queued before somebody waited for it', () => {
    const bench = new Bench()
    bench.add('parent', { keys: key('a') })
    bench.take()
    for (const id of ['stranger', 'known']) bench.add(id, { keys: key('a') })
    expect(bench.takeAll()).toEqual([])
    bench.ask('parent', 'known')
    expect(bench.takeAll()).toEqual(['known'])
  })

  it('reaches what a waiting task waits for, when somebody waits for that one', () => {
    const bench = new Bench()
    bench.add('middle')
    bench.take()
    bench.add('parent', { keys: key('a') })
    bench.take()
    for (const id of ['stranger', 'known']) bench.add(id, { keys: key('a') })
    bench.ask('middle', 'known')
    expect(bench.takeAll()).toEqual([])
    bench.ask('parent', 'middle')
    expect(bench.takeAll()).toEqual(['known'])
  })

  it('is not kept from one child by another whose other key is full', () => {
    const bench = new Bench()
    bench.add('busy', { keys: key('b') })
    bench.take()
    bench.add('parent', { recipe: 'x', keys: [recipe('x', 1)] })
    bench.take()
    for (const [id, name] of [
      ['first', 'b'],
      ['second', 'c'],
    ] as const) {
      bench.add(id, { recipe: 'x', keys: [...key(name), recipe('x', 1)], under: 'parent' })
    }
    bench.ask('parent', 'second')
    expect(bench.takeAll()).toEqual(['second'])
  })

  it('counts no more once its lender has ended: the child takes turns with its key', () => {
    const bench = new Bench()
    bench.add('parent', { keys: key('a', 9) })
    bench.take()
    bench.journal.submit('child', { keys: key('a', 9), under: 'parent' })
    bench.end('parent')
    for (const id of ['a1', 'a2']) bench.add(id, { keys: key('a', 9) })
    bench.add('n')
    bench.queue.add(bench.journal.task('child'))
    expect(bench.takeAll()).toEqual(['a1', 'n', 'a2', 'child'])
  })
})

describe('the cost of the ready queue', () => {
  const count = 100_000

  /** Adds, takes and removes `count` tasks; returns the elementary steps of the takes, for each task. */
  function stepsPerTask(wish: (i: number) => Wish, taker: Partial<Taker> = {}): number {
    const bench = new Bench()
    let steps = 0
    const keys = new Map<string, KeyState>()
    const { get } = keys
    keys.get = (name) => {
      steps += 1
      return get.call(keys, name)
    }
    Object.assign(bench.journal.state, { keys })
    const counting: Taker = {
      takes: (name) => {
        steps += 1
        return taker.takes?.(name) ?? true
      },
      fits: (task) => {
        steps += 1
        return taker.fits?.(task) ?? true
      },
    }
    const tasks = Array.from({ length: count }, (_, i) => bench.add(`t${i}`, wish(i)))
    // every third leaves from the middle
    for (let i = 0; i < count; i += 3) bench.queue.remove(tasks[i] as StoredTask)
    let taken = 0
    for (let task = bench.queue.take(counting); task !== undefined; task = bench.queue.take(counting)) {
      bench.queue.remove(task)
      taken += 1
    }
    expect(taken).toBe(count - Math.ceil(count / 3))
    return steps / taken
  }

  it.each<[string, (i: number) => Wish]>([
    ['without keys', () => ({})],
    ['of as many keys', (i) => ({ keys: key(`k${i}`) })],
    ['of a thousand keys', (i) => ({ keys: key(`k${i % 1_000}`, 1_000) })],
    ['of one key', () => ({ keys: key('k') })],
    ['of twenty recipes', (i) => ({ recipe: `r${i % 20}` })],
    ['of twenty priorities', (i) => ({ priority: i % 20 })],
  ])('is flat for 100,000 tasks %s', (_, wish) => {
    expect(stepsPerTask(wish)).toBeLessThan(25)
  })

  it('does not grow with the tasks that wait for full keys', () => {
    const bench = new Bench()
    for (let i = 0; i < 1_000; i += 1) bench.add(`holder${i}`, { keys: key(`k${i}`) })
    expect(bench.takeAll()).toHaveLength(1_000)
    for (let i = 0; i < 10_000; i += 1) bench.add(`k${i}`, { keys: key(`k${i % 1_000}`) })
    for (let i = 0; i < 1_000; i += 1) bench.add(`n${i}`)
    const { keys } = bench.journal.state
    const { get } = keys
    let asked = 0
    keys.get = (name) => {
      asked += 1
      return get.call(keys, name)
    }
    expect(bench.takeAll()).toHaveLength(1_000)
    expect(asked).toBeLessThan(5_000)
  })
})

describe('any mix of adds, removals and takes', () => {
  it('offers exactly the tasks that may start, and loses none', () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const random = seededRandom(seed)
      const pick = (n: number): number => Math.floor(random.next() * n)
      const bench = new Bench()
      const waiting = new Set<string>()
      const running: string[] = []
      for (let step = 0; step < 400; step += 1) {
        const what = random.next()
        if (what < 0.5) {
          const keys = pick(3) === 0 ? [] : key(`k${pick(3)}`, 1 + pick(2))
          const id = `t${step}`
          bench.add(id, { priority: pick(3), keys, ...(pick(2) === 0 && { recipe: `r${pick(3)}` }) })
          waiting.add(id)
        } else if (what < 0.6 && waiting.size > 0) {
          const id = [...waiting][pick(waiting.size)] as string
          bench.journal.cancel(id)
          bench.queue.remove(bench.journal.task(id))
          waiting.delete(id)
        } else if (what < 0.8) {
          const id = bench.take()
          if (id === undefined) continue
          expect(waiting.delete(id)).toBe(true)
          running.push(id)
        } else if (running.length > 0) {
          bench.end(running.splice(pick(running.length), 1)[0] as string)
        }
      }
      for (;;) {
        for (const id of bench.takeAll()) {
          waiting.delete(id)
          running.push(id)
        }
        if (running.length === 0) break
        for (const id of running.splice(0)) bench.end(id)
      }
      expect([...waiting], `seed ${seed}`).toEqual([])
    }
  })
})
