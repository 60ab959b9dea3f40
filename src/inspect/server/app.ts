/** @module The routes of the inspector, as one fetch handler behind its guard. */
import { Hono } from 'hono'
import type { Clock } from '../../clock.ts'
import { OffstageError, ValidationError } from '../../errors.ts'
import type { ActionAnswer, Frame, Gone, Hello, LaidOutChart, Mark, Query } from '../protocol.ts'
import { jsonBody } from './body.ts'
import { EventWriter } from './event-writer.ts'
import { admit, cookieOf, type NodeInfo, type Passed, type Rules, tokenParameter } from './guard.ts'
import type { Page } from './page-file.ts'
import { dataHeaders, dataResponse, guardHeaders, Refusal } from './refusal.ts'

/** What is served. */
export interface Served {
  hello(): Hello
  /** @throws {ValidationError} for a query that cannot be. */
  query(parameters: URLSearchParams): Query
  frame(query: Query): Frame | Promise<Frame>
  /** Tells the frames of a query until it is called off. `seen`: the cursor of the last one, for who comes back. */
  subscribe(query: Query, listener: (frame: Frame) => void, seen?: string): () => void
  marks(count: number): readonly Mark[] | Promise<readonly Mark[]>
  chart(id: string): Promise<LaidOutChart | undefined>
  page(): Promise<Page>
  /** Does what a page asks for; undefined: nobody may ask for anything. */
  readonly act: ((action: unknown) => Promise<ActionAnswer>) | undefined
  /** Told of what nobody else would hear. */
  failed(error: unknown): void
  /** Takes secrets out of a message. */
  redact(text: string): string
}

/** How many event streams there are at once. */
export const mostStreams = 50
const mostMarks = 1_000
const defaultMarks = 200
const longestMessage = 500
/** The path or the query of an address cannot be longer. */
const longestAddress = 8_192

/** An option may be named by whoever asks. */
const plainName = /^[A-Za-z ]{1,20}$/
/** What was sent as the id of an event. */
const cursorForm = /^[A-Za-z0-9_.-]{1,128}$/

interface Bindings {
  readonly passed: Passed
  readonly info: NodeInfo
  readonly url: URL
}
interface Env {
  Bindings: Bindings
}

const notFound = new Refusal(404, 'NOT_FOUND', 'There is no such thing here.')
const readOnly = new Refusal(403, 'READ_ONLY', 'This inspector only looks: it was started without allowed actions.')
const tooMany = new Refusal(
  503,
  'TOO_MANY',
  `${mostStreams} pages look already, which is the limit. Close one of them.`,
  { 'retry-after': '5' },
)
const internal = new Refusal(500, 'INTERNAL', 'Something went wrong. The log of the inspector tells what.')
const badAddress = new Refusal(400, 'ADDRESS', 'The address cannot be read.')
const notAllowed = (allow: string): Refusal =>
  new Refusal(405, 'METHOD', `Only ${allow} can be asked for here.`, { allow })

export class InspectorApp {
  readonly #served: Served
  readonly #rules: Rules
  readonly #clock: Clock
  readonly #basePath: string
  readonly #app: Hono<Env>
  readonly #streams = new Set<EventWriter>()
  #gone: Gone | undefined

  /** `basePath`: with a slash at its end. */
  constructor(served: Served, rules: Rules, { clock, basePath }: { clock: Clock; basePath: string }) {
    this.#served = served
    this.#rules = rules
    this.#clock = clock
    this.#basePath = basePath
    this.#app = this.#routes()
  }

  /** How many pages look. */
  get streams(): number {
    return this.#streams.size
  }

  /** Answers a request; never throws. */
  async fetch(request: Request, info: NodeInfo = {}): Promise<Response> {
    try {
      if (request.url.length > longestAddress) return badAddress.response
      const url = new URL(request.url)
      const passed = admit(request, url, this.#path(url) === '/', info, this.#rules)
      if (passed instanceof Refusal) return passed.response
      if (request.method !== 'GET' && request.method !== 'POST') return notAllowed('GET and POST').response
      return await this.#app.fetch(request, { passed, info, url })
    } catch (error) {
      return this.#answerTo(error)
    }
  }

  /** Tells all pages that nothing more will come, now and later. */
  end(message: string): void {
    this.#gone ??= { type: 'gone', message }
    for (const writer of this.#streams) this.#say(writer, this.#gone)
  }

  #routes(): Hono<Env> {
    const app = new Hono<Env>({ getPath: (request) => this.#path(new URL(request.url)) })
    app.get('/', ({ env }) => this.#page(env))
    app.get('/events', ({ env, req }) => this.#events(env, req.raw))
    app.get('/api/frame', async ({ env }) => {
      return dataResponse(JSON.stringify(await this.#served.frame(this.#served.query(env.url.searchParams))))
    })
    app.get('/api/marks', async ({ env }) => {
      return dataResponse(JSON.stringify(await this.#served.marks(countOf(env.url))))
    })
    app.get('/api/charts/:id', async ({ req }) => {
      const chart = await this.#served.chart(req.param('id'))
      return chart === undefined ? notFound.response : dataResponse(JSON.stringify(chart))
    })
    app.post('/api/actions', ({ req }) => this.#act(req.raw))
    app.all('/api/actions', () => notAllowed('POST').response)
    for (const path of ['/', '/events', '/api/frame', '/api/marks', '/api/charts/:id'])
      app.all(path, () => notAllowed('GET').response)
    app.notFound(() => notFound.response)
    app.onError((error) => this.#answerTo(error))
    return app
  }

  #path({ pathname }: URL): string {
    if (!pathname.startsWith(this.#basePath)) return `${pathname}/` === this.#basePath ? '/' : '/none'
    return pathname.slice(this.#basePath.length - 1)
  }

  async #page(bindings: Bindings): Promise<Response> {
    if (bindings.passed.enters) return this.#enter(bindings)
    const { html, policy } = await this.#served.page()
    return new Response(html, {
      headers: { ...guardHeaders, 'content-security-policy': policy, 'content-type': 'text/html; charset=utf-8' },
    })
  }

  /** The token goes from the address, which is kept and shown, into a cookie that no script can read. */
  #enter({ passed: { place, isLed }, url, info }: Bindings): Response {
    url.searchParams.delete(tokenParameter)
    const isKnown = info.isWhole === true || this.#basePath !== '/'
    // relative where only the browser knows under which path an app serves this
    const to = isKnown ? url.pathname + url.search : `?${url.searchParams}`
    const cookie = { ...dataHeaders, 'set-cookie': cookieOf(place, this.#rules.token) }
    if (!isLed) return new Response(null, { status: 303, headers: { ...cookie, location: to } })
    // in a sandbox it would be nobody's page, and the next request a foreign one again
    const unboxed = { 'content-security-policy': "default-src 'none'; frame-ancestors 'none'" }
    return new Response('', {
      headers: { ...cookie, ...unboxed, 'content-type': 'text/plain', refresh: `0; url=${to}` },
    })
  }

  #events({ info, url }: Bindings, request: Request): Response {
    const query = this.#served.query(url.searchParams)
    if (this.#streams.size >= mostStreams) return tooMany.response
    let unsubscribe = (): void => {}
    const writer: EventWriter = new EventWriter({
      clock: this.#clock,
      drop: () => info.outgoing?.destroy(),
      onEnd: () => {
        this.#streams.delete(writer)
        unsubscribe()
      },
    })
    this.#streams.add(writer)
    request.signal?.addEventListener('abort', () => writer.leave(), { once: true })
    if (request.signal?.aborted) writer.leave()
    writer.send('hello', this.#served.hello())
    if (this.#gone === undefined) unsubscribe = this.#tell(writer, query, request.headers.get('last-event-id'))
    else this.#say(writer, this.#gone)
    if (!writer.isOpen) unsubscribe()
    const headers = { ...dataHeaders, 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' }
    return new Response(writer.stream, { headers })
  }

  #tell(writer: EventWriter, query: Query, lastId: string | null): () => void {
    const seen = lastId !== null && cursorForm.test(lastId) ? lastId : undefined
    return this.#served.subscribe(query, (frame) => writer.send('frame', frame, frame.cursor), seen)
  }

  #say(writer: EventWriter, gone: Gone): void {
    writer.send('gone', gone)
    writer.end()
  }

  async #act(request: Request): Promise<Response> {
    if (this.#served.act === undefined) return readOnly.response
    const body = await jsonBody(request)
    if (body instanceof Refusal) return body.response
    const answer = await this.#served.act(body.value)
    return dataResponse(JSON.stringify(answer), answer.ok ? 200 : (statuses.get(answer.code) ?? 409))
  }

  #answerTo(error: unknown): Response {
    if (error instanceof ValidationError) {
      // the value is what was asked, and is not repeated
      const what = plainName.test(error.option) ? error.option : 'what was asked'
      const message = this.#served.redact(`${what} must be ${error.rule}.`).slice(0, longestMessage)
      return new Refusal(400, error.code, message).response
    }
    if (OffstageError.is(error, 'UNKNOWN_OPTION'))
      return new Refusal(400, 'UNKNOWN_OPTION', 'There is no such parameter.').response
    this.#served.failed(error)
    return internal.response
  }
}

/** The status of an action that was not done. */
const statuses = new Map([
  ['NOT_FOUND', 404],
  ['GONE', 404],
  ['INVALID_ACTION', 400],
  ['INVALID_OPTION', 400],
  ['INVALID_INPUT', 400],
  ['INTERNAL', 500],
])

function countOf({ searchParams }: URL): number {
  const given = searchParams.get('count')
  if (given === null) return defaultMarks
  const count = /^\d{1,6}$/.test(given) ? Number(given) : 0
  if (count >= 1 && count <= mostMarks) return count
  throw new ValidationError('count', `a whole number from 1 to ${mostMarks}`, given)
}
