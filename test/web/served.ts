/** Serves handlers of Request and Response by node:http, and reads event streams as a browser does. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream as NodeStream } from 'node:stream/web'

export interface Served {
  readonly url: string
  close(): Promise<void>
}

/** A server that asks `handler`; the request's signal is aborted when its reader goes away. */
export async function serve(handler: (request: Request) => Response | Promise<Response>): Promise<Served> {
  const server = createServer((incoming, outgoing) => void answer(handler, incoming, outgoing))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return { url, close }
}

async function answer(
  handler: (request: Request) => Response | Promise<Response>,
  { url = '/', method = 'GET', headers, ...incoming }: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  void incoming
  const gone = new AbortController()
  outgoing.once('close', () => gone.abort())
  const given = Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)])
  const request = new Request(new URL(url, 'http://localhost'), { method, headers: given, signal: gone.signal })
  const response = await handler(request)
  outgoing.writeHead(response.status, [...response.headers].flat())
  outgoing.flushHeaders()
  if (response.body === null) return void outgoing.end()
  await pipeline(Readable.fromWeb(response.body as NodeStream), outgoing).catch(() => {})
}

/** What an `EventSource` makes of a stream. */
export interface Told {
  readonly event: string
  readonly id: string
  readonly data: Record<string, unknown>
}

/** Reads an event stream to its end, or until the caller leaves. */
export async function* told(response: Response): AsyncGenerator<Told> {
  for await (const block of blocks(response)) {
    const fields = block.split('\n').map((line) => /^(\w+): (.*)$/s.exec(line) ?? [])
    const field = (name: string): string | undefined => fields.find(([, key]) => key === name)?.[2]
    const [event, id, data] = [field('event'), field('id'), field('data')]
    if (event !== undefined && id !== undefined && data !== undefined) yield { event, id, data: JSON.parse(data) }
  }
}

/** The pieces between empty lines, as they are. */
export async function* blocks({ body }: Response): AsyncGenerator<string> {
  if (body === null) return
  let rest = ''
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    const pieces = (rest + chunk).split('\n\n')
    rest = pieces.pop() ?? ''
    yield* pieces
  }
}

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}
