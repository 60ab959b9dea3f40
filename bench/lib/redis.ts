/** @module A Redis of our own: fresh port, fresh folder, ended with the benchmark. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { temporary } from './folder.ts'

/** A running server. */
export interface Redis {
  readonly port: number
  readonly version: string
  stop(): Promise<void>
}

/** `none`: memory alone. `everysec` and `always`: an append-only file, synced each second or before each answer. */
export type Appendfsync = 'none' | 'everysec' | 'always'

/** Whether there is a `redis-server`; one that is missing is installed where that needs nobody's help. */
export function findRedis(): boolean {
  if (isThere()) return true
  if (process.getuid?.() !== 0 || spawnSync('apt-get', ['--version']).error !== undefined) return false
  console.log('installing redis-server (apt-get)')
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  spawnSync('apt-get', ['install', '-y', '--no-install-recommends', 'redis-server'], { env, stdio: 'ignore' })
  return isThere()
}

const isThere = (): boolean => spawnSync('redis-server', ['--version']).error === undefined

/** Starts one, and resolves when it takes connections. */
export async function startRedis(appendfsync: Appendfsync): Promise<Redis> {
  const port = await freePort()
  const dir = temporary('redis')
  const aof = appendfsync === 'none' ? ['no'] : ['yes', '--appendfsync', appendfsync]
  const where = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir]
  const server = spawn('redis-server', [...where, '--save', '', '--appendonly', ...aof], { stdio: 'pipe' })
  const kill = (): void => void server.kill('SIGKILL')
  process.once('exit', kill)
  await ready(server)
  const version = /v=(\S+)/.exec(execFileSync('redis-server', ['--version'], { encoding: 'utf8' }))?.[1] ?? '?'
  return {
    port,
    version,
    async stop() {
      process.off('exit', kill)
      const ended = once(server, 'exit')
      kill()
      await ended
    },
  }
}

async function ready(server: ChildProcess): Promise<void> {
  const said: string[] = []
  if (server.stdout === null) throw new Error('redis-server has no output')
  for await (const line of createInterface(server.stdout)) {
    said.push(line)
    if (!line.includes('Ready to accept connections')) continue
    // what it says later must not fill a pipe
    server.stdout.resume()
    return
  }
  throw new Error(`redis-server ended:\n${said.join('\n')}`)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
