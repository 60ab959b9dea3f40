import { describe, expect, it } from 'vitest'
import { nodeInfo } from '../../../src/inspect/server/guard.ts'
import { appOf, html, type Running, sendRaw, serve, statusOf } from './kit.ts'

const bodyOf = (answer: string): { code: string; message: string } =>
  JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4))
const request = (host: string, { own }: Running, target = '/api/frame'): string[] => [
  `GET ${target} HTTP/1.1`,
  host,
  `Cookie: ${own.cookie}`,
  'Connection: close',
]

describe('the Host of a request', () => {
  it.each(['127.0.0.1', 'localhost', '[::1]'])('may be %s with the port', async (name) => {
    const server = await serve()
    expect(statusOf(await server.raw(request(`Host: ${name}:${server.port}`, server)))).toBe(200)
  })

  it.each([
    'evil.com:PORT',
    'evil.com',
    'localhost.evil.com:PORT',
    'localhost6:PORT',
    'localhost.:PORT',
    'LOCALHOST:PORT',
    '127.1:PORT',
    '127.0.0.1.:PORT',
    '127.0.0.2:PORT',
    '2130706433:PORT',
    '0x7f.0.0.1:PORT',
    '0.0.0.0:PORT',
    '[::]:PORT',
    '[::ffff:127.0.0.1]:PORT',
    '127.0.0.1',
    'localhost',
    '127.0.0.1:1',
    '127.0.0.1:0PORT',
    '127.0.0.1:PORT:PORT',
    'user@127.0.0.1:PORT',
    '127.0.0.1:PORT/x',
    '127.0.0.1:PORT, evil.com',
    'evil.com, 127.0.0.1:PORT',
    '',
    ' ',
  ])('may not be %j', async (host) => {
    const server = await serve()
    const answer = await server.raw(request(`Host: ${host.replaceAll('PORT', String(server.port))}`, server))
    expect([400, 403]).toContain(statusOf(answer))
    expect(answer).not.toContain('evil')
    expect(answer).not.toContain('"frame"')
  })

  it('may not be missing', async () => {
    const server = await serve()
    expect(statusOf(await server.raw(request('X-None: 1', server)))).toBe(400)
    const old = await server.raw(['GET /api/frame HTTP/1.0', `Cookie: ${server.own.cookie}`])
    expect([400, 403]).toContain(statusOf(old))
  })

  it.each([
    (good: string) => `Host: ${good}\r\nHost: evil.com`,
    (good: string) => `Host: evil.com\r\nHost: ${good}`,
    (good: string) => `Host: ${good}\r\nhost: ${good}`,
  ])('may not be doubled', async (lines) => {
    const server = await serve()
    const answer = await server.raw(request(lines(`127.0.0.1:${server.port}`), server))
    expect([400, 403]).toContain(statusOf(answer))
    expect(answer).not.toContain('"frame"')
  })

  it.each(['http://127.0.0.1:PORT/api/frame', 'http://evil.com/api/frame', 'https://127.0.0.1:PORT/api/frame', '*'])(
    'counts alone: the target %s is refused',
    async (target) => {
      const server = await serve()
      const to = target.replace('PORT', String(server.port))
      const answer = await server.raw(request(`Host: 127.0.0.1:${server.port}`, server, to))
      expect([400, 403]).toContain(statusOf(answer))
      expect(answer).not.toContain('"frame"')
    },
  )

  it('is not replaced by what proxies say', async () => {
    const server = await serve()
    const lines = request('Host: evil.com', server)
    lines.push(`X-Forwarded-Host: 127.0.0.1:${server.port}`, `Forwarded: host=127.0.0.1:${server.port}`)
    expect(bodyOf(await server.raw(lines)).code).toBe('HOST')
  })

  it('is judged before anything else', async () => {
    const server = await serve()
    const answer = await sendRaw(server.port, 'DELETE /nowhere HTTP/1.1\r\nHost: evil.com\r\nConnection: close\r\n\r\n')
    expect(bodyOf(answer).code).toBe('HOST')
  })
})

describe('the token', () => {
  it('is needed for everything', async () => {
    const { ask } = await serve()
    for (const path of ['/', '/events', '/api/frame', '/api/marks', '/api/charts/task', '/nowhere']) {
      const response = await ask(path, { headers: { cookie: '' } })
      expect([path, response.status]).toEqual([path, 401])
      expect(await response.json()).toMatchObject({ code: 'TOKEN' })
    }
  })

  it('goes from the address into a cookie that no script reads and no other site sends', async () => {
    const { ask, token, port } = await serve()
    const response = await ask(`/?token=${token.text}&task=abc`, { headers: { cookie: '' } })
    expect(response.status).toBe(303)
    expect(response.headers.get('location')).toBe('/?task=abc')
    expect(response.headers.get('set-cookie')).toBe(`offstage_${port}=${token.text}; Path=/; HttpOnly; SameSite=Strict`)
    expect(await response.text()).toBe('')
    const page = await ask('/?task=abc')
    expect(await page.text()).toBe(html)
  })

  it.each(['', 'x', 'TOKEN%00', 'TOKENx', ' TOKEN', 'TOKEN&token=TOKEN', 'x&token=TOKEN'])(
    'is refused as %j, even with the cookie',
    async (given) => {
      const { ask, token } = await serve()
      const response = await ask(`/?token=${given.replaceAll('TOKEN', token.text)}`)
      expect(response.status).toBe(401)
      expect(response.headers.get('set-cookie')).toBeNull()
    },
  )

  it('in an address is good for the page alone', async () => {
    const { ask, token } = await serve()
    for (const path of ['/events', '/api/frame', '/api/actions'])
      expect((await ask(`${path}?token=${token.text}`, { headers: { cookie: '' } })).status).toBe(401)
  })

  it.each([
    'offstage_1=TOKEN',
    'offstage_PORT=',
    'offstage_PORT=TOKENx',
    'xoffstage_PORT=TOKEN',
    'OFFSTAGE_PORT=TOKEN',
  ])('is not in the cookie %s', async (cookie) => {
    const { ask, token, port } = await serve()
    const given = cookie.replace('PORT', String(port)).replace('TOKEN', token.text)
    expect((await ask('/api/frame', { headers: { cookie: given } })).status).toBe(401)
  })

  it('is found behind a cookie of the same name that a neighbour has set', async () => {
    const { ask, own } = await serve()
    expect((await ask('/api/frame', { headers: { cookie: `a=b; ${own.cookie}x; ${own.cookie}` } })).status).toBe(200)
  })

  it('may be a ticket, once', async () => {
    const { ask, tickets, token } = await serve()
    const path = `/?token=${tickets.issue()}`
    const first = await ask(path, { headers: { cookie: '' } })
    expect([first.status, first.headers.get('set-cookie')]).toEqual([303, expect.stringContaining(token.text)])
    expect((await ask(path, { headers: { cookie: '' } })).status).toBe(401)
  })

  it('of one inspector does not open another', async () => {
    const [one, other] = [await serve(), await serve()]
    expect((await other.ask('/api/frame', { headers: one.own })).status).toBe(401)
  })
})

describe('a request of another page', () => {
  const foreign: readonly Record<string, string>[] = [
    { origin: 'null' },
    { origin: 'http://evil.com' },
    { origin: 'http://127.0.0.1:1' },
    { origin: 'https://127.0.0.1:PORT' },
    { origin: 'http://127.0.0.1:PORT/' },
    { origin: 'http://localhost:PORT' },
    { origin: 'http://127.0.0.1:PORT.evil.com' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'nonsense' },
    { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' },
  ]

  it.each(foreign)('%j is refused, on the event stream and elsewhere', async (headers) => {
    const { ask, port } = await serve()
    const given = Object.fromEntries(Object.entries(headers).map(([k, v]) => [k, v.replace('PORT', String(port))]))
    for (const path of ['/events', '/api/frame', '/api/marks', '/api/charts/task']) {
      const response = await ask(path, { headers: given })
      expect([path, response.status]).toEqual([path, 403])
      expect(response.headers.get('access-control-allow-origin')).toBeNull()
      expect(await response.json()).toMatchObject({ code: 'ORIGIN' })
    }
  })

  // fetch of Node says itself how it fetches
  const link = (server: Running, dest: string, path: string): Promise<string> =>
    server.raw([
      `GET ${path} HTTP/1.1`,
      `Host: 127.0.0.1:${server.port}`,
      'Sec-Fetch-Site: cross-site',
      'Sec-Fetch-Mode: navigate',
      `Sec-Fetch-Dest: ${dest}`,
      'Connection: close',
    ])

  it.each(['iframe', 'frame', 'embed', 'object', 'empty', 'script'])('cannot have the page as %s', async (dest) => {
    const server = await serve()
    expect(statusOf(await link(server, dest, `/?token=${server.token.text}`))).toBe(403)
  })

  it('that is a link with the token leads to the page by way of the page itself', async () => {
    const server = await serve()
    const answer = await link(server, 'document', `/?token=${server.token.text}`)
    expect(statusOf(answer)).toBe(200)
    expect(answer).toMatch(/^refresh: 0; url=\/\r$/im)
    expect(answer).not.toContain('sandbox')
    expect(answer).toContain(server.token.text)
    expect(statusOf(await link(server, 'document', '/?token=x'))).toBe(401)
    expect(statusOf(await link(server, 'document', '/'))).toBe(401)
  })

  it('gets no CORS headers, whatever it asks', async () => {
    const { ask, origin } = await serve()
    const preflight = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-offstage' }
    for (const from of ['http://evil.com', origin]) {
      const response = await ask('/api/actions', { method: 'OPTIONS', headers: { origin: from, ...preflight } })
      expect(response.status).toBeGreaterThanOrEqual(400)
      expect([...response.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
    }
  })
})

describe('a write', () => {
  const json = { 'x-offstage': '1', 'content-type': 'application/json' }
  const post = async (headers: Record<string, string>, origin?: string): Promise<number> => {
    const server = await serve()
    server.fake.act = async () => ({ ok: true, message: 'done' })
    const from = origin?.replace('PORT', String(server.port))
    const all: Record<string, string> = from === undefined ? headers : { ...headers, origin: from }
    const body = '{"do":"pauseRunner"}'
    const response = await server.ask('/api/actions', { method: 'POST', headers: all, body })
    if (response.status >= 400) expect(Object.keys((await response.json()) as object)).toEqual(['code', 'message'])
    return response.status
  }

  it('comes from the page, with its header, as JSON', async () => {
    expect(await post(json, 'http://127.0.0.1:PORT')).toBe(200)
    expect(await post({ ...json, 'content-type': 'Application/JSON; charset=utf-8' }, 'http://127.0.0.1:PORT')).toBe(
      200,
    )
  })

  it.each([
    undefined,
    'null',
    '',
    'http://127.0.0.1:1',
    'https://127.0.0.1:PORT',
    'http://localhost:PORT',
    'http://evil.com',
  ])('is refused with the origin %j', async (origin) => {
    expect(await post(json, origin)).toBe(403)
  })

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonp',
    '',
  ])('is refused as %j', async (type) => {
    expect(await post({ ...json, 'content-type': type }, 'http://127.0.0.1:PORT')).toBe(415)
  })

  it.each(['', '0', '1, 1', 'true'])('is refused with the header x-offstage: %j', async (value) => {
    expect(await post({ ...json, 'x-offstage': value }, 'http://127.0.0.1:PORT')).toBe(403)
  })

  it('is refused without the cookie', async () => {
    expect(await post({ ...json, cookie: '' }, 'http://127.0.0.1:PORT')).toBe(401)
  })
})

describe('an app that serves the inspector', () => {
  it.each([
    ['/api/frame', ['Host', 'localhost'], 200],
    [undefined, ['Host', 'localhost'], 200],
    ['/api/frame', [], 403],
    ['/api/frame', ['Host', 'localhost', 'hOST', 'localhost'], 403],
    ['http://localhost/api/frame', ['Host', 'localhost'], 403],
  ])('hands on what Node has read: %j with %j is answered %i', async (url, rawHeaders, status) => {
    const { app, token } = appOf()
    const headers = { cookie: `offstage_80=${token.text}` }
    const info = nodeInfo({ incoming: { url, rawHeaders, socket: { localPort: 80 } } })
    expect((await app.fetch(new Request('http://localhost/api/frame', { headers }), info)).status).toBe(status)
  })

  it('may hand on anything else', async () => {
    const { app, token } = appOf()
    const headers = { cookie: `offstage_80=${token.text}` }
    for (const given of [undefined, null, 7, 'x', {}, { params: {} }, { incoming: 7, outgoing: { destroy: 7 } }])
      expect((await app.fetch(new Request('http://localhost/api/frame', { headers }), nodeInfo(given))).status).toBe(
        200,
      )
  })

  it('is asked at the port at which it listens, where Node tells it', async () => {
    const { app, token } = appOf()
    const ask = async (port: number): Promise<number> => {
      const headers = { cookie: `offstage_80=${token.text}` }
      const info = nodeInfo({ incoming: { rawHeaders: ['host', 'localhost'], socket: { localPort: port } } })
      return (await app.fetch(new Request('http://localhost/api/frame', { headers }), info)).status
    }
    expect([await ask(80), await ask(3_000)]).toEqual([200, 403])
  })

  it('is reached at any port under the names of this machine', async () => {
    const { app, token } = appOf()
    const get = async (url: string): Promise<number> => {
      const { port } = new URL(url)
      const headers = { cookie: `offstage_${port || 80}=${token.text}` }
      return (await app.fetch(new Request(url, { headers }))).status
    }
    expect(await get('http://localhost:3000/api/frame')).toBe(200)
    expect(await get('http://127.0.0.1/api/frame')).toBe(200)
    expect(await get('http://evil.com/api/frame')).toBe(403)
    expect(await get('http://localhost.evil.com:3000/api/frame')).toBe(403)
  })

  it('may allow names of its own, exactly', async () => {
    const { app, token } = appOf({ allowedHosts: ['https://tasks.example.com', 'dev.local:8080'] })
    const get = async (host: string, origin?: string, port = '443'): Promise<number> => {
      const headers = { host, cookie: `offstage_${port}=${token.text}`, ...(origin !== undefined && { origin }) }
      return (await app.fetch(new Request('http://10.0.0.7/api/frame', { headers }))).status
    }
    expect(await get('tasks.example.com', 'https://tasks.example.com')).toBe(200)
    expect(await get('tasks.example.com', 'http://tasks.example.com')).toBe(403)
    expect(await get('dev.local:8080', 'http://dev.local:8080', '8080')).toBe(200)
    for (const host of [
      'dev.local',
      'localhost',
      'x.tasks.example.com',
      'tasks.example.com.evil.com',
      'tasks.example.com:1',
    ])
      expect([host, await get(host)]).toEqual([host, 403])
  })

  it('over https gets a cookie for https alone', async () => {
    const { app, token } = appOf({ allowedHosts: ['https://tasks.example.com'] })
    const headers = { host: 'tasks.example.com' }
    const response = await app.fetch(new Request(`http://10.0.0.7/?token=${token.text}`, { headers }))
    expect(response.headers.get('set-cookie')).toMatch(/^offstage_443=\w+; Path=\/; HttpOnly; SameSite=Strict; Secure$/)
  })

  it.each([
    [[]],
    [['']],
    [['EXAMPLE.com']],
    [['https://example.com/path']],
    [['*']],
    [['a b']],
    [[7]],
    ['example.com'],
  ])('cannot allow %j', (hosts) => {
    expect(() => appOf({ allowedHosts: hosts as string[] })).toThrow('allowedHosts must be')
  })
})
