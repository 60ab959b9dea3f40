import { createServer, get, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { loadWs, mostClients, rulesOf, Sockets } from '../../../src/inspect/bridges/sockets.ts'

const token = 'a'.repeat(22)
const open = new Set<{ close(): unknown }>()
afterEach(async () => {
  for (const each of open) await each.close()
  open.clear()
})

function sockets(origins: readonly string[] = [], given: string | false = token): Sockets {
  const made = new Sockets(rulesOf(origins, given), (socket) =>
    socket.on('message', (data) => socket.send(String(data))),
  )
  open.add(made)
  return made
}

/** The status of an attempt to connect; 101: it was let in. */
function attempt(url: string, headers: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { headers })
    socket.on('open', () => {
      socket.terminate()
      resolve(101)
    })
    socket.on('unexpected-response', (_request, response: IncomingMessage) => resolve(response.statusCode ?? 0))
    socket.on('error', reject)
  })
}
/** The first line of the answer to raw bytes. */
function raw(port: number, lines: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`${lines.join('\r\n')}\r\n\r\n`))
    socket.on('data', (data) => {
      resolve(String(data).split('\r\n', 1)[0] ?? '')
      socket.destroy()
    })
    socket.on('error', reject)
    socket.on('close', () => resolve('closed'))
  })
}
const upgrade = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
]

describe('a bridge lets in', () => {
  it('a program of this machine that brings the token', async () => {
    const { url } = await sockets().listen()
    expect(url).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/\?token=a{22}$/)
    expect(await attempt(url)).toBe(101)
  })

  it('a page of its own address, and of origins that were named', async () => {
    const { url, port } = await sockets(['http://localhost:3000']).listen()
    expect(await attempt(url, { Origin: `http://127.0.0.1:${port}` })).toBe(101)
    expect(await attempt(url, { Origin: 'http://localhost:3000' })).toBe(101)
  })

  it('anybody of this machine where no token is asked for', async () => {
    const { url } = await sockets([], false).listen()
    expect(url).not.toContain('token')
    expect(await attempt(url)).toBe(101)
  })
})

describe('a bridge refuses', () => {
  it.each([
    'http://evil.example',
    'null',
    'http://localhost:3000',
    'https://127.0.0.1',
    'http://127.0.0.1.evil.example',
    'file://',
  ])('a page of the origin %s, the token notwithstanding', async (origin) => {
    const { url } = await sockets().listen()
    expect(await attempt(url, { Origin: origin })).toBe(403)
  })

  it('a page of another port and of https at its own address', async () => {
    const { url, port } = await sockets().listen()
    expect(await attempt(url, { Origin: `http://127.0.0.1:${port + 1}` })).toBe(403)
    expect(await attempt(url, { Origin: `https://127.0.0.1:${port}` })).toBe(403)
  })

  it.each(['evil.example', 'localhost.evil.example', 'localhost6', '127.1', '0.0.0.0', ''])(
    'a request for the host %j (DNS rebinding)',
    async (host) => {
      const { port } = await sockets().listen()
      const answer = await raw(port, [`GET /?token=${token} HTTP/1.1`, `Host: ${host}:${port}`, ...upgrade])
      expect(answer).toMatch(/ 40[03] /)
    },
  )

  it('a host without its port or with another, two hosts, none, and an absolute address', async () => {
    const { port } = await sockets().listen()
    const own = `Host: 127.0.0.1:${port}`
    const line = `GET /?token=${token} HTTP/1.1`
    expect(await raw(port, [line, own, ...upgrade])).toContain(' 101 ')
    expect(await raw(port, [line, 'Host: 127.0.0.1', ...upgrade])).toContain(' 403 ')
    expect(await raw(port, [line, `Host: 127.0.0.1:${port + 1}`, ...upgrade])).toContain(' 403 ')
    expect(await raw(port, [line, own, own, ...upgrade])).toMatch(/ 40[03] /)
    expect(await raw(port, [line, ...upgrade])).toMatch(/ 40[03] /)
    const absolute = `GET http://evil.example/?token=${token} HTTP/1.1`
    expect(await raw(port, [absolute, own, ...upgrade])).toContain(' 403 ')
  })

  it.each(['', '?token=', `?token=${'b'.repeat(22)}`, `?token=${token}&token=${token}`, `?Token=${token}`])(
    'a program that brings %j for a token',
    async (query) => {
      const { port } = await sockets().listen()
      expect(await attempt(`ws://127.0.0.1:${port}/${query}`)).toBe(401)
    },
  )

  it(`more than ${mostClients} viewers`, async () => {
    const { url } = await sockets().listen()
    const viewers = Array.from({ length: mostClients }, () => new WebSocket(url))
    await Promise.all(viewers.map((viewer) => new Promise((resolve) => viewer.once('open', resolve))))
    expect(await attempt(url)).toBe(503)
    for (const viewer of viewers) viewer.terminate()
  })

  it('messages that are too long, and goes on', async () => {
    const made = sockets()
    const { url } = await made.listen()
    const viewer = new WebSocket(url)
    await new Promise((resolve) => viewer.once('open', resolve))
    viewer.send('x'.repeat(70_000))
    expect(await new Promise((resolve) => viewer.once('close', resolve))).toBe(1009)
    expect(await attempt(url)).toBe(101)
  })

  it('to listen anywhere but on this machine', async () => {
    await expect(sockets().listen({ host: '0.0.0.0' as never })).rejects.toThrow(/host must be '127.0.0.1' or '::1'/)
  })
})

describe('a bridge on a server of somebody else', () => {
  it('takes its own path, leaves others alone, and can be taken off', async () => {
    const server = createServer((_request, response) => response.end('app')).listen(0, '127.0.0.1')
    open.add({ close: () => new Promise((resolve) => server.close(resolve)) })
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as { port: number }
    server.on('upgrade', ({ url }, stream) => {
      if (!url?.startsWith('/bridge')) stream.end('HTTP/1.1 418 Teapot\r\n\r\n')
    })
    const detach = await sockets().attach(server, '/bridge')
    expect(await attempt(`ws://127.0.0.1:${port}/bridge?token=${token}`)).toBe(101)
    expect(await attempt(`ws://127.0.0.1:${port}/bridge`)).toBe(401)
    expect(await attempt(`ws://127.0.0.1:${port}/other`)).toBe(418)
    await detach()
    expect(server.listenerCount('upgrade')).toBe(1)
  })
})

describe('closing', () => {
  it('ends every viewer and frees the port', async () => {
    const made = sockets()
    const { url, port } = await made.listen()
    const viewer = new WebSocket(url)
    await new Promise((resolve) => viewer.once('open', resolve))
    const gone = new Promise((resolve) => viewer.once('close', resolve))
    await made.close()
    await gone
    const again = await sockets().listen({ port })
    expect(again.port).toBe(port)
    await expect(made.listen()).rejects.toThrow('the bridge is closed')
  })
})

describe('the page with a web viewer', () => {
  const fetched = (url: string, headers: Record<string, string> = {}): Promise<{ status: number; policy: string }> =>
    new Promise((resolve, reject) => {
      get(url, { headers }, (response) => {
        response.resume()
        const policy = response.headers['content-security-policy'] ?? ''
        response.on('end', () => resolve({ status: response.statusCode ?? 0, policy: String(policy) }))
      }).on('error', reject)
    })

  it('is there where one was named, for who has the token', async () => {
    const { page = '', port } = await sockets().listen({ viewer: 'https://viewer.example/inspect?a=1&b="' })
    const { status, policy } = await fetched(page)
    expect(status).toBe(200)
    expect(policy).toContain('frame-src https://viewer.example;')
    expect(policy).toContain("default-src 'none'")
    expect((await fetched(`http://127.0.0.1:${port}/`)).status).toBe(401)
    expect((await fetched(page, { host: 'evil.example' })).status).toBe(403)
  })

  it('is not there otherwise', async () => {
    const { url, page } = await sockets().listen()
    expect(page).toBeUndefined()
    expect((await fetched(url.replace('ws', 'http'))).status).toBe(426)
  })

  it('is not made of an address that runs', async () => {
    await expect(sockets().listen({ viewer: 'javascript:alert(1)' })).rejects.toThrow(/viewer must be/)
  })
})

it('says what to install where ws is missing', async () => {
  const load = (): never => {
    throw new Error("Cannot find package 'ws'")
  }
  await expect(loadWs(load)).rejects.toMatchObject({
    code: 'NEEDS_PACKAGE',
    message: expect.stringContaining('npm install ws'),
  })
})
