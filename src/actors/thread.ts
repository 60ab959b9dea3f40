/** @module Threads: handlers in worker threads that report while they run and can be ended for real. */
import type { ResourceLimits } from 'node:worker_threads'
import type { Tinypool } from 'tinypool'
import { OffstageError, ValidationError } from '../errors.ts'
import { threadEntry } from './thread-entry.ts'
import type { ThreadContextData, ThreadTarget } from './thread-messages.ts'
import { PooledRun, type ThreadHooks, type ThreadRun } from './thread-run.ts'

/** Options of a {@link ThreadPool}. */
export interface ThreadPoolOptions {
  /** How many threads at most, a whole number from 1; further runs wait for their turn. */
  readonly maxThreads: number
  /** Memory limits of each thread, in MB. @default those of Node.js */
  readonly resourceLimits?: ResourceLimits
}

/** How long a thread without work is kept, in ms. It keeps no process alive meanwhile. */
const idleTimeout = 10_000

/** Threads for handlers. Nothing is loaded or started before the first run. */
export class ThreadPool {
  readonly #options: ThreadPoolOptions
  readonly #running = new Set<PooledRun>()
  readonly #waiting: PooledRun[] = []
  #loading: Promise<Tinypool> | undefined
  #pool: Tinypool | undefined
  #closing: Promise<void> | undefined

  constructor(options: ThreadPoolOptions) {
    const { maxThreads } = options
    if (!(Number.isSafeInteger(maxThreads) && maxThreads >= 1)) {
      throw new ValidationError('maxThreads', 'a whole number from 1', maxThreads)
    }
    this.#options = options
  }

  /** How many threads there are, idle ones included. */
  get size(): number {
    return this.#pool?.threads.length ?? 0
  }

  /**
   * Calls a handler with `...args` and its context, in a thread.
   *
   * @throws {ValidationError} when `target` names no module, or `args` or `context` cannot be cloned.
   * @throws {OffstageError} RUNNER_STOPPED when the pool is closed.
   */
  run(target: ThreadTarget, args: readonly unknown[], context: ThreadContextData, hooks: ThreadHooks): ThreadRun {
    if (this.#closing) throw new OffstageError('RUNNER_STOPPED', 'the thread pool is closed')
    checkTarget(target)
    const run = new PooledRun(target, args, context, hooks)
    this.#waiting.push(run)
    this.#fill()
    return run
  }

  /** Terminates what runs, drops what waits and ends all threads. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  #fill(): void {
    while (this.#running.size < this.#options.maxThreads) {
      const run = this.#waiting.shift()
      if (!run) return
      this.#running.add(run)
      void run.settled.then(() => {
        this.#running.delete(run)
        this.#fill()
      })
      this.#loading ??= this.#load()
      void run.start(this.#loading)
    }
  }

  async #load(): Promise<Tinypool> {
    const { Tinypool } = await import('tinypool')
    const { maxThreads, resourceLimits = {} } = this.#options
    const fixed = { minThreads: 0, useAtomics: false, terminateTimeout: 0, idleTimeout }
    const pool = new Tinypool({ filename: threadEntry(), maxThreads, resourceLimits, ...fixed })
    pool.on('error', (error: unknown) => {
      // An idle thread that dies is replaced when it is needed; one that cannot even start leaves its run in the queue.
      if (pool.queueSize === 0) return
      for (const run of this.#running) run.blame(error)
      pool.cancelPendingTasks()
    })
    this.#pool = pool
    return pool
  }

  async #close(): Promise<void> {
    const runs = [...this.#running, ...this.#waiting.splice(0)]
    await Promise.all(runs.map((run) => run.terminate()))
    const threads = this.#pool?.threads ?? []
    // Its promise never settles if a thread has died idle, so wait for the threads themselves.
    this.#pool?.destroy().catch(() => {})
    await Promise.all(threads.map((thread) => thread.terminate()))
  }
}

/**
 * Refuses what no thread can load.
 *
 * @throws {ValidationError} INVALID_OPTION for `thread`.
 */
export function checkTarget(target: ThreadTarget): void {
  if ('source' in target) return
  const protocol = URL.canParse(target.module) ? new URL(target.module).protocol : ''
  if (protocol === 'file:' || protocol === 'data:') return
  const rule = "the file: or data: URL of a module, as in new URL('./work.js', import.meta.url).href"
  throw new ValidationError('thread', rule, target.module)
}
