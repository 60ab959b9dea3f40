/** Runs the command line as users do: its own process, a folder of its own. Built from the sources at hand. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { beforeAll, onTestFinished, vi } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const builds = join(root, '.build')
/** One build for all files of a run, and another one where a source has changed meanwhile. */
const home = join(builds, `cli-${process.ppid}-${newest()}`)
const main = join(home, 'dist/cli/main.js')

/** Builds the package before the tests of a file; call it once there. */
export function withCli(): void {
  // each command is a process, and the machine may be busy
  vi.setConfig({ testTimeout: 60_000 })
  beforeAll(async () => {
    if (existsSync(main)) return
    mkdirSync(builds, { recursive: true })
    removeOldBuilds()
    const own = `${home}.${process.pid}`
    const entries = ['index', 'machines/index', 'testing/index', 'cli/main']
    const input = Object.fromEntries(entries.map((name) => [name, join(root, 'src', `${name}.ts`)]))
    const build = await rolldown({ input, platform: 'node', external: [/^node:/, /^[a-z@](?!:)/], logLevel: 'silent' })
    await build.write({ dir: join(own, 'dist'), format: 'esm', chunkFileNames: 'chunks/[name].js' })
    await build.close()
    copyFileSync(join(root, 'package.json'), join(own, 'package.json'))
    try {
      // as a whole or not at all: other files look for it at the same time
      renameSync(own, home)
    } catch {
      rmSync(own, { recursive: true, force: true })
    }
  }, 60_000)
}

/** When the newest source was changed. */
function newest(): number {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  return Math.floor(Math.max(...files.map((file) => statSync(join(root, 'src', file)).mtimeMs)))
}

/** Those of runs that are over. */
function removeOldBuilds(): void {
  for (const name of readdirSync(builds)) {
    const [, pid] = /^cli-(\d+)/.exec(name) ?? []
    if (pid === undefined || isAlive(Number(pid))) continue
    rmSync(join(builds, name), { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

interface Options {
  readonly cwd: string
  readonly env?: NodeJS.ProcessEnv
  readonly stdin?: string | Buffer
}

/** A command that runs. */
export class Running {
  readonly child: ChildProcessWithoutNullStreams
  readonly ended: Promise<Ended>
  stdout = ''
  stderr = ''
  readonly #waiting = new Set<() => void>()

  constructor(args: readonly string[], { cwd, env = {}, stdin }: Options) {
    const { OFFSTAGE_DIR: _dir, FORCE_COLOR: _force, ...outer } = process.env
    this.child = spawn(process.execPath, [main, ...args], { cwd, env: { ...outer, ...env } })
    this.child.stdin.on('error', () => {})
    this.child.stdin.end(stdin)
    for (const name of ['stdout', 'stderr'] as const) {
      this.child[name].setEncoding('utf8').on('data', (text: string) => {
        this[name] += text
        for (const look of this.#waiting) look()
      })
    }
    this.ended = once(this.child, 'close').then(([code, signal]) => {
      for (const look of this.#waiting) look()
      return { code, signal, stdout: this.stdout, stderr: this.stderr }
    })
  }

  /** Resolves when the text has been printed. */
  until(text: string | RegExp, stream: 'stdout' | 'stderr' = 'stderr'): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = typeof text === 'string' ? this[stream].includes(text) : text.test(this[stream])
        const over = this.child.exitCode !== null || this.child.signalCode !== null
        if (!found && !over) return
        this.#waiting.delete(look)
        if (found) resolve()
        else reject(new Error(`it ended without ${text}:\n${this.stdout}\n${this.stderr}`))
      }
      this.#waiting.add(look)
      look()
    })
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal)
  }
}

/** Starts a command; it is killed with the test if it still runs. */
export function start(args: readonly string[], options: Options): Running {
  const running = new Running(args, options)
  onTestFinished(() => running.kill('SIGKILL'))
  return running
}

/** Runs a command to its end. */
export function offstage(args: readonly string[], options: Options): Promise<Ended> {
  return start(args, options).ended
}

/** A project in an empty folder. */
export function project(files: Readonly<Record<string, string>> = {}): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'offstage-cli-')))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}
