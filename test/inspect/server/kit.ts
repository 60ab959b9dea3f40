/** A server of the inspector's app over data that a test makes up, and clients that browsers never are. */
import { connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { SystemClock } from '../../../src/clock.ts'
import type { Frame, Query } from '../../../src/inspect/protocol.ts'
import { InspectorApp, type Served } from '../../../src/inspect/server/app.ts'
import { AllowedHosts } from '../../../src/inspect/server/hosts.ts'
import { type Bound, listenOn } from '../../../src/inspect/server/listen.ts'
import { policyOf } from '../../../src/inspect/server/page-file.ts'
import { Tickets, Token } from '../../../src/inspect/server/token.ts'

export const html = '<!doctype html><style>body{margin:0}</style><script type="module">run()</script>'
const tally = { states: {}, edges: {}, rates: {}, tasks: 0, running: 0, workers: 0 }

export function frameOf(n: number, filler = ''): Frame {
  const reach = {
    source: 'journal',
    first: 0,
    last: n,
    since: undefined,
    complete: true,
    damaged: 0,
    missed: 0,
  } as const
  const view = { view: 'chart', others: filler === '' ? {} : { [filler]: {} } } as const
  return { type: 'frame', epoch: 'e1', cursor: `e1.${n}`, n, time: n, live: true, reach, tally, view }
}

/** Data that a test tells. */
export class Fake implements Served {
  readonly listeners = new Set<(frame: Frame) => void>()
  readonly seen: (string | undefined)[] = []
  readonly errors: unknown[] = []
  now = frameOf(1)
  act: Served['act']

  hello = (): ReturnType<Served['hello']> => {
    return { type: 'hello', protocol: 1, version: '0.0.0', store: 'memory', actions: false, charts: [] }
  }

  query(parameters: URLSearchParams): Query {
    if (parameters.get('view') === 'broken') throw new Error('redis://me:hunter22@host is down')
    return { view: 'chart' }
  }

  frame(): Frame {
    return this.now
  }

  subscribe(_query: Query, listener: (frame: Frame) => void, seen?: string): () => void {
    this.seen.push(seen)
    this.listeners.add(listener)
    listener(this.now)
    return () => this.listeners.delete(listener)
  }

  tell(frame: Frame): void {
    this.now = frame
    for (const listener of this.listeners) listener(frame)
  }

  marks(count: number): { n: number; time: number; happened: number; failed: number }[] {
    return Array.from({ length: count }, (_, n) => ({ n, time: n, happened: 1, failed: 0 }))
  }

  async chart(id: string): ReturnType<Served['chart']> {
    return id === 'task' ? { id, title: 'Task', width: 1, height: 1, nodes: [], edges: [] } : undefined
  }

  async page(): ReturnType<Served['page']> {
    return { html, policy: policyOf(html) }
  }

  failed(error: unknown): void {
    this.errors.push(error)
  }

  redact(text: string): string {
    return text.replaceAll('hunter22', '***')
  }
}

export interface World {
  readonly app: InspectorApp
  readonly fake: Fake
  readonly token: Token
  readonly tickets: Tickets
}

export function appOf({ allowedHosts, basePath = '/' }: { allowedHosts?: string[]; basePath?: string } = {}): World {
  const fake = new Fake()
  const clock = new SystemClock()
  const rules = {
    token: new Token(),
    tickets: new Tickets(clock),
    hosts: allowedHosts && new AllowedHosts(allowedHosts),
  }
  return { app: new InspectorApp(fake, { ...rules, hosts: rules.hosts }, { clock, basePath }), fake, ...rules }
}

export interface Running extends World, Bound {
  /** The headers of the page itself. */
  readonly own: Record<string, string>
  ask(path: string, init?: RequestInit): Promise<Response>
  raw(lines: readonly string[], body?: string): Promise<string>
}

export async function serve(): Promise<Running> {
  const world = appOf()
  const bound = await listenOn((request, info) => world.app.fetch(request, info), {})
  onTestFinished(() => bound.close())
  const own = { cookie: `offstage_${bound.port}=${world.token.text}` }
  return {
    ...world,
    ...bound,
    own,
    ask: (path, init = {}) =>
      fetch(`${bound.origin}${path}`, { redirect: 'manual', ...init, headers: { ...own, ...init.headers } }),
    raw: (lines, body = '') => sendRaw(bound.port, `${lines.join('\r\n')}\r\n\r\n${body}`),
  }
}

/** A connection of a client that writes what it likes. */
export async function open(port: number, host = '127.0.0.1'): Promise<Socket> {
  const socket = connect(port, host)
  socket.on('error', () => {})
  onTestFinished(() => void socket.destroy())
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))
  return socket
}

/** Sends text, and reads the whole answer. */
export async function sendRaw(port: number, text: string): Promise<string> {
  const socket = await open(port)
  let answer = ''
  socket.setEncoding('latin1').on('data', (part: string) => {
    answer += part
  })
  socket.write(text)
  await new Promise<void>((resolve) => socket.once('close', () => resolve()))
  return answer
}

export const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1])

export interface Told {
  readonly event: string
  readonly id: string | undefined
  readonly data: Record<string, unknown>
}

/** Reads a stream of server-sent events, one by one. */
export async function* told(response: Response): AsyncGenerator<Told, undefined> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const part of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(part, { stream: true })
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const lines = text.slice(0, end).split('\n')
      text = text.slice(end + 2)
      const field = (name: string): string | undefined =>
        lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2)
      const [event, data] = [field('event'), field('data')]
      if (event !== undefined && data !== undefined) yield { event, id: field('id'), data: JSON.parse(data) }
    }
  }
  return undefined
}
