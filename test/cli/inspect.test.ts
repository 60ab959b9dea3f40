import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { FileStore } from '../../src/index.ts'
import { offstage, project, type Running, start, withCli } from './kit.ts'

withCli()

const address = /^http:\/\/127\.0\.0\.1:(\d+)\/\?token=([A-Za-z0-9]{22})\n$/

/** A folder with a store that has no tasks yet. */
async function withStore(): Promise<string> {
  const cwd = project()
  const store = new FileStore(join(cwd, '.offstage'))
  await store.open()
  await store.close()
  return cwd
}

async function begin(cwd: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Running> {
  const running = start(['inspect', ...args], { cwd, env })
  await running.until('Ctrl-C ends it')
  return running
}

/** A client that came in by an address, as a browser does. */
async function enter(url: string): Promise<(path: string, init?: RequestInit) => Promise<Response>> {
  const { origin } = new URL(url)
  const entered = await fetch(url, { redirect: 'manual' })
  expect([entered.status, entered.headers.get('location')]).toEqual([303, '/'])
  const [cookie = ''] = (entered.headers.get('set-cookie') ?? '').split(';')
  return (path, init = {}) => fetch(`${origin}${path}`, { ...init, headers: { cookie, ...init.headers } })
}

describe('offstage inspect', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('prints an address that lets in, until %s', async (signal) => {
    const running = await begin(await withStore())
    const ask = await enter(running.stdout.trim())
    expect(running.stdout).toMatch(address)
    expect(running.stderr).toContain('read only')
    expect((await ask('/api/frame?view=chart')).status).toBe(200)
    running.kill(signal)
    expect(await running.ended).toMatchObject({ code: 0, signal: null })
  })

  it('says it as JSON', async () => {
    const running = await begin(await withStore(), ['--json'])
    const said = JSON.parse(running.stdout)
    expect(said).toMatchObject({ actions: false, store: expect.stringContaining('.offstage') })
    expect(`${said.url}\n`).toMatch(address)
    expect(said.port).toBe(Number(new URL(said.url).port))
  })

  it('writes nothing without --allow-actions, and lets the page act with it', async () => {
    const cwd = await withStore()
    const post = async (running: Running): Promise<unknown> => {
      const url = running.stdout.trim()
      const ask = await enter(url)
      const headers = { origin: new URL(url).origin, 'x-offstage': '1', 'content-type': 'application/json' }
      return (await ask('/api/actions', { method: 'POST', headers, body: '{"do":"cancel","task":"nobody"}' })).json()
    }
    expect(await post(await begin(cwd))).toMatchObject({ code: 'READ_ONLY' })
    const acting = await begin(cwd, ['--allow-actions'])
    expect(await post(acting)).toMatchObject({ ok: false, code: 'NOT_FOUND' })
    expect(acting.stderr).toContain('the page may act')
  })

  it('keeps the token of a given port, for its owner alone and in no backup', async () => {
    const cwd = await withStore()
    const { port } = new URL((await begin(cwd)).stdout)
    const kept = join(cwd, '.offstage', 'inspector.token')
    expect(existsSync(kept)).toBe(false)
    const other = String(Number(port) < 60_000 ? Number(port) + 1 : Number(port) - 1)
    const first = await begin(cwd, ['--port', other])
    expect(statSync(kept).mode & 0o777).toBe(0o600)
    first.kill('SIGTERM')
    await first.ended
    expect((await begin(cwd, ['--port', other])).stdout).toBe(first.stdout)
    expect((await offstage(['backup', 'copy'], { cwd })).code).toBe(0)
    expect(existsSync(join(cwd, 'copy', 'store.json'))).toBe(true)
    expect(existsSync(join(cwd, 'copy', 'inspector.token'))).toBe(false)
  })

  it('says what to do about a port in use', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as { port: number }
    const { code, stdout, stderr } = await offstage(['inspect', '--port', String(port)], { cwd: await withStore() })
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain(`port ${port} of 127.0.0.1 is in use: choose another one, or 0 for any free one`)
  })

  it.each(['-1', '65536', 'x', '1e3'])('refuses the port %s', async (port) => {
    const { code, stderr } = await offstage(['inspect', '--port', port], { cwd: project() })
    expect([code, stderr]).toEqual([2, expect.stringContaining('--port must be a whole number from 0 to 65535')])
  })

  it('says that there is no store, and makes none', async () => {
    const cwd = project()
    const { code, stdout, stderr } = await offstage(['inspect'], { cwd })
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain('there is no store to look at')
    expect(existsSync(join(cwd, '.offstage'))).toBe(false)
  })

  it('tells open pages that the store was taken away, and goes on', async () => {
    const cwd = await withStore()
    const running = await begin(cwd)
    const ask = await enter(running.stdout.trim())
    const stream = await ask('/events?view=chart')
    rmSync(join(cwd, '.offstage'), { recursive: true })
    const text = await stream.text()
    expect(text).toContain('event: gone\ndata: {"type":"gone","message":"')
    expect(running.child.exitCode).toBeNull()
  })
})

describe('--open', () => {
  it('hands the browser an address that lets in once, as one argument, and no shell', async () => {
    const cwd = await withStore()
    const bin = project({ 'xdg-open': `#!/bin/sh\nprintf '%s' "$#:$1" > "${cwd}/opened"\n` })
    chmodSync(join(bin, 'xdg-open'), 0o755)
    const running = await begin(cwd, ['--open'], { PATH: `${bin}:${process.env.PATH}` })
    await expect
      .poll(() => existsSync(join(cwd, 'opened')) && readFileSync(join(cwd, 'opened'), 'utf8'))
      .toMatch(/^1:http/)
    const opened = readFileSync(join(cwd, 'opened'), 'utf8').slice(2)
    expect(`${opened}\n`).toMatch(address)
    expect(opened).not.toBe(running.stdout.trim())
    expect((await (await enter(opened))('/api/frame?view=chart')).status).toBe(200)
    expect((await fetch(opened, { redirect: 'manual' })).status).toBe(401)
  })

  it('says so where there is no browser', async () => {
    const cwd = await withStore()
    const empty = project()
    writeFileSync(join(empty, 'nothing'), '')
    const running = start(['inspect', '--open'], { cwd, env: { PATH: empty } })
    await running.until('open the address yourself')
  })
})
