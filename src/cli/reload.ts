/** @module A worker in a process of its own, started again when a file changes. The store survives. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname, relative, sep } from 'node:path'
import { watch } from 'chokidar'
import { findConfig } from '../index.ts'
import { type Call, textOption } from './command.ts'
import { Exit, usageError } from './exit.ts'
import { onStop } from './signals.ts'
import { styled } from './text.ts'

/** Ms that a change waits for others: editors and git write many files at once. */
const together = 100
const code = /\.(?:[cm]?[jt]sx?|json)$|(?:^|[\\/])\.env[^\\/]*$/
const outside = new Set(['node_modules', 'dist', 'coverage'])

/** Runs `offstage work` as a child until a signal comes. */
export async function superviseWorker(call: Call, drain: number): Promise<Exit> {
  const { out, cwd } = call
  const file = textOption(call, 'config')
  const config = findConfig(file === undefined ? { cwd } : { cwd, file })
  if (config === undefined)
    throw usageError('there is no offstage.config.{ts,mts,js,mjs} here or above; offstage init writes one')
  const home = dirname(config)
  const worker = new Worker(call, drain)
  const watcher = watch(home, { ignoreInitial: true, ignored: (path, stats) => isForeign(home, path, stats?.isFile()) })
  await once(watcher, 'ready')
  let timer: NodeJS.Timeout | undefined
  watcher.on('all', (_event, path) => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      out.note(styled('cyan', 'changed'), ` ${relative(home, path)}; the worker begins again`)
      void worker.restart()
    }, together)
  })
  worker.start()
  await new Promise<void>((resolve) => onStop(() => resolve()))
  clearTimeout(timer)
  await watcher.close()
  await worker.stop()
  return Exit.DONE
}

/** What no worker loads: other projects' packages, hidden folders, data. */
function isForeign(home: string, path: string, isFile: boolean | undefined): boolean {
  const parts = relative(home, path).split(sep)
  const last = parts.at(-1) ?? ''
  if (parts.some((part) => outside.has(part) || (part.startsWith('.') && part !== '.' && !part.startsWith('.env'))))
    return true
  return isFile === true && !code.test(last)
}

/** One child after the other, never two at once. */
class Worker {
  readonly #args: readonly string[]
  readonly #call: Call
  #child: ChildProcess | undefined
  #turn: Promise<void> = Promise.resolve()

  constructor(call: Call, drain: number) {
    this.#call = call
    const passed = ['config', 'store', 'concurrency'].flatMap((name) => {
      const value = textOption(call, name)
      return value === undefined ? [] : [`--${name}`, value]
    })
    const color = call.options.color === false ? ['--no-color'] : []
    this.#args = ['work', '--drain', String(drain), ...passed, ...color]
  }

  start(): void {
    const { out, cwd, env } = this.#call
    // apart from the terminal's group: Ctrl-C reaches it through us, once
    const child = spawn(process.execPath, [...process.execArgv, process.argv[1] ?? '', ...this.#args], {
      cwd,
      env,
      detached: true,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    this.#child = child
    child.once('exit', (exit, signal) => {
      if (this.#child !== child) return
      this.#child = undefined
      out.note(
        styled('yellow', 'ended'),
        ` the worker ended with ${signal ?? exit}; it begins again at the next change`,
      )
    })
  }

  restart(): Promise<void> {
    this.#turn = this.#turn.then(async () => {
      await this.#end()
      this.start()
    })
    return this.#turn
  }

  stop(): Promise<void> {
    this.#turn = this.#turn.then(() => this.#end())
    return this.#turn
  }

  async #end(): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    await ended
  }
}
