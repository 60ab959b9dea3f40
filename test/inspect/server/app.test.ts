import { Hono } from 'hono'
import { afterEach, describe, expect, it } from 'vitest'
import { mostStreams } from '../../../src/inspect/server/app.ts'
import { bodyBytes } from '../../../src/inspect/server/body.ts'
import { appOf, open as connected, frameOf, html, type Running, serve, statusOf, told } from './kit.ts'

const open: Response[] = []
afterEach(async () => {
  for (const response of open.splice(0)) await response.body?.cancel().catch(() => {})
})
async function stream(server: Running, path = '/events', headers: Record<string, string> = {}): Promise<Response> {
  const response = await server.ask(path, { headers })
  open.push(response)
  return response
}
const write = ({ origin }: Running): Record<string, string> => ({
  origin,
  'x-offstage': '1',
  'content-type': 'application/json',
})

describe('every answer', () => {
  it('is kept by nobody, read by no other page, and framed nowhere', async () => {
    const server = await serve()
    for (const path of ['/', '/events', '/api/frame', '/api/marks', '/api/charts/task', '/nowhere', '/?token=x']) {
      const { headers } = await stream(server, path)
      expect({ path, ...Object.fromEntries(headers) }).toMatchObject({
        'cache-control': 'no-store',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
      })
      expect(headers.get('content-security-policy')).toContain("default-src 'none'")
      expect(headers.get('access-control-allow-origin')).toBeNull()
      expect(headers.get('x-powered-by') ?? headers.get('server')).toBeNull()
    }
  })

  it('is the page with the policy for its own script, or JSON that nothing takes for a page', async () => {
    const { ask } = await serve()
    const page = await ask('/')
    expect([page.headers.get('content-type'), await page.text()]).toEqual(['text/html; charset=utf-8', html])
    expect(page.headers.get('content-security-policy')).toMatch(/script-src 'sha256-[\w+/=]{44}'; style-src 'sha256-/)
    const frame = await ask('/api/frame')
    expect(frame.headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(await frame.json()).toEqual(frameOf(1))
  })
})

describe('what cannot be asked', () => {
  it.each([
    '/nowhere',
    '/api',
    '/api/',
    '/api/frame/x',
    '/events/',
    '/%2e%2e/etc/passwd',
    '/api/charts/',
    '//evil.com',
    '/api/charts/<script>',
  ])('%s is not there, and the answer does not repeat it', async (path) => {
    const { raw, own, port } = await serve()
    const answer = await raw([
      `GET ${path} HTTP/1.1`,
      `Host: 127.0.0.1:${port}`,
      `Cookie: ${own.cookie}`,
      'Connection: close',
    ])
    expect(statusOf(answer)).toBe(404)
    expect(answer).toContain('{"code":"NOT_FOUND","message":"There is no such thing here."}')
  })

  it.each(['/\\evil.com', '/api/charts/%ff%00', '/%', '/a\u00e9'])('%j is refused, or not there', async (path) => {
    const { raw, own, port } = await serve()
    const answer = await raw([
      `GET ${path} HTTP/1.1`,
      `Host: 127.0.0.1:${port}`,
      `Cookie: ${own.cookie}`,
      'Connection: close',
    ])
    expect([400, 404]).toContain(statusOf(answer))
  })

  it.each([
    ['PUT', '/'],
    ['DELETE', '/api/actions'],
    ['HEAD', '/events'],
    ['GET', '/api/actions'],
    ['POST', '/'],
    ['POST', '/events'],
    ['PATCH', '/nowhere'],
  ])('%s %s is not allowed', async (method, path) => {
    const server = await serve()
    const response = await server.ask(path, { method, headers: write(server) })
    expect(response.status).toBe(405)
    expect(response.headers.get('allow') ?? 'GET').toMatch(/GET|POST/)
  })

  it('is an address without end', async () => {
    const { ask } = await serve()
    expect((await ask(`/api/frame?search=${'x'.repeat(9_000)}`)).status).toBe(400)
    const long = await ask('/api/frame', { headers: { 'x-long': 'x'.repeat(20_000) } })
    expect(long.status).toBe(431)
  })

  it.each(['0', '1001', '-1', '1e3', '', 'x'])('are %j marks', async (count) => {
    const { ask } = await serve()
    const response = await ask(`/api/marks?count=${count}`)
    expect([response.status, await response.json()]).toEqual([
      400,
      { code: 'INVALID_OPTION', message: 'count must be a whole number from 1 to 1000.' },
    ])
  })
})

describe('an error of the server', () => {
  it('is told its log, and not the page', async () => {
    const { ask, fake } = await serve()
    const response = await ask('/api/frame?view=broken')
    expect([response.status, await response.json()]).toEqual([
      500,
      { code: 'INTERNAL', message: 'Something went wrong. The log of the inspector tells what.' },
    ])
    expect(fake.errors).toHaveLength(1)
  })
})

describe('the marks and charts', () => {
  it('are told as many as are asked for', async () => {
    const { ask } = await serve()
    expect(await (await ask('/api/marks?count=3')).json()).toHaveLength(3)
    expect(await (await ask('/api/marks')).json()).toHaveLength(200)
    expect(await (await ask('/api/charts/task')).json()).toMatchObject({ id: 'task' })
    expect((await ask('/api/charts/other')).status).toBe(404)
  })
})

describe('the event stream', () => {
  it('says hello, then the moment at hand, then each that follows', async () => {
    const server = await serve()
    const events = told(await stream(server))
    expect((await events.next()).value).toMatchObject({ event: 'hello', data: { type: 'hello', protocol: 1 } })
    expect((await events.next()).value).toEqual({ event: 'frame', id: 'e1.1', data: frameOf(1) })
    server.fake.tell(frameOf(2))
    expect((await events.next()).value).toEqual({ event: 'frame', id: 'e1.2', data: frameOf(2) })
  })

  it('tells the recorder what a reader has seen that comes back', async () => {
    const server = await serve()
    await stream(server, '/events', { 'last-event-id': 'e1.1' })
    expect(server.fake.seen).toEqual(['e1.1'])
  })

  it.each(['', '\u00ff', '<script>', 'a b', 'x'.repeat(5_000)])(
    'begins anew for a reader that comes back with %j',
    async (seen) => {
      const server = await serve()
      const events = told(await stream(server, '/events', { 'last-event-id': seen }))
      await events.next()
      expect((await events.next()).value?.id).toBe('e1.1')
      expect(server.fake.seen).toEqual([undefined])
    },
  )

  it('refuses a query before it begins', async () => {
    const server = await serve()
    expect((await stream(server, '/events?view=broken')).status).toBe(500)
    expect(server.app.streams).toBe(0)
  })

  it('is called off when its reader leaves', async () => {
    const server = await serve()
    const response = await stream(server)
    expect([server.app.streams, server.fake.listeners.size]).toEqual([1, 1])
    await response.body?.cancel()
    await expect.poll(() => [server.app.streams, server.fake.listeners.size]).toEqual([0, 0])
  })

  it('is not begun for a reader that has left already', async () => {
    const { app, fake, token } = appOf()
    const headers = { cookie: `offstage_80=${token.text}` }
    await app.fetch(new Request('http://localhost/events', { headers, signal: AbortSignal.abort() }))
    expect([app.streams, fake.listeners.size]).toEqual([0, 0])
  })

  it(`is there for ${mostStreams} readers; one more is told why not, until one leaves`, async () => {
    const server = await serve()
    const all = await Promise.all(Array.from({ length: mostStreams }, () => stream(server)))
    expect(all.every(({ status }) => status === 200)).toBe(true)
    const readers = all.map((response) => told(response))
    const refused = await stream(server)
    expect([refused.status, await refused.json()]).toEqual([503, expect.objectContaining({ code: 'TOO_MANY' })])
    server.fake.tell(frameOf(2))
    for (const reader of readers)
      for (const event of ['hello', 'frame', 'frame']) expect((await reader.next()).value?.event).toBe(event)
    await readers[0]?.return(undefined)
    await expect.poll(async () => (await stream(server)).status).toBe(200)
  })

  it('says that nothing more will come, and ends; who comes later hears it at once', async () => {
    const server = await serve()
    const events = told(await stream(server))
    await events.next()
    server.app.end('The store is gone.')
    const gone = { event: 'gone', id: undefined, data: { type: 'gone', message: 'The store is gone.' } }
    expect([(await events.next()).value?.event, (await events.next()).value]).toEqual(['frame', gone])
    expect((await events.next()).done).toBe(true)
    const later = told(await stream(server))
    expect([(await later.next()).value?.event, (await later.next()).value]).toEqual(['hello', gone])
    expect([server.app.streams, server.fake.listeners.size]).toEqual([0, 0])
  })
})

describe('actions', () => {
  it('are refused unless they are allowed', async () => {
    const server = await serve()
    const response = await server.ask('/api/actions', { method: 'POST', headers: write(server), body: '{}' })
    expect([response.status, await response.json()]).toEqual([403, expect.objectContaining({ code: 'READ_ONLY' })])
  })

  it('are handed on as JSON, and answered with what became of them', async () => {
    const server = await serve()
    const heard: unknown[] = []
    server.fake.act = async (action) => {
      heard.push(action)
      return heard.length === 1 ? { ok: true, message: 'done' } : { ok: false, code: 'GONE', message: 'gone' }
    }
    const post = (): Promise<Response> =>
      server.ask('/api/actions', { method: 'POST', headers: write(server), body: '{"do":"retry","task":"a"}' })
    const [first, second] = [await post(), await post()]
    expect([first.status, await first.json()]).toEqual([200, { ok: true, message: 'done' }])
    expect([second.status, await second.json()]).toEqual([404, { ok: false, code: 'GONE', message: 'gone' }])
    expect(heard).toEqual([
      { do: 'retry', task: 'a' },
      { do: 'retry', task: 'a' },
    ])
  })

  it.each([
    ['nothing', ''],
    ['half of it', '{"do":'],
    ['NaN', '{"do":NaN}'],
    ['bytes that are no text', new Uint8Array([0x22, 0xff, 0x22])],
  ])('that are no JSON are refused: %s', async (_, body) => {
    const server = await serve()
    server.fake.act = async () => ({ ok: true, message: 'done' })
    const response = await server.ask('/api/actions', { method: 'POST', headers: write(server), body })
    expect([response.status, await response.json()]).toEqual([400, expect.objectContaining({ code: 'INVALID_JSON' })])
  })

  it('whose sender leaves in the middle are forgotten', async () => {
    const server = await serve()
    const heard: unknown[] = []
    server.fake.act = async (action) => {
      heard.push(action)
      return { ok: true, message: 'done' }
    }
    const socket = await connected(server.port)
    const lines = Object.entries({ ...write(server), ...server.own, 'content-length': '100' })
    const head = [
      'POST /api/actions HTTP/1.1',
      `host: 127.0.0.1:${server.port}`,
      ...lines.map((line) => line.join(': ')),
    ]
    socket.write(`${head.join('\r\n')}\r\n\r\n{"do":`)
    socket.resume().end()
    await new Promise((resolve) => socket.once('close', resolve))
    expect((await server.ask('/api/frame')).status).toBe(200)
    expect([heard, server.fake.errors]).toEqual([[], []])
  })

  it(`have ${bodyBytes} bytes at most, told or not`, async () => {
    const server = await serve()
    const sizes: number[] = []
    server.fake.act = async (action) => {
      sizes.push(JSON.stringify(action).length)
      return { ok: true, message: 'done' }
    }
    const post = async (size: number, isStreamed: boolean): Promise<number> => {
      const text = JSON.stringify('x'.repeat(size - 2))
      const body = isStreamed ? new Blob([text]).stream() : text
      const init = { method: 'POST', headers: write(server), body, duplex: 'half' }
      return (await server.ask('/api/actions', init as RequestInit)).status
    }
    expect([await post(bodyBytes, false), await post(bodyBytes, true)]).toEqual([200, 200])
    expect([await post(bodyBytes + 1, false), await post(bodyBytes + 1, true)]).toEqual([413, 413])
    expect(sizes).toEqual([bodyBytes, bodyBytes])
  })
})

describe('below a path', () => {
  it('that its app takes away, it is the same, and leads back by a relative address', async () => {
    const { app, token } = appOf()
    const outer = new Hono().mount('/inspect', (request) => app.fetch(request))
    const ask = async (path: string, cookie = `offstage_80=${token.text}`): Promise<Response> =>
      outer.fetch(new Request(`http://localhost${path}`, { headers: { cookie } }))
    const entered = await ask(`/inspect?token=${token.text}`, '')
    expect([entered.status, entered.headers.get('location')]).toEqual([303, '?'])
    expect(await (await ask('/inspect')).text()).toBe(html)
    expect(await (await ask('/inspect/')).text()).toBe(html)
    expect(await (await ask('/inspect/api/frame')).json()).toEqual(frameOf(1))
  })

  it('that it is told of, it answers there alone', async () => {
    const { app, token } = appOf({ basePath: '/admin/inspect/' })
    const ask = async (path: string, cookie = `offstage_80=${token.text}`): Promise<Response> =>
      app.fetch(new Request(`http://localhost${path}`, { headers: { cookie } }))
    const entered = await ask(`/admin/inspect?token=${token.text}&a=1`, '')
    expect([entered.status, entered.headers.get('location')]).toEqual([303, '/admin/inspect?a=1'])
    expect(await (await ask('/admin/inspect')).text()).toBe(html)
    expect(await (await ask('/admin/inspect/')).text()).toBe(html)
    expect((await ask('/admin/inspect/api/frame')).status).toBe(200)
    for (const path of ['/', '/api/frame', '/admin/inspectx', '/admin', '/x/admin/inspect/'])
      expect([path, (await ask(path)).status]).toEqual([path, 404])
  })
})
