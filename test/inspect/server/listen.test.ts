import { once } from 'node:events'
import { createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { describe, expect, it, onTestFinished } from 'vitest'
import { waitingLimit } from '../../../src/inspect/server/event-writer.ts'
import {
  type Bound,
  type ListenOptions,
  limits,
  listenOn,
  mostConnections,
} from '../../../src/inspect/server/listen.ts'
import { frameOf, open, sendRaw, serve, statusOf } from './kit.ts'

const own = { Request: globalThis.Request, Response: globalThis.Response }
const hello = async (): Promise<Response> => new Response('hello')
async function listen(options: ListenOptions): Promise<Bound> {
  const bound = await listenOn(hello, options)
  onTestFinished(() => bound.close())
  return bound
}

describe('listening', () => {
  it('is on the loopback alone', async () => {
    const { port, origin } = await listen({})
    expect(origin).toBe(`http://127.0.0.1:${port}`)
    expect(await (await fetch(origin)).text()).toBe('hello')
    const others = Object.values(networkInterfaces()).flatMap((all) => all ?? [])
    for (const { address, family, scopeid } of others) {
      if (address === '127.0.0.1' || (family === 'IPv6' && scopeid !== 0)) continue
      await expect(open(port, address)).rejects.toThrow()
    }
  })

  it.each([
    '0.0.0.0',
    '::',
    'localhost',
    '127.0.0.2',
    '127.1',
    '::ffff:127.0.0.1',
    '192.168.0.1',
    'example.com',
    '',
    '/tmp/socket',
    null,
  ])('refuses the host %j', async (host) => {
    await expect(listenOn(hello, { host: host as '::1' })).rejects.toThrow("host must be '127.0.0.1' or '::1', got")
  })

  it.each([-1, 65_536, 1.5, Number.NaN, '4000'])('refuses the port %j', async (port) => {
    await expect(listenOn(hello, { port: port as number })).rejects.toThrow(
      'port must be a whole number from 0 to 65535',
    )
  })

  it('says what to do about a port in use', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void other.close())
    await once(other, 'listening')
    const { port } = other.address() as { port: number }
    await expect(listenOn(hello, { port })).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: `port ${port} of 127.0.0.1 is in use: choose another one, or 0 for any free one`,
    })
  })

  it('ends with all its connections', async () => {
    const bound = await listenOn(hello, {})
    const socket = await open(bound.port)
    await bound.close()
    if (!socket.closed) await once(socket, 'close')
    await expect(open(bound.port)).rejects.toThrow('ECONNREFUSED')
  })

  it('answers what is no HTTP, and no address, with 400', async () => {
    const { port } = await listen({})
    expect(statusOf(await sendRaw(port, 'nonsense\r\n\r\n'))).toBe(400)
    expect(statusOf(await sendRaw(port, 'GET nonsense HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'))).toBe(400)
    expect(statusOf(await sendRaw(port, 'GET / HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n'))).toBe(400)
    expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe('hello')
  })

  it('leaves the globals of the process alone', async () => {
    await listen({})
    expect([globalThis.Request === own.Request, globalThis.Response === own.Response]).toEqual([true, true])
  })
})

describe('a client that does harm', () => {
  it('sends a header a byte at a time: it has 10 seconds', async () => {
    expect(limits.headersTimeout).toBe(10_000)
    const times = { headersTimeout: 300, requestTimeout: 600, connectionsCheckingInterval: 50 }
    const bound = await listenOn(hello, {}, times)
    onTestFinished(() => bound.close())
    const socket = await open(bound.port)
    let answer = ''
    socket.setEncoding('latin1').on('data', (part: string) => {
      answer += part
    })
    socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n')
    const drip = setInterval(() => socket.write('X: 1\r\n'), 20)
    onTestFinished(() => clearInterval(drip))
    await once(socket, 'close')
    expect(statusOf(answer)).toBe(408)
  })

  it('sends a body a byte at a time: it has 20 seconds', async () => {
    expect(limits.requestTimeout).toBe(20_000)
    const times = { headersTimeout: 300, requestTimeout: 600, connectionsCheckingInterval: 50 }
    const bound = await listenOn(async (request) => new Response(await request.text().catch(() => '')), {}, times)
    onTestFinished(() => bound.close())
    const socket = await open(bound.port)
    socket.write('POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000\r\n\r\n')
    socket.resume()
    const drip = setInterval(() => socket.write('x'), 20)
    onTestFinished(() => clearInterval(drip))
    await once(socket, 'close')
  })

  it('opens more connections than there are: those beyond are closed, the others served', async () => {
    const { port, origin } = await listen({})
    const sockets = await Promise.all(Array.from({ length: mostConnections }, () => open(port)))
    const beyond = await open(port).catch(() => undefined)
    if (beyond !== undefined && !beyond.closed) await once(beyond, 'close')
    expect(sockets.every(({ readyState }) => readyState === 'open')).toBe(true)
    const [first] = sockets
    first?.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    const [answer] = await once(first as NonNullable<typeof first>, 'data')
    expect(String(answer)).toContain('200 OK')
    await expect
      .poll(() =>
        fetch(origin).then(
          ({ status }) => status,
          () => 0,
        ),
      )
      .toBe(200)
  })

  it('never reads: it is dropped, and nothing is gathered for it', async () => {
    const { app, fake, port, own } = await serve()
    const socket = await open(port)
    socket.pause()
    socket.write(`GET /events HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nCookie: ${own.cookie}\r\n\r\n`)
    await expect.poll(() => app.streams).toBe(1)
    const before = process.memoryUsage().external + process.memoryUsage().arrayBuffers
    const filler = 'x'.repeat(200_000)
    let told = 0
    for (; app.streams > 0 && told < 1_000; told += 1) {
      fake.tell(frameOf(told + 2, filler))
      await new Promise(setImmediate)
    }
    expect(app.streams).toBe(0)
    expect(fake.listeners.size).toBe(0)
    // what the system itself keeps for a connection comes on top
    expect(told * filler.length).toBeLessThan(40 * waitingLimit)
    const grown = process.memoryUsage().external + process.memoryUsage().arrayBuffers - before
    expect(grown).toBeLessThan(20 * waitingLimit)
    socket.resume()
    if (!socket.closed) await once(socket, 'close')
  })
})
