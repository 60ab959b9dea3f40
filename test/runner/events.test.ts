import { describe, expect, it } from 'vitest'
import { OffstageError } from '../../src/errors.ts'
import type { TaskFeedEvent } from '../../src/runner/feed.ts'
import { feedBound } from '../../src/runner/mailbox.ts'
import { coreOf } from '../../src/runner/runner.ts'
import type { TaskContext } from '../../src/runner/types.ts'
import { testRunner } from '../../src/testing/runner.ts'
import { brief, record } from './recorded.ts'

const logAndProgress = ({ log, progress }: TaskContext): void => {
  log('line')
  progress(1)
}

describe('a reader', () => {
  it('that is too slow is given a snapshot, and what comes behind it', async () => {
    const { runner, clock } = testRunner()
    const task = runner.submit(async ({ log, sleep }) => {
      await sleep('1s')
      for (let i = 0; i <= feedBound; i += 1) log(`line ${i}`)
      await sleep('1s')
      log('the last')
    })
    const reader = task.events()[Symbol.asyncIterator]()
    await reader.next()
    await clock.advance('1s')
    const rest: TaskFeedEvent[] = []
    const reading = (async () => {
      for (let next = await reader.next(); !next.done; next = await reader.next()) rest.push(next.value)
    })()
    await clock.until(reading)
    expect(rest.map(brief)).toEqual(
      [
        ['start', 'running.executing'],
        ['snapshot', 'running.executing'],
        ['info', 'the last', undefined],
        ['complete', 'completed'],
      ].slice(rest[0]?.type === 'snapshot' ? 1 : 0),
    )
    expect(rest.at(-1)?.cursor).toBe(`3.${feedBound + 2}`)
  })

  it('ends by its signal at once, and hears no more', async () => {
    const { runner, clock } = testRunner()
    const task = runner.submit(({ sleep }) => sleep('1m'), { delay: '1s' })
    const leave = new AbortController()
    const events = record(task.events({ signal: leave.signal }))
    await clock.advance('2s')
    expect(coreOf(runner).watchers.size).toBe(1)
    leave.abort()
    expect((await events).map(brief)).toEqual([
      ['snapshot', 'pending.delayed'],
      ['start', 'running.executing'],
    ])
    expect(coreOf(runner).watchers.size).toBe(0)
    expect(await record(task.events({ signal: leave.signal }))).toEqual([])
    await clock.until(task.wait())
  })

  it('that returns leaves no watcher, whether it waits for the next event or not', async () => {
    const { runner, clock } = testRunner()
    const task = runner.submit(({ sleep }) => sleep('1m'))
    await clock.advance(0)
    for await (const _ of task.events()) break
    expect(coreOf(runner).watchers.size).toBe(0)
    const reader = task.events()[Symbol.asyncIterator]()
    await reader.next()
    const waiting = reader.next()
    await clock.advance(0)
    expect(coreOf(runner).watchers.size).toBe(1)
    await reader.return?.()
    expect(await waiting).toEqual({ done: true, value: undefined })
    expect(coreOf(runner).watchers.size).toBe(0)
    await clock.until(task.wait())
  })

  it.each([[{ signal: 1 }], [{ since: 1 }], [7]])('is refused with the options %j', (options) => {
    const { runner } = testRunner()
    const task = runner.submit(() => 1)
    expect(() => task.events(options as never)).toThrow(OffstageError)
  })
})

describe('the events of a runner', () => {
  it('are those of all its tasks from now on, until it has stopped', async () => {
    const { runner, clock } = testRunner()
    await runner.submit(() => 'before').wait()
    const events = record(runner.events())
    await clock.advance(0)
    const one = runner.submit(logAndProgress, { id: 'one' })
    await one.wait()
    const two = runner.submit(() => Promise.reject(new Error('no')), { id: 'two' })
    await two.settled()
    await runner.stop()
    expect((await events).map(({ id, type, cursor }) => [id, type, cursor])).toEqual([
      ['one', 'state', '1.0'],
      ['one', 'state', '2.0'],
      ['one', 'log', '2.1'],
      ['one', 'progress', '3.1'],
      ['one', 'state', '4.1'],
      ['two', 'state', '1.0'],
      ['two', 'state', '2.0'],
      ['two', 'state', '3.0'],
    ])
  })

  it('lose the oldest for a reader that is too slow', async () => {
    const { runner, clock } = testRunner()
    const reader = runner.events()[Symbol.asyncIterator]()
    const first = reader.next()
    await clock.advance(0)
    const task = runner.submit(({ log }) => {
      for (let i = 0; i < 2 * feedBound; i += 1) log(`line ${i}`)
    })
    await task.wait()
    const { value } = await first
    expect(value).toMatchObject({ type: 'log', message: `line ${feedBound + 1}` })
    const rest: TaskFeedEvent[] = []
    while (rest.length < feedBound - 1) rest.push((await reader.next()).value)
    expect(rest.at(-1)).toMatchObject({ type: 'state', state: 'completed' })
    await reader.return?.()
    expect(coreOf(runner).watchers.size).toBe(0)
  })

  it('end by their signal', async () => {
    const { runner, clock } = testRunner()
    const leave = new AbortController()
    const events = record(runner.events({ signal: leave.signal }))
    await clock.advance(0)
    leave.abort()
    expect(await events).toEqual([])
    expect(await record(runner.events({ signal: leave.signal }))).toEqual([])
    expect(() => runner.events({ signal: {} as AbortSignal })).toThrow(/signal must be an AbortSignal/)
  })
})
