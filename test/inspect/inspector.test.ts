import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Hono } from 'hono'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { createActor, createMachine } from 'xstate'
import { BackgroundRunner, defineRecipe, FileStore, MemoryStore } from '../../src/index.ts'
import { createInspector, type Inspector, inspectorOf } from '../../src/inspect/inspector.ts'
import type { InspectorOptions } from '../../src/inspect/inspector-options.ts'
import type { ActorsView } from '../../src/inspect/protocol.ts'
import { policyOf } from '../../src/inspect/server/page-file.ts'
import { type Told, told } from './server/kit.ts'

const html = '<!doctype html><script>run()</script>'
const page = async (): Promise<{ html: string; policy: string }> => ({ html, policy: policyOf(html) })
const streams: Response[] = []
afterEach(async () => {
  for (const stream of streams.splice(0)) await stream.body?.cancel().catch(() => {})
})

function inspectorFor(options: InspectorOptions): Inspector {
  const inspector = inspectorOf(options, { page })
  onTestFinished(() => inspector.close())
  return inspector
}

type Ask = (path: string, init?: RequestInit) => Promise<Response>

/** A client with the cookie. */
function asker({ token }: Inspector, origin: string): Ask {
  const { port } = new URL(origin)
  return async (path, init = {}) => {
    const headers = { cookie: `offstage_${port}=${token}`, ...init.headers }
    const response = await fetch(`${origin}${path}`, { redirect: 'manual', ...init, headers })
    if (response.headers.get('content-type')?.startsWith('text/event-stream')) streams.push(response)
    return response
  }
}

async function opened(options: InspectorOptions): Promise<{ inspector: Inspector; ask: Ask; origin: string }> {
  const inspector = inspectorFor(options)
  const { origin } = new URL((await inspector.listen()).url)
  return { inspector, ask: asker(inspector, origin), origin }
}

/** Reads frames until one counts a completed task. */
async function untilCompleted(events: AsyncGenerator<Told, undefined>): Promise<void> {
  for (let next = await events.next(); !next.done; next = await events.next()) {
    const { states = {} } = (next.value.data.tally ?? {}) as { states?: Record<string, number> }
    if (states.completed === 1) return
  }
  throw new Error('the stream has ended')
}

function runnerFor(options: ConstructorParameters<typeof BackgroundRunner>[0] = {}): BackgroundRunner {
  const runner = new BackgroundRunner(options)
  onTestFinished(() => runner.stop().then(() => {}))
  return runner
}

describe('an inspector', () => {
  it('is opened by the address that it tells', async () => {
    const inspector = inspectorFor({ runner: runnerFor() })
    expect(inspector.url).toBeUndefined()
    const { url, port, openUrl } = await inspector.listen()
    expect(url).toBe(`http://127.0.0.1:${port}/?token=${inspector.token}`)
    expect(inspector.url).toBe(url)
    for (const address of [url, openUrl()]) {
      const entered = await fetch(address, { redirect: 'manual' })
      expect([entered.status, entered.headers.get('location')]).toEqual([303, '/'])
    }
    expect(await (await asker(inspector, new URL(url).origin)('/')).text()).toBe(html)
  })

  it('listens once at a time, and again after that', async () => {
    const inspector = inspectorFor({})
    const { close, port } = await inspector.listen({ host: '127.0.0.1', port: 0 })
    await expect(inspector.listen()).rejects.toThrow(`the inspector listens already, on port ${port}`)
    await close()
    expect(inspector.url).toBeUndefined()
    expect((await inspector.listen({ port })).port).toBe(port)
  })

  it('listens to ::1, where the machine has it', async () => {
    const inspector = inspectorFor({})
    const bound = await inspector.listen({ host: '::1' }).catch((error: { code: string }) => error)
    if ('code' in bound) return expect(bound.code).toBe('LISTEN')
    expect(bound.url).toContain('http://[::1]:')
    expect((await asker(inspector, new URL(bound.url).origin)('/')).status).toBe(200)
  })

  it.each([
    [{ port: 0, hots: '::1' }, 'the listen options has no option "hots"'],
    [{ host: '0.0.0.0' }, "host must be '127.0.0.1' or '::1', got \"0.0.0.0\""],
    [{ host: 'localhost' }, 'host must be'],
    [{ port: 70_000 }, 'port must be'],
  ])('does not listen with %j', async (options, message) => {
    await expect(inspectorFor({}).listen(options as object)).rejects.toThrow(message)
  })

  it.each([
    [{ runer: 1 }, 'UNKNOWN_OPTION'],
    [{ runner: {} }, 'INVALID_OPTION'],
    [{ store: {} }, 'INVALID_OPTION'],
    [{ allowActions: 'yes' }, 'INVALID_OPTION'],
    [{ keep: 10 }, 'INVALID_OPTION'],
    [{ keep: Number.POSITIVE_INFINITY }, 'INVALID_OPTION'],
    [{ token: 'guess' }, 'INVALID_OPTION'],
    [{ allowedHosts: [] }, 'INVALID_OPTION'],
    [{ allowedHosts: ['*'] }, 'INVALID_OPTION'],
    [{ basePath: 'inspect' }, 'INVALID_OPTION'],
    [{ basePath: '//evil.com' }, 'INVALID_OPTION'],
    [{ basePath: '/a/../b?x' }, 'INVALID_OPTION'],
    [{ redact: 'all' }, 'INVALID_OPTION'],
    [null, 'INVALID_OPTION'],
  ])('is not made of %j', (options, code) => {
    expect(() => createInspector(options as InspectorOptions)).toThrow(expect.objectContaining({ code }))
  })

  it('looks at nothing before somebody does', () => {
    let listeners = 0
    class Watched extends MemoryStore {
      override subscribe(...args: Parameters<MemoryStore['subscribe']>): ReturnType<MemoryStore['subscribe']> {
        listeners += 1
        return super.subscribe(...args)
      }
    }
    inspectorFor({ store: new Watched() })
    expect(listeners).toBe(0)
  })
})

describe('its event stream', () => {
  it('tells what a runner does, as it does it', async () => {
    const runner = runnerFor()
    const { ask } = await opened({ runner })
    const events = told(await ask('/events?view=chart'))
    expect((await events.next()).value).toMatchObject({
      event: 'hello',
      data: { protocol: 1, store: 'memory', actions: false, version: expect.stringMatching(/^\d+\.\d+\.\d+/) },
    })
    const first = (await events.next()).value
    expect(first).toMatchObject({ event: 'frame', data: { live: true, view: { view: 'chart' }, tally: { tasks: 0 } } })
    expect(first?.id).toBe(first?.data.cursor)
    await runner.submit(() => 'done').wait()
    await untilCompleted(events)
  })

  it('refuses a query that cannot be, and does not repeat it', async () => {
    const { ask } = await opened({ runner: runnerFor() })
    for (const query of [
      'view=evil',
      'view=tasks&size=1e9',
      'view=tasks&evil=1',
      'view=chart&at=-1',
      'view=task&task=../evil',
    ]) {
      for (const path of ['/events', '/api/frame']) {
        const response = await ask(`${path}?${query}`)
        expect([query, response.status]).toEqual([query, 400])
        expect(JSON.stringify(await response.json())).not.toContain('evil')
      }
    }
  })

  it('serves 50 pages at once', async () => {
    const runner = runnerFor()
    const { ask } = await opened({ runner })
    const pages = await Promise.all(Array.from({ length: 50 }, () => ask('/events?view=chart')))
    const readers = pages.map((response) => told(response))
    for (const reader of readers) expect((await reader.next()).value?.event).toBe('hello')
    await runner.submit(() => 'done').wait()
    await Promise.all(readers.map(untilCompleted))
    expect((await ask('/events?view=chart')).status).toBe(503)
  })
})

describe("users' actors", () => {
  it('are seen, with their charts, and without their secrets', async () => {
    const { inspector, ask } = await opened({ redact: (text) => text.replaceAll('hunter22', '***') })
    const lamp = createMachine({ id: 'lamp', initial: 'off', states: { off: { on: { press: 'on' } }, on: {} } })
    const actor = createActor(lamp, { inspect: inspector.inspect }).start()
    actor.send({ type: 'press', by: 'hunter22' } as never)
    const frame = async (query: string): Promise<{ view: ActorsView }> =>
      (await (await ask(`/api/frame?view=actors${query}`)).json()) as { view: ActorsView }
    const [row] = (await frame('')).view.actors
    expect(row).toMatchObject({ session: actor.sessionId, value: 'on', last: 'press' })
    expect(await (await ask(`/api/charts/${row?.chart}`)).json()).toMatchObject({ id: row?.chart, title: 'lamp' })
    const { view } = await frame(`&actor=${actor.sessionId}`)
    expect(view.happenings.map(({ what }) => what)).toContain('event')
    expect(JSON.stringify(view)).not.toContain('hunter22')
  })
})

describe('a store that is taken away', () => {
  it('is told to whoever still looks, and harms nobody', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'offstage-inspector-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const store = new FileStore(join(folder, 'store'))
    onTestFinished(() => store.close())
    await store.open()
    const { ask, inspector } = await opened({ store })
    const [left, stays] = [await ask('/events?view=chart'), await ask('/events?view=chart')]
    await left.body?.cancel()
    rmSync(store.path, { recursive: true })
    const said: string[] = []
    for await (const { event, data } of told(stays)) said.push(event === 'gone' ? String(data.message) : event)
    expect(said.at(-1)).toBe('The folder of the store was taken away.')
    expect((await ask('/')).status).toBe(200)
    await inspector.close()
  })
})

describe('its actions', () => {
  const post = (ask: Ask, origin: string, action: object): Promise<Response> => {
    const headers = { origin, 'x-offstage': '1', 'content-type': 'application/json' }
    return ask('/api/actions', { method: 'POST', headers, body: JSON.stringify(action) })
  }

  it('are off unless they are allowed', async () => {
    const runner = runnerFor()
    const task = runner.submit(({ sleep }) => sleep('1h'))
    const { ask, origin } = await opened({ runner })
    expect((await post(ask, origin, { do: 'cancel', task: task.id })).status).toBe(403)
    expect(task.isSettled).toBe(false)
    await task.cancel()
  })

  it('reach the runner', async () => {
    const runner = runnerFor({ gracePeriod: 0 })
    const task = runner.submit(({ sleep }) => sleep('1h'))
    const { ask, origin } = await opened({ runner, allowActions: true })
    const response = await post(ask, origin, { do: 'cancel', task: task.id })
    expect([response.status, await response.json()]).toEqual([200, expect.objectContaining({ ok: true })])
    expect((await task.settled())?.status).toBe('cancelled')
    expect((await post(ask, origin, { do: 'cancel', task: 'nobody' })).status).toBe(404)
    expect((await post(ask, origin, { do: 'cancel', task: task.id, more: 1 })).status).toBe(400)
  })

  it('on a store alone are done by a runner that does not work', async () => {
    const store = new MemoryStore()
    const endless = defineRecipe({ name: 'endless', run: async (_: undefined, ctx) => ctx.sleep('1h') })
    const submitter = runnerFor({ store, work: false, recipes: [endless] })
    const task = await submitter.submitRecipe(endless)
    const { ask, origin } = await opened({ store, allowActions: true })
    expect(await (await post(ask, origin, { do: 'pauseRunner' })).json()).toMatchObject({ code: 'NO_RUNNER' })
    expect(await (await post(ask, origin, { do: 'cancel', task: task.id })).json()).toMatchObject({ ok: true })
    expect(task.status).toBe('cancelled')
  })

  it('are none where there is neither runner nor store', async () => {
    const { ask, origin } = await opened({ allowActions: true })
    expect((await post(ask, origin, { do: 'pauseRunner' })).status).toBe(403)
  })
})

describe('secrets', () => {
  const secret = 'tok-5f1c9e77aa'

  it('are in nothing that is sent: results, errors, logs, names', async () => {
    process.env.OFFSTAGE_TEST_TOKEN = secret
    onTestFinished(() => {
      delete process.env.OFFSTAGE_TEST_TOKEN
    })
    const show = defineRecipe({ name: 'show', run: async (input: { given: string }) => ({ got: input.given }) })
    const runner = runnerFor({ recipes: [show] })
    const { ask } = await opened({ runner })
    const events = told(await ask('/events?view=tasks'))
    await events.next()
    const result = await runner.submitRecipe(show, { given: secret }, { metadata: { also: secret }, tags: ['a'] })
    await result.wait()
    const failing = runner.submit(
      ({ log, progress, write }) => {
        log(`with ${secret}`, { also: secret })
        progress(0.5, `half of ${secret}`)
        write(`wrote ${secret}`)
        throw new Error(`redis://default:hunter22@localhost:6379 is down, with ${secret}`)
      },
      { name: `uses ${secret}` },
    )
    await failing.settled()
    const bodies: string[] = []
    for (const view of ['chart', 'tasks', 'task', 'timeline', 'sequence', 'schedules', 'actors'])
      for (const { id } of [result, failing])
        bodies.push(await (await ask(`/api/frame?view=${view}&task=${id}`)).text())
    for (let i = 0; i < 2; i += 1) bodies.push(JSON.stringify((await events.next()).value))
    expect(bodies.join('\n')).toContain('redis://')
    for (const body of bodies) {
      expect(body).not.toContain(secret)
      expect(body).not.toContain('hunter22')
    }
  })

  it('are not in the errors of a store', async () => {
    class Broken extends MemoryStore {
      override readonly name = 'redis://me:hunter22@host'
      override list(): never {
        throw new Error('redis://me:hunter22@host is down')
      }
    }
    const errors: unknown[] = []
    const level = (about: object): void => void errors.push(about)
    const logger = { debug: level, info: level, warn: level, error: level }
    const { ask } = await opened({ store: new Broken(), logger })
    const frame = await ask('/api/frame?view=chart')
    expect([frame.status, await frame.text()]).toEqual([500, expect.not.stringContaining('redis')])
    expect(errors.length).toBeGreaterThan(0)
    const hello = (await told(await ask('/events?view=chart')).next()).value
    expect(hello?.data.store).toBe('redis://***@host')
  })
})

describe('in an app', () => {
  it('answers a fetch', async () => {
    const { fetch: answer, token } = inspectorFor({ runner: runnerFor() })
    const ask = (url: string, cookie = ''): Promise<Response> =>
      answer(new Request(url, { headers: { cookie } }), { params: {} })
    const entered = await ask(`http://localhost:3000/?token=${token}`)
    expect(entered.status).toBe(303)
    expect((await ask('http://localhost:3000/', `offstage_3000=${token}`)).status).toBe(200)
    expect((await ask('http://evil.com/', `offstage_80=${token}`)).status).toBe(403)
  })

  it('answers a server of Node, under a path that is left in the address', async () => {
    const inspector = inspectorFor({ runner: runnerFor(), basePath: '/inspect' })
    const server = createServer(inspector.node).listen(0, '127.0.0.1')
    onTestFinished(() => {
      server.closeAllConnections()
      server.close()
    })
    await new Promise((resolve) => server.once('listening', resolve))
    const ask = asker(inspector, `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    const entered = await ask(`/inspect?token=${inspector.token}`)
    expect([entered.status, entered.headers.get('location')]).toEqual([303, '/inspect'])
    expect(await (await ask('/inspect')).text()).toBe(html)
    expect((await told(await ask('/inspect/events?view=chart')).next()).value?.event).toBe('hello')
    expect((await ask('/events?view=chart')).status).toBe(404)
  })

  it('answers an app of Hono that takes the path away', async () => {
    const { fetch: answer, token } = inspectorFor({ runner: runnerFor() })
    const app = new Hono().mount('/inspect', answer)
    const ask = async (path: string): Promise<Response> =>
      app.request(`http://localhost:3000${path}`, { headers: { cookie: `offstage_3000=${token}` } })
    expect(await (await ask('/inspect')).text()).toBe(html)
    expect((await ask('/inspect/api/frame?view=chart')).status).toBe(200)
  })
})

describe('closing it', () => {
  it('tells the pages, ends the server, and leaves runner and store alone', async () => {
    const runner = runnerFor()
    const { inspector, ask, origin } = await opened({ runner, allowActions: true })
    const events = told(await ask('/events?view=chart'))
    await events.next()
    await inspector.close()
    await inspector.close()
    const said: string[] = []
    for await (const { event, data } of events) said.push(event === 'gone' ? String(data.message) : event)
    expect(said.at(-1)).toBe('The inspector was closed.')
    await expect(fetch(origin)).rejects.toThrow()
    await expect(inspector.listen()).rejects.toMatchObject({ code: 'INSPECTOR_CLOSED' })
    expect(await runner.submit(() => 'on').wait()).toBe('on')
  })

  it('is what `await using` does', async () => {
    let url = ''
    {
      await using inspector = createInspector()
      url = (await inspector.listen()).url
    }
    await expect(fetch(url)).rejects.toThrow()
  })
})
