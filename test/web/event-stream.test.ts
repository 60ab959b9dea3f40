import { afterEach, describe, expect, it, vi } from 'vitest'
import { SystemClock } from '../../src/clock.ts'
import { BackgroundRunner, coreOf } from '../../src/runner/runner.ts'
import type { BackgroundTask } from '../../src/runner/task.ts'
import { MemoryStore } from '../../src/store/memory.ts'
import { testRunner } from '../../src/testing/runner.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { type EventStreamOptions, eventStreamResponse } from '../../src/web/event-stream.ts'
import { all, blocks, type Served, serve, type Told, told } from './served.ts'

let served: Served | undefined
afterEach(async () => {
  await served?.close()
  served = undefined
})

/** Serves the events of one task, and gives a way to ask for them. */
async function open(task: BackgroundTask<unknown>, options?: EventStreamOptions) {
  served = await serve((request) => eventStreamResponse(task, request, options))
  const { url } = served
  return (lastEventId?: string, init: RequestInit = {}): Promise<Response> =>
    fetch(url, { ...init, headers: lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId } })
}

const request = (path = '', init?: RequestInit): Request => new Request(`http://localhost/${path}`, init)
const names = (events: readonly Told[]): string[] => events.map(({ event }) => event)

/** A handler that goes on when it is told to. */
function gate(): { readonly opened: Promise<void>; open(): void } {
  let openIt = (): void => {}
  const opened = new Promise<void>((resolve) => {
    openIt = resolve
  })
  return { opened, open: () => openIt() }
}

async function next(events: AsyncIterator<Told>): Promise<Told> {
  const { value } = await events.next()
  return value as Told
}

describe('a reader of an event stream', () => {
  it('is told a snapshot, what happens, and how the task ended', async () => {
    const runner = new BackgroundRunner()
    const go = gate()
    const task = runner.submit(async ({ progress, log, write }) => {
      await go.opened
      progress(0.5, 'half')
      log('a line', { n: 1 })
      write('a\nb\u2028c')
      return { answer: 42 }
    })
    const ask = await open(task)
    const response = await ask()
    expect(response.status).toBe(200)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    })
    const events = told(response)
    const first = await next(events)
    expect(first).toMatchObject({ event: 'snapshot', data: { task: { id: task.id } } })
    go.open()
    const rest = await all(events)
    expect(names(rest).filter((name) => name !== 'state')).toEqual(['progress', 'log', 'output', 'end'])
    expect(rest.find(({ event }) => event === 'output')?.data).toMatchObject({ chunk: 'a\nb\u2028c' })
    for (const { event, id, data } of rest) if (event !== 'end') expect(id).toBe(data.cursor)
    expect(rest.at(-1)).toEqual({
      event: 'end',
      id: 'end',
      data: { ok: true, status: 'completed', result: { answer: 42 } },
    })
  })

  it('goes on in the middle, by header or by address, and misses nothing', async () => {
    const runner = new BackgroundRunner()
    const heard = gate()
    const go = gate()
    const task = runner.submit(async ({ log }) => {
      await heard.opened
      log('one')
      log('two')
      await go.opened
      log('three')
    })
    const ask = await open(task)
    const leave = new AbortController()
    const begun = told(await ask(undefined, { signal: leave.signal }))
    let last = await next(begun)
    heard.open()
    while (last.data.message !== 'one') last = await next(begun)
    leave.abort()
    go.open()
    await task.settled()
    const messages = async (response: Response): Promise<unknown[]> =>
      (await all(told(response))).map(({ event, data }) => data.message ?? event)
    expect(await messages(await ask(last.id))).toEqual(['two', 'three', 'state', 'end'])
    const byAddress = await fetch(`${served?.url}?lastEventId=${last.id}`)
    expect(await messages(byAddress)).toEqual(['two', 'three', 'state', 'end'])
  })

  it('that comes back after the end is sent away, and one that missed only the end is told it', async () => {
    const task = new BackgroundRunner().submit(() => 1)
    await task.wait()
    const ask = await open(task, { headers: { 'access-control-allow-origin': '*' } })
    const events = await all(told(await ask()))
    expect(names(events)).toEqual(['snapshot', 'end'])
    expect(names(await all(told(await ask(events[0]?.id))))).toEqual(['end'])
    const gone = await ask(events[1]?.id)
    expect(gone.status).toBe(204)
    expect(gone.headers.get('access-control-allow-origin')).toBe('*')
    expect(await gone.text()).toBe('')
  })

  it('hears of a failure without the stack, and of a cancellation', async () => {
    const runner = new BackgroundRunner()
    const failed = runner.submit(() => Promise.reject(new Error('no', { cause: new Error('why') })))
    await failed.settled()
    const events = await all(told(eventStreamResponse(failed, request())))
    const error = { code: 'ERROR', message: 'no', cause: { code: 'ERROR', message: 'why' } }
    expect(events[0]?.data).toMatchObject({ task: { error } })
    expect(events[1]?.data).toEqual({ ok: false, status: 'failed', error })
    expect(JSON.stringify(events)).not.toContain('stack')
    const cancelled = runner.submit(() => 1, { delay: '1h' })
    await cancelled.cancel('enough')
    const [, end] = await all(told(eventStreamResponse(cancelled, request())))
    expect(end?.data).toMatchObject({ ok: false, status: 'cancelled', reason: 'enough' })
  })

  it.each(['x', '1', '1.2.3', '-1.0', '1e9.0', '../1.0', 'snapshot', '9'.repeat(4_000)])(
    'with an id number %# is refused in JSON',
    async (id) => {
      const task = new BackgroundRunner().submit(() => 1)
      const ask = await open(task)
      const response = await ask(id)
      expect(response.status).toBe(400)
      expect(response.headers.get('content-type')).toBe('application/json')
      const { error } = (await response.json()) as { error: { code: string; message: string } }
      expect(error.code).toBe('INVALID_OPTION')
      expect(error.message.length).toBeLessThan(400)
    },
  )

  it('with an id from further on than the task is, begins with a snapshot', async () => {
    const task = new BackgroundRunner().submit(() => 1)
    await task.wait()
    expect(names(await all(told(eventStreamResponse(task, request('?lastEventId=99.99')))))).toEqual([
      'snapshot',
      'end',
    ])
  })

  it('shares the task with others, each at its own place', async () => {
    const runner = new BackgroundRunner()
    const go = gate()
    const task = runner.submit(async ({ log }) => {
      await go.opened
      for (let i = 0; i < 20; i += 1) log(`line ${i}`)
    })
    const ask = await open(task)
    const readers = await Promise.all(Array.from({ length: 10 }, () => ask()))
    const streams = readers.map(told)
    for (const stream of streams) expect((await next(stream)).event).toBe('snapshot')
    go.open()
    for (const stream of streams) {
      const lines = (await all(stream)).filter(({ event }) => event === 'log').map(({ data }) => data.message)
      expect(lines).toEqual(Array.from({ length: 20 }, (_, i) => `line ${i}`))
    }
    expect(coreOf(runner).watchers.size).toBe(0)
  })
})

describe('an event stream', () => {
  it('says how long to wait before connecting again', async () => {
    const task = new BackgroundRunner().submit(() => 1)
    await task.wait()
    const first = async (options?: EventStreamOptions): Promise<unknown> =>
      (await blocks(eventStreamResponse(task, request(), options)).next()).value
    expect(await first()).toBe('retry: 2000')
    expect(await first({ retry: '1m' })).toBe('retry: 60000')
  })

  it('beats while nothing happens, and only then', async () => {
    const { runner, clock } = testRunner()
    const task = runner.submit(({ sleep }) => sleep('40s'))
    const seen: string[] = []
    const reading = (async () => {
      for await (const block of blocks(eventStreamResponse(task, request(), { clock, heartbeat: '15s' })))
        seen.push(block.startsWith('event: ') ? (block.split('\n')[0] as string) : block)
    })()
    await clock.until(reading)
    expect(seen.filter((block) => block === ': still here')).toHaveLength(2)
    expect(seen.at(-1)).toBe('event: end')
  })

  it('gathers nothing for a reader that does not read: no beats, and a bounded number of events', async () => {
    const { runner, clock } = testRunner()
    const task = runner.submit(
      async ({ log, sleep }) => {
        await sleep('1h')
        for (let i = 0; i < 5_000; i += 1) log(`line ${i}`)
        await sleep('1h')
      },
      { timeout: false },
    )
    const reader = told(eventStreamResponse(task, request(), { clock }))
    expect((await next(reader)).event).toBe('snapshot')
    await clock.advance('90m')
    const rest = all(reader)
    await clock.until(rest)
    // the beats of ninety minutes did not wait for the reader, and the lines became a snapshot
    expect((await rest).length).toBeLessThan(1_010)
    expect(names(await rest)).toContain('snapshot')
    expect((await rest).at(-1)?.event).toBe('end')
  })

  it('asks nothing of the task before it is read', async () => {
    const runner = new BackgroundRunner()
    const task = runner.submit(() => 1, { delay: '1h' })
    const response = eventStreamResponse(task, request())
    expect(coreOf(runner).watchers.size).toBe(0)
    await response.body?.cancel()
    await runner.stop()
  })

  it('ends when its reader goes away', async () => {
    const runner = new BackgroundRunner()
    const task = runner.submit(() => 1, { delay: '1h' })
    const ask = await open(task)
    const leave = new AbortController()
    const reader = told(await ask(undefined, { signal: leave.signal }))
    await reader.next()
    expect(coreOf(runner).watchers.size).toBe(1)
    leave.abort()
    await vi.waitFor(() => expect(coreOf(runner).watchers.size).toBe(0))
    expect(task.status).toBe('pending')
    await runner.stop()
  })

  it('ends when its body is cancelled or its request aborted, without an end that did not come', async () => {
    const { runner, clock } = testRunner()
    const task = runner.submit(() => 1, { delay: '1h' })
    const body = eventStreamResponse(task, request(), { clock }).body as ReadableStream<Uint8Array>
    const reader = body.getReader()
    await reader.read()
    await reader.read()
    const pending = reader.read()
    await reader.cancel()
    expect((await pending).done).toBe(true)
    expect(coreOf(runner).watchers.size).toBe(0)
    const abort = new AbortController()
    const aborted = told(eventStreamResponse(task, request('', { signal: abort.signal }), { clock }))
    await aborted.next()
    const last = aborted.next()
    abort.abort()
    expect((await last).done).toBe(true)
    expect(coreOf(runner).watchers.size).toBe(0)
    expect(await all(told(eventStreamResponse(task, request('', { signal: AbortSignal.abort() }))))).toEqual([])
    await clock.until(runner.stop())
  })

  it('breaks off where the store cannot be read, so that the reader comes back', async () => {
    const store = new MemoryStore()
    const runner = new BackgroundRunner({ store })
    const task = runner.submit(() => 1, { delay: '1h' })
    store.stream = () => Promise.reject(new Error('the disk is gone')) as never
    await expect(all(blocks(eventStreamResponse(task, request())))).rejects.toThrow('the disk is gone')
    expect(coreOf(runner).watchers.size).toBe(0)
    await runner.stop()
  })

  it('keeps headers of the caller, but for the content type', () => {
    const task = new BackgroundRunner().submit(() => 1)
    const given = { 'cache-control': 'no-store', 'content-type': 'text/plain', 'x-own': 'yes' }
    const { headers } = eventStreamResponse(task, request(), { headers: given })
    expect(Object.fromEntries(headers)).toEqual({
      'cache-control': 'no-store',
      'content-type': 'text/event-stream; charset=utf-8',
      'x-accel-buffering': 'no',
      'x-own': 'yes',
    })
  })

  it.each([
    [{ heartbeat: 0 }, 'INVALID_OPTION'],
    [{ heartbeat: 'soon' }, 'INVALID_OPTION'],
    [{ retry: -1 }, 'INVALID_OPTION'],
    [{ heartbeats: '1s' }, 'UNKNOWN_OPTION'],
  ])('is not made with the options %j', (options, code) => {
    const task = new BackgroundRunner().submit(() => 1)
    expect(() => eventStreamResponse(task, request(), options as never)).toThrow(expect.objectContaining({ code }))
  })

  it('arms timers of its clock only while it is read', async () => {
    const clock = new VirtualClock()
    const armed = vi.spyOn(clock, 'setTimeout')
    const runner = new BackgroundRunner()
    const task = runner.submit(() => 1, { delay: '1h' })
    const reader = told(eventStreamResponse(task, request(), { clock }))
    await reader.next()
    const before = armed.mock.calls.length
    await clock.advance('1h')
    expect(armed.mock.calls.length).toBe(before)
    await reader.return(undefined)
    await runner.stop()
  })

  it('keeps no process alive by its timers, and leaves none behind', async () => {
    const clock = new SystemClock()
    const armed = vi.spyOn(clock, 'setTimeout')
    const cleared = vi.spyOn(clock, 'clearTimeout')
    const runner = new BackgroundRunner()
    const task = runner.submit(() => 1, { delay: '1h' })
    const reader = told(eventStreamResponse(task, request(), { clock }))
    await reader.next()
    const last = reader.next()
    await vi.waitFor(() => expect(armed).toHaveBeenCalledTimes(2))
    const timer = armed.mock.results[1]?.value as NodeJS.Timeout
    expect(timer.hasRef()).toBe(false)
    await task.cancel()
    expect((await last).value).toMatchObject({ event: 'state' })
    expect(cleared).toHaveBeenCalledWith(timer)
    await runner.stop()
  })
})
