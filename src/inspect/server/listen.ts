/** @module The inspector's own server: on the loopback of this machine, and bounded in all that it accepts. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { SystemClock } from '../../clock.ts'
import { OffstageError } from '../../errors.ts'
import { checkInteger, checkOneOf } from '../../validate.ts'
import type { NodeInfo } from './guard.ts'
import { Refusal } from './refusal.ts'

export interface ListenOptions {
  /** 0 is any free one. @default 0 */
  readonly port?: number
  /** @default '127.0.0.1' */
  readonly host?: '127.0.0.1' | '::1'
}

export interface Bound {
  readonly port: number
  /** `http://127.0.0.1:4000` */
  readonly origin: string
  /** Ends open connections, too. */
  close(): Promise<void>
}

export const limits = {
  /** In bytes, all headers of a request together. */
  maxHeaderSize: 16_384,
  /** How long headers, and a whole request, may take to arrive, in ms. */
  headersTimeout: 10_000,
  requestTimeout: 20_000,
  /** How often Node looks for those that are late. */
  connectionsCheckingInterval: 2_000,
  keepAliveTimeout: 5_000,
}
export const mostConnections = 64
/** How long connections have to take what was said to them last, in ms. */
const lastWord = 250
const hosts = ['127.0.0.1', '::1'] as const

const unreadable = new Refusal(400, 'ADDRESS', 'The address cannot be read.')

/** A handler of Node's own requests; what it is handed on with them is `info`. */
export type NodeHandler = (incoming: IncomingMessage, outgoing: ServerResponse) => void

/** Makes a handler for servers of Node of one for the web's Request. */
export function nodeHandler(fetch: (request: Request, info: NodeInfo) => Promise<Response>): NodeHandler {
  const answer = getRequestListener((request, env) => fetch(request, env as NodeInfo), {
    overrideGlobalObjects: false,
    errorHandler: () => unreadable.response,
  })
  return (incoming, outgoing) => void answer(incoming, outgoing)
}

/**
 * Serves a fetch handler.
 *
 * @throws {ValidationError} for a host that others can reach.
 * @throws {OffstageError} PORT_IN_USE; LISTEN for whatever else the system says.
 */
export async function listenOn(
  fetch: (request: Request, info: NodeInfo) => Promise<Response>,
  { port = 0, host = '127.0.0.1' }: ListenOptions,
  times: Partial<typeof limits> = {},
): Promise<Bound> {
  checkInteger(port, 'port', 0, 65_535)
  checkOneOf(host, 'host', hosts)
  const handler = nodeHandler((request, info) => fetch(request, { ...info, isWhole: true }))
  const server = createServer({ ...limits, ...times }, handler)
  server.maxConnections = mostConnections
  await opened(server, port, host)
  const { port: taken } = server.address() as AddressInfo
  const origin = `http://${host === '::1' ? '[::1]' : host}:${taken}`
  return { port: taken, origin, close: () => closed(server) }
}

function opened(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.on('error', (cause: NodeJS.ErrnoException) => {
      const { code } = cause
      if (code !== 'EADDRINUSE')
        return reject(new OffstageError('LISTEN', `${host} cannot be listened on: ${code}`, { cause }))
      const advice = 'choose another one, or 0 for any free one'
      reject(new OffstageError('PORT_IN_USE', `port ${port} of ${host} is in use: ${advice}`, { cause }))
    })
    server.listen({ port, host, exclusive: true, ipv6Only: host === '::1' }, resolve)
  })
}

/** A last word may be on its way; whoever does not take it is not waited for. */
function closed(server: Server): Promise<void> {
  const clock = new SystemClock()
  return new Promise((resolve) => {
    const timer = clock.setTimeout(() => server.closeAllConnections(), lastWord)
    server.close(() => {
      clock.clearTimeout(timer)
      resolve()
    })
  })
}
