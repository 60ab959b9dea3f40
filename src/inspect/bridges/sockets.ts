/** @module The WebSockets of a bridge: this machine only, no page of another origin, a token, and a bound on everything. */
import { createServer, type IncomingMessage, type Server, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { WebSocket, WebSocketServer } from 'ws'
import { OffstageError, ValidationError } from '../../errors.ts'
import { checkInteger, checkOneOf, checkOptions } from '../../validate.ts'
import { loopbackPlace } from '../server/hosts.ts'
import { Token } from '../server/token.ts'
import { webViewer } from './web-viewer.ts'

/** How many viewers may look at once. */
export const mostClients = 50
/** The longest message of a viewer, in bytes. */
export const longestMessage = 65_536
const mostConnections = 100
const headersTimeout = 10_000
const mostOrigins = 100
const loopbackAddress = /^(?:127\.0\.0\.1|::1|::ffff:127\.0\.0\.1)$/

/** Where to listen. */
export interface BridgeListenOptions {
  /** 0: any that is free. @default 0 */
  readonly port?: number
  /** @default '127.0.0.1' */
  readonly host?: '127.0.0.1' | '::1'
  /**
   * A web viewer to show in a page under `page`: `'https://stately.ai/inspect'`. What is inspected goes to that page, so to
   * whoever made it. @default none
   */
  readonly viewer?: string
}
/** A bridge that listens. */
export interface BridgeAddress {
  /** What a viewer connects to, token included: `ws://127.0.0.1:4000/?token=…` */
  readonly url: string
  readonly port: number
  /** The page with the web viewer, if one was named, for a browser of this machine. */
  readonly page?: string
  /** Lets nobody in any more, and ends the viewers that came in here. */
  close(): Promise<void>
}

interface Rules {
  /** Undefined: none is asked for. */
  readonly token: Token | undefined
  readonly origins: ReadonlySet<string>
}

/** Checks what pages may connect, and with which token. */
export function rulesOf(origins: readonly string[] = [], token?: string | false): Rules {
  if (!Array.isArray(origins) || origins.length > mostOrigins || !origins.every(isOrigin))
    throw new ValidationError('origins', `up to ${mostOrigins} origins such as 'http://localhost:3000'`, origins)
  return { origins: new Set(origins), token: token === false ? undefined : new Token(token) }
}

function isOrigin(text: unknown): boolean {
  return typeof text === 'string' && URL.canParse(text) && new URL(text).origin === text
}

/** Loads `ws`; it is an optional peer. */
export async function loadWs(load = () => import('ws')): Promise<typeof import('ws')> {
  try {
    return await load()
  } catch (error) {
    throw new OffstageError('NEEDS_PACKAGE', 'a bridge that listens needs the package ws: npm install ws', {
      cause: error,
    })
  }
}

/** Takes viewers in. */
export class Sockets {
  readonly #rules: Rules
  readonly #entered: (socket: WebSocket, stream: Duplex) => void
  readonly #closers = new Set<() => Promise<void>>()
  #upgrader: WebSocketServer | undefined
  #closed = false

  constructor(rules: Rules, entered: (socket: WebSocket, stream: Duplex) => void) {
    this.#rules = rules
    this.#entered = entered
  }

  get count(): number {
    return this.#upgrader?.clients.size ?? 0
  }

  async listen(options: BridgeListenOptions = {}): Promise<BridgeAddress> {
    checkOptions(options, new Set(['port', 'host', 'viewer']), 'listen')
    const host = checkOneOf(options.host ?? '127.0.0.1', 'host', ['127.0.0.1', '::1'])
    const port = checkInteger(options.port ?? 0, 'port', 0, 65_535)
    const viewer = options.viewer === undefined ? undefined : webViewer(options.viewer)
    await this.#ready()
    const server = createServer({ headersTimeout }, (request, response) => {
      response.setHeader('connection', 'close')
      const refusal = this.#refusal(request, request.url ?? '')
      if (refusal !== undefined) return response.writeHead(refusal).end()
      if (viewer === undefined || request.method !== 'GET')
        return response.writeHead(426, { upgrade: 'websocket' }).end()
      response.writeHead(200, viewer.headers).end(viewer.html)
    })
    server.maxConnections = mostConnections
    const detach = this.#mount(server, '/')
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, host, resolve)
    })
    const close = async (): Promise<void> => {
      if (!this.#closers.delete(close)) return
      await detach()
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
    }
    this.#closers.add(close)
    const { port: given } = server.address() as { port: number }
    const query = this.#rules.token === undefined ? '' : `?token=${this.#rules.token.text}`
    const place = `${host === '::1' ? '[::1]' : host}:${given}/${query}`
    return { url: `ws://${place}`, port: given, ...(viewer !== undefined && { page: `http://${place}` }), close }
  }

  /** Takes viewers in at a path of a server that exists. */
  async attach(server: Server, path: string): Promise<() => Promise<void>> {
    if (typeof server?.on !== 'function') throw new ValidationError('server', 'a server of node:http', server)
    if (typeof path !== 'string' || !path.startsWith('/')) throw new ValidationError('path', "a path such as '/'", path)
    await this.#ready()
    const detach = this.#mount(server, path)
    const close = async (): Promise<void> => {
      if (this.#closers.delete(close)) await detach()
    }
    this.#closers.add(close)
    return close
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#closers].map((close) => close()))
    for (const client of this.#upgrader?.clients ?? []) client.terminate()
  }

  async #ready(): Promise<void> {
    const { WebSocketServer } = await loadWs()
    if (this.#closed) throw new OffstageError('GONE', 'the bridge is closed')
    this.#upgrader ??= new WebSocketServer({ noServer: true, maxPayload: longestMessage, perMessageDeflate: false })
  }

  #mount(server: Server, path: string): () => Promise<void> {
    const own = new Set<WebSocket>()
    const upgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
      const target = request.url ?? ''
      if (path !== '/' && target.split('?', 1)[0] !== path) return
      stream.on('error', () => stream.destroy())
      const refusal = this.#refusal(request, target)
      if (refusal !== undefined || this.#upgrader === undefined) return refuse(stream, refusal ?? 503)
      this.#upgrader.handleUpgrade(request, stream, head, (socket) => {
        own.add(socket)
        socket.on('close', () => own.delete(socket))
        // a broken or too long message; the socket closes itself
        socket.on('error', () => {})
        this.#entered(socket, stream)
      })
    }
    server.on('upgrade', upgrade)
    return async () => {
      server.off('upgrade', upgrade)
      for (const socket of own) socket.terminate()
    }
  }

  /** The status of an answer that lets nobody in. */
  #refusal({ headers, rawHeaders, socket }: IncomingMessage, target: string): number | undefined {
    if (this.#closed) return 503
    if (!loopbackAddress.test(socket.localAddress ?? '')) return 403
    const hosts = rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === 'host').length
    const place = loopbackPlace(headers.host ?? '', 'http', socket.localPort)
    if (place === undefined || hosts !== 1 || !target.startsWith('/')) return 403
    const { origin } = headers
    if (origin !== undefined && origin !== place.origin && !this.#rules.origins.has(origin)) return 403
    const given = new URL(target, place.origin).searchParams.getAll('token')
    const { token } = this.#rules
    if (token !== undefined && !(given.length === 1 && token.fits(given[0] ?? ''))) return 401
    return this.count >= mostClients ? 503 : undefined
  }
}

function refuse(stream: Duplex, status: number): void {
  stream.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

/** A message of a viewer, if it is JSON with a type. */
export function readMessage(data: unknown, isBinary: boolean): { readonly [key: string]: unknown } | undefined {
  if (isBinary) return undefined
  try {
    const message: unknown = JSON.parse(String(data))
    return typeof message === 'object' && message !== null ? (message as { [key: string]: unknown }) : undefined
  } catch {
    return undefined
  }
}
