/** @module The events of a task as a stream for browsers: server-sent events that can be resumed. */
import { type Clock, SystemClock } from '../clock.ts'
import { type Duration, parseDuration } from '../duration.ts'
import { type Failure, OffstageError } from '../errors.ts'
import type { BackgroundTask, SettledOutcome, TaskFeedEvent } from '../index.ts'
import { checkOptions } from '../validate.ts'

/** Options of {@link eventStreamResponse}. */
export interface EventStreamOptions {
  /** How long nothing is said before a comment keeps proxies from closing the connection. @default '15s' */
  readonly heartbeat?: Duration
  /** How long an `EventSource` waits before it connects again. @default '2s' */
  readonly retry?: Duration
  /** Further headers of the response, or other values of those it has; the content type stays. */
  readonly headers?: ConstructorParameters<typeof Headers>[0]
  /** Times the heartbeats. `@default` the machine's */
  readonly clock?: Clock
}

/** The id of the last event: who comes back with it has seen everything. */
const endId = 'end'
const known = new Set(['heartbeat', 'retry', 'headers', 'clock'])
const streamHeaders = {
  'cache-control': 'no-cache, no-transform',
  // nginx gathers a response otherwise
  'x-accel-buffering': 'no',
}

/**
 * Answers a request with the events of a task, as server-sent events: `snapshot` first, then `state`, `progress`, `log` and
 * `output`, and at last `end` with the outcome. The data of each is JSON in one line, without stacks of errors.
 *
 * A reader that comes back with `Last-Event-ID` (or `?lastEventId=`) goes on behind that event; after `end` it is answered
 * 204, so that an `EventSource` stops. A slow reader holds nothing up: what it misses, a later `snapshot` tells. Who may
 * read the task is for the caller to decide.
 *
 * @returns 200 with the stream, 204 after the end, or 400 with `{ error: { code, message } }` for an id that is none.
 * @throws {ValidationError} for options that cannot be.
 *
 * @example
 * ```ts
 * import { BackgroundRunner } from 'offstage'
 * import { eventStreamResponse } from 'offstage/web'
 *
 * const runner = new BackgroundRunner()
 *
 * export async function GET(request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
 *   const task = await runner.get((await params).id)
 *   return task === undefined ? new Response(null, { status: 404 }) : eventStreamResponse(task, request)
 * }
 * ```
 */
export function eventStreamResponse(
  task: BackgroundTask<unknown>,
  request: Request,
  options: EventStreamOptions = {},
): Response {
  checkOptions(options, known, 'the options of eventStreamResponse')
  const heartbeat = parseDuration(options.heartbeat ?? '15s', 'heartbeat')
  const retry = Math.ceil(parseDuration(options.retry ?? '2s', 'retry'))
  const clock = options.clock ?? new SystemClock()
  const after = lastEventId(request)
  if (after === endId) return new Response(null, { status: 204, headers: headersOf(options) })
  const events = eventsOf(task, after)
  if (events instanceof OffstageError) {
    const { code, message } = events
    return Response.json({ error: { code, message } }, { status: 400, headers: headersOf(options, 'application/json') })
  }
  const stream = streamOf(() => parts(task, events, { heartbeat, retry, clock }), events, request.signal)
  return new Response(stream, { headers: headersOf(options, 'text/event-stream; charset=utf-8') })
}

type Events = AsyncIterator<TaskFeedEvent>

function lastEventId(request: Request): string | undefined {
  const id = request.headers.get('last-event-id') || new URL(request.url).searchParams.get('lastEventId')
  return id || undefined
}

function eventsOf(task: BackgroundTask<unknown>, after: string | undefined): Events | OffstageError {
  try {
    return task.events(after === undefined ? {} : { after })[Symbol.asyncIterator]()
  } catch (error) {
    if (OffstageError.is(error, 'INVALID_OPTION')) return error
    throw error
  }
}

function headersOf({ headers }: EventStreamOptions, contentType?: string): Headers {
  const all = new Headers(headers)
  for (const [name, value] of Object.entries(streamHeaders)) if (!all.has(name)) all.set(name, value)
  if (contentType !== undefined) all.set('content-type', contentType)
  return all
}

/** The body: nothing is read of the task before somebody reads the body, and then one event at a time. */
function streamOf(
  begin: () => AsyncGenerator<string>,
  events: Events,
  signal: AbortSignal,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  const text = begin()
  let aborted = signal.aborted
  const leave = (): void => {
    aborted = true
    signal.removeEventListener('abort', leave)
    // ends what a pull may be waiting for, too
    void events.return?.()
  }
  if (aborted) leave()
  else signal.addEventListener('abort', leave)
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = aborted ? { done: true } : await text.next()
          if (!done && !aborted) return controller.enqueue(encoder.encode(value))
          leave()
          controller.close()
        } catch (error) {
          leave()
          throw error
        }
      },
      cancel: leave,
    },
    { highWaterMark: 0 },
  )
}

interface Timing {
  readonly heartbeat: number
  readonly retry: number
  readonly clock: Clock
}

async function* parts(task: BackgroundTask<unknown>, events: Events, timing: Timing): AsyncGenerator<string> {
  yield `retry: ${timing.retry}\n\n`
  for (;;) {
    const next = new Arrival(events.next())
    while (!(await next.within(timing.heartbeat, timing.clock))) yield ': still here\n\n'
    const { done, value } = await next.promise
    if (done) break
    yield part(value.type, value.cursor, value.type === 'snapshot' ? withoutStacks(value) : value)
  }
  // the events of a task that goes on end with its runner: then the reader shall come back
  const { outcome } = task
  if (outcome !== undefined) yield part('end', endId, endOf(outcome))
}

/** JSON escapes line breaks, so the data is one line. */
const part = (event: string, id: string, data: unknown): string =>
  `event: ${event}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`

/** A promise that is waited for in spans, without a trace of the spans that have passed. */
class Arrival<T> {
  readonly promise: Promise<T>
  #came = false
  #wake: (() => void) | undefined

  constructor(promise: Promise<T>) {
    this.promise = promise
    const came = (): void => {
      this.#came = true
      this.#wake?.()
    }
    promise.then(came, came)
  }

  /** Whether it settles within `ms`. */
  async within(ms: number, clock: Clock): Promise<boolean> {
    if (this.#came) return true
    await new Promise<void>((resolve) => {
      const timer = clock.setTimeout(resolve, ms)
      timer.unref?.()
      this.#wake = () => {
        clock.clearTimeout(timer)
        resolve()
      }
    })
    return this.#came
  }
}

function endOf(outcome: SettledOutcome<unknown>): unknown {
  return 'error' in outcome ? { ...outcome, error: withoutStack(outcome.error) } : outcome
}

function withoutStacks(event: TaskFeedEvent & { readonly type: 'snapshot' }): unknown {
  const { error } = event.task
  return error === undefined ? event : { ...event, task: { ...event.task, error: withoutStack(error) } }
}

/** A stack names files of the server. */
function withoutStack({ code, message, cause }: Failure): Failure {
  return cause === undefined ? { code, message } : { code, message, cause: withoutStack(cause) }
}
