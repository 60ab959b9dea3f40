/** @module What the server says: a stream of frames for the present, single frames for the past. */
import {
  type Action,
  type ActionAnswer,
  type Frame,
  type Hello,
  type Mark,
  protocolVersion,
  type Query,
} from '../protocol.ts'
import { paramsOf } from './address.ts'

/** How it goes with the server. `newer`: this page is too old for it. */
export type Line = 'connecting' | 'open' | 'lost' | 'gone' | 'newer'

export interface Heard {
  readonly line: Line
  readonly message?: string
  readonly hello?: Hello
  readonly frame?: Frame
}

declare global {
  interface Window {
    /** What the page has done: for tests. */
    __offstage?: { folded: number; frames: number; bytes: number }
  }
}
export const counters = { folded: 0, frames: 0, bytes: 0 }
window.__offstage = counters

/** An address of the server, under whatever path the page stands. */
export function address(path: string, params?: URLSearchParams): string {
  const { pathname } = location
  const base = pathname.endsWith('/') ? pathname : `${pathname}/`
  const query = params?.toString() ?? ''
  return `${base}${path}${query === '' ? '' : `?${query}`}`
}

const firstRetry = 500
const longestRetry = 10_000

/** Hears the frames of a query until it is closed; begins anew when the line is lost. */
export class Stream {
  readonly #query: Query
  readonly #tell: (heard: Heard) => void
  #source: EventSource | undefined
  #retry = firstRetry
  #timer: ReturnType<typeof setTimeout> | undefined
  #over = false

  constructor(query: Query, tell: (heard: Heard) => void) {
    this.#query = query
    this.#tell = tell
    this.#open()
  }

  close(): void {
    this.#over = true
    this.#source?.close()
    clearTimeout(this.#timer)
  }

  #open(): void {
    const source = new EventSource(address('events', paramsOf(this.#query)))
    this.#source = source
    source.addEventListener('hello', (event) => this.#hello(JSON.parse(event.data as string) as Hello))
    source.addEventListener('frame', (event) => {
      const text = event.data as string
      counters.frames += 1
      counters.bytes += text.length
      this.#retry = firstRetry
      this.#tell({ line: 'open', frame: JSON.parse(text) as Frame })
    })
    source.addEventListener('gone', (event) => {
      this.close()
      this.#tell({ line: 'gone', message: (JSON.parse(event.data as string) as { message: string }).message })
    })
    source.addEventListener('error', () => {
      if (this.#over) return
      this.#tell({ line: 'lost' })
      // a browser comes back by itself, unless it was refused
      if (source.readyState !== EventSource.CLOSED) return
      this.#timer = setTimeout(() => this.#open(), this.#retry)
      this.#retry = Math.min(longestRetry, this.#retry * 2)
    })
  }

  #hello(hello: Hello): void {
    if (hello.protocol === protocolVersion) return this.#tell({ line: 'open', hello })
    this.close()
    const message = `This page speaks version ${protocolVersion} of the protocol, the server version ${hello.protocol}. Reload the page.`
    this.#tell({ line: 'newer', message })
  }
}

/** One moment. @throws {Error} with what the server says. */
export async function fetchFrame(query: Query, signal: AbortSignal): Promise<Frame> {
  const text = await get(address('api/frame', paramsOf(query)), signal)
  counters.frames += 1
  counters.bytes += text.length
  return JSON.parse(text) as Frame
}

export async function fetchMarks(count: number, signal: AbortSignal): Promise<readonly Mark[]> {
  return JSON.parse(await get(address('api/marks', new URLSearchParams({ count: String(count) })), signal)) as Mark[]
}

async function get(url: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(url, { signal })
  const text = await response.text()
  if (response.ok) return text
  throw new Error((JSON.parse(text) as { message?: string }).message ?? `the server answers ${response.status}`)
}

/** Asks the server to act. Never throws. */
export async function act(action: Action): Promise<ActionAnswer> {
  try {
    const response = await fetch(address('api/actions'), {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-offstage': '1' },
      body: JSON.stringify(action),
    })
    return (await response.json()) as ActionAnswer
  } catch {
    return { ok: false, code: 'NO_ANSWER', message: 'The server does not answer.' }
  }
}
