import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/random.ts'
import type { TaskFeedEvent } from '../../src/runner/feed.ts'
import type { BackgroundTask } from '../../src/runner/task.ts'
import type { TaskContext } from '../../src/runner/types.ts'
import { MemoryStore } from '../../src/store/memory.ts'
import { testRunner } from '../../src/testing/runner.ts'
import { brief, record, recorded } from './recorded.ts'

describe('the events of a task', () => {
  it('begin with a snapshot, tell everything in order, and end once it has settled', async () => {
    const { task, events } = await recorded(async ({ progress, log, write, sleep }) => {
      log('begin', { n: 0 })
      progress(0.5, 'half')
      write('some text')
      await sleep('1s')
      log.warn('slow')
      progress(1)
      write('more')
    })
    expect(events.map(brief)).toEqual([
      ['snapshot', 'pending.queued'],
      ['start', 'running.executing'],
      ['info', 'begin', { n: 0 }],
      ['progress', 0.5, 'half'],
      ['output', 'some text'],
      ['warn', 'slow', undefined],
      ['progress', 1, undefined],
      ['output', 'more'],
      ['complete', 'completed'],
    ])
    expect(new Set(events.map(({ id }) => id))).toEqual(new Set([task.id]))
    expect(new Set(events.map(({ cursor }) => cursor)).size).toBe(events.length)
    expect(events.at(-1)).toMatchObject({ type: 'state', status: 'completed', at: '2030-01-01T00:00:01.000Z' })
  })

  it('of a task that has ended are one snapshot', async () => {
    const task = testRunner().runner.submit(({ log }) => log('unheard'))
    await task.wait()
    expect(await record(task.events())).toMatchObject([{ type: 'snapshot', task: task.toJSON() }])
  })

  it('tell of each attempt', async () => {
    const { events } = await recorded(() => Promise.reject(new Error('no')), { retry: { attempts: 2, minDelay: 0 } })
    expect(events.map((event) => brief(event)[1]).slice(1)).toEqual([
      'running.executing',
      'pending.delayed',
      'running.executing',
      'failed',
    ])
  })

  it('tell of each step once, also when one listener causes the next', async () => {
    const handler = async ({ progress, sleep }: TaskContext): Promise<void> => {
      progress(0.5)
      await sleep('1h')
    }
    const { events } = await recorded(handler, { onProgress: (_: unknown, self: BackgroundTask) => void self.cancel() })
    expect(events.map(brief).slice(1)).toEqual([
      ['start', 'running.executing'],
      ['progress', 0.5, undefined],
      ['cancel', 'running.stopping.cancel'],
      ['ended', 'cancelled'],
    ])
  })
})

describe('what happens while the store is asked for lines', () => {
  class SlowStore extends MemoryStore {
    answer = (): void => {}
    override stream(id: string, after?: number): never {
      const entries = super.stream(id, after)
      return new Promise((resolve) => {
        this.answer = () => resolve(entries)
      }) as never
    }
  }

  it('is told once, each step with the state that it led to', async () => {
    const store = new SlowStore()
    const { runner, clock } = testRunner({ store })
    runner.pause()
    const task = runner.submit(async ({ log, sleep }) => {
      log('first')
      await sleep('1s')
    })
    const events = record(task.events())
    await clock.advance(0)
    runner.resume()
    await clock.advance(0)
    // asked before the line was written, and answered behind it
    store.answer()
    expect((await clock.until(events)).map(brief)).toEqual([
      ['snapshot', 'running.executing'],
      ['info', 'first', undefined],
      ['complete', 'completed'],
    ])
    const resumed = record(task.events({ after: '1.0' }))
    await clock.advance(0)
    store.answer()
    expect((await resumed).map(brief)).toEqual([
      ['start', 'running.executing'],
      ['info', 'first', undefined],
      ['complete', 'completed'],
    ])
  })

  it('is told of in order when the stream goes on from a cursor', async () => {
    const store = new SlowStore()
    const { runner, clock } = testRunner({ store })
    runner.pause()
    const task = runner.submit(async ({ progress, sleep }) => {
      await sleep('1s')
      progress(1)
    })
    const events = record(task.events({ after: '1.0' }))
    await clock.advance(0)
    runner.resume()
    await clock.advance('2s')
    store.answer()
    expect((await events).map(brief)).toEqual([
      ['start', 'running.executing'],
      ['progress', 1, undefined],
      ['complete', 'completed'],
    ])
  })
})

describe('a stream that is resumed', () => {
  /** Of progress only the latest is kept, and none from before the last start; when it came is known to a step. */
  function remaining(events: readonly TaskFeedEvent[], from: number): unknown[] {
    const lastStart = events.findLastIndex((event) => event.type === 'state' && event.event === 'start')
    const latest = events.findLastIndex((event, i) => event.type === 'progress' && i > lastStart)
    return events.slice(from).flatMap<unknown>((event, i) => {
      if (event.type !== 'progress') return [event]
      return from + i === latest ? [{ ...event, at: expect.any(String) }] : []
    })
  }

  it.each(Array.from({ length: 25 }, (_, i) => [i + 1]))('goes on with exactly the rest (seed %i)', async (seed) => {
    const random = seededRandom(seed)
    const handler = async ({ progress, log, write, sleep, submit, attempt }: TaskContext): Promise<void> => {
      for (let step = 0; step < 20; step += 1) {
        const draw = random.next()
        if (draw < 0.25) progress(random.next())
        else if (draw < 0.5) log('line', { step })
        else if (draw < 0.75) write(`chunk ${step}`)
        else if (draw < 0.9) await sleep('1s')
        else if (draw < 0.96) await submit(() => 1).wait()
        else if (attempt < 3) throw new Error('again')
      }
    }
    const { task, events } = await recorded(handler, { retry: { attempts: 3, minDelay: '1s' } })
    expect(task.status).toBe('completed')
    for (const [i, { cursor }] of events.entries()) {
      expect(await record(task.events({ after: cursor }))).toEqual(remaining(events, i + 1))
    }
  })

  it('goes on while the task runs', async () => {
    const { runner, clock } = testRunner()
    const task = runner.submit(async ({ log, sleep }) => {
      for (const word of ['a', 'b', 'c']) {
        log(word)
        await sleep('1s')
      }
    })
    const first: TaskFeedEvent[] = []
    await clock.advance('1s')
    for await (const event of task.events()) {
      first.push(event)
      break
    }
    const rest = await clock.until(record(task.events({ after: (first[0] as TaskFeedEvent).cursor })))
    expect(rest.map(brief)).toEqual([
      ['info', 'c', undefined],
      ['complete', 'completed'],
    ])
  })

  it.each([
    ['lines', ({ log }: TaskContext) => Array.from({ length: 1_500 }, (_, i) => log(`line ${i}`)).length],
    ['steps', ({ attempt }: TaskContext) => (attempt < 60 ? Promise.reject(new Error('again')) : 'done')],
  ])('begins with a snapshot when some %s are not kept any more', async (_, handler) => {
    const { task, events } = await recorded(handler, { retry: { attempts: 60, minDelay: 0 } })
    const after = (events[0] as TaskFeedEvent).cursor
    expect(await record(task.events({ after }))).toMatchObject([{ type: 'snapshot', task: task.toJSON() }])
  })

  it.each(['900.0', '1.900'])('begins with a snapshot behind the cursor %s, which no event had', async (after) => {
    const task = testRunner().runner.submit(({ log }) => log('line'))
    await task.wait()
    expect((await record(task.events({ after }))).map(brief)).toEqual([['snapshot', 'completed']])
  })

  it.each([[''], ['1'], ['-1.0'], ['1.0.0'], ['9999999999999999.0'], ['now']])('refuses the cursor %j', (after) => {
    const task = testRunner().runner.submit(() => 1)
    expect(() => task.events({ after })).toThrow(/^after must be the cursor of an event, like '3.0', got/)
  })
})
