/** @module One call of a handler in a thread: its messages, its outcome, and the end of its thread. */
import type { MessagePort } from 'node:worker_threads'
import type { Tinypool, TinypoolWorker } from 'tinypool'
import { NonRetryableError, OffstageError, RetryAfterError, ValidationError } from '../errors.ts'
import type {
  FromThread,
  LogLevel,
  Said,
  ThreadContextData,
  ThreadOrder,
  ThreadTarget,
  Thrown,
} from './thread-messages.ts'

/** What a running handler says. What a hook throws fails the run once it has ended. */
export interface ThreadHooks {
  /** The latest progress; what came between two readings is dropped. */
  progress(fraction: number, message?: string): void
  /** A line of at most 4,096 characters, its data as JSON of at most as many. */
  log(level: LogLevel, message: string, data?: unknown): void
  /** Output in order, in pieces of at most 65,536 characters. */
  write(chunk: string): void
}

/** One call of a handler in a thread. */
export interface ThreadRun {
  /**
   * The handler's result. Rejects with what the handler threw, with `THREAD` when the thread died or found nothing to run,
   * with `INVALID_RESULT` when the result cannot be cloned, with {@link ThreadTerminatedError} after {@link terminate}.
   */
  readonly result: Promise<unknown>
  /** Aborts `ctx.signal` in the thread. The handler may ignore it, and may still end in any way. */
  abort(reason: string): void
  /** Ends the thread, whatever it is doing. Resolves when it is gone, at once if the run has ended. */
  terminate(): Promise<void>
}

/** `result` of a run whose thread was ended on request. */
export class ThreadTerminatedError extends OffstageError {
  constructor(name: string) {
    super('THREAD', `the thread of ${name} was terminated`)
  }
}

type Outcome = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: unknown }

/** A run on a thread of the pool: it belongs to one thread from its start to its end. */
export class PooledRun implements ThreadRun {
  readonly result: Promise<unknown>
  readonly settled: Promise<void>
  readonly #name: string
  readonly #hooks: ThreadHooks
  readonly #port: MessagePort
  readonly #remote: MessagePort
  readonly #unread = new Int32Array(new SharedArrayBuffer(4))
  readonly #stop = new AbortController()
  /** The last message has been read: the outcome, or the close of the port, which comes when the thread is gone. */
  readonly #heard: Promise<void>
  #hear: () => void = () => {}
  #settle: (outcome: Outcome) => void = () => {}
  /** Where the run is, as long as the pool has it. */
  #pool: Tinypool | undefined
  #outcome: Outcome | undefined
  #hookError: Outcome | undefined
  #ending: Promise<void> | undefined
  #startError: unknown
  #ended = false

  constructor(target: ThreadTarget, args: readonly unknown[], context: ThreadContextData, hooks: ThreadHooks) {
    const { MessageChannel } = workerThreads()
    const { port1, port2 } = new MessageChannel()
    this.#name = context.name
    this.#hooks = hooks
    this.#port = port1
    this.#remote = port2
    postOrder(port1, args, { target, context, unread: this.#unread })
    port1.on('message', (message: FromThread) => this.#receive(message))
    port1.on('messageerror', (error) => {
      this.#outcome = {
        ok: false,
        error: new OffstageError('INVALID_RESULT', `the result of ${this.#name} cannot be read`, { cause: error }),
      }
      this.#hear()
    })
    port1.on('close', () => {
      this.#hear()
      void this.#end(false)
    })
    this.#heard = new Promise((resolve) => {
      this.#hear = resolve
    })
    this.result = new Promise((resolve, reject) => {
      this.#settle = (outcome) => (outcome.ok ? resolve(outcome.value) : reject(outcome.error))
    })
    this.settled = this.result.then(
      () => {},
      () => {},
    )
  }

  async start(loading: Promise<Tinypool>): Promise<void> {
    try {
      const pool = await loading
      if (this.#ending) return
      this.#pool = pool
      const options = { transferList: [this.#remote], signal: this.#stop.signal }
      await pool.run({ port: this.#remote }, options).finally(() => {
        this.#pool = undefined
      })
      await this.#heard
      if (!this.#ending) this.#finish(this.#outcome ?? this.#death(undefined))
    } catch (error) {
      await this.#end(false, this.#startError ?? error)
    }
  }

  /** Names the error that kept threads from starting, in case this run waits for one. */
  blame(error: unknown): void {
    this.#startError = error
  }

  abort(reason: string): void {
    if (!this.#ended) this.#port.postMessage({ abort: reason })
  }

  terminate(): Promise<void> {
    return this.#ended ? Promise.resolve() : this.#end(true)
  }

  #end(asked: boolean, cause?: unknown): Promise<void> {
    this.#ending ??= this.#ended ? Promise.resolve() : this.#endThread(asked, cause)
    return this.#ending
  }

  async #endThread(asked: boolean, cause: unknown): Promise<void> {
    const thread = this.#dropThread()
    let crash = cause
    thread?.on('error', (error) => {
      crash ??= error
    })
    await thread?.terminate()
    // A port that went to no thread closes here; for one that did, this does nothing.
    this.#remote.close()
    await this.#heard
    if (asked) this.#finish({ ok: false, error: new ThreadTerminatedError(this.#name) })
    else this.#finish(this.#outcome ?? this.#death(crash))
  }

  /** Has the pool drop the thread of this run, which it does at once but without waiting or saying which one it was. */
  #dropThread(): TinypoolWorker | undefined {
    if (!this.#pool) return undefined
    const before = this.#pool.threads
    this.#stop.abort()
    const kept = new Set(this.#pool.threads)
    return before.find((thread) => !kept.has(thread))
  }

  #death(cause: unknown): Outcome {
    const why = cause instanceof Error ? cause.message : 'it left by process.exit, or was ended from outside'
    return { ok: false, error: new OffstageError('THREAD', `the thread of ${this.#name} died: ${why}`, { cause }) }
  }

  #finish(outcome: Outcome): void {
    if (this.#ended) return
    this.#ended = true
    this.#port.close()
    this.#settle(outcome.ok ? (this.#hookError ?? outcome) : outcome)
  }

  #receive(message: FromThread): void {
    if (this.#ended) return
    if (message.kind === 'done') this.#outcome = { ok: true, value: message.value }
    else if (message.kind === 'failed') this.#outcome = { ok: false, error: reviveThrown(message.thrown) }
    else this.#tell(message)
    if (this.#outcome) this.#hear()
  }

  #tell(message: Said): void {
    try {
      if (message.kind === 'progress') this.#hooks.progress(message.fraction, message.message)
      else if (message.kind === 'log') this.#hooks.log(message.level, message.message, message.data)
      else this.#hooks.write(message.chunk)
    } catch (error) {
      this.#hookError ??= { ok: false, error }
    }
    if (message.kind === 'progress') this.#port.postMessage('read')
    else if (Atomics.sub(this.#unread, 0, 1) > 0) Atomics.notify(this.#unread, 0)
  }
}

function workerThreads(): typeof import('node:worker_threads') {
  return process.getBuiltinModule('node:worker_threads')
}

function postOrder(port: MessagePort, args: readonly unknown[], order: ThreadOrder): void {
  const options: [string, unknown][] = [['args', args], ...Object.entries(order.context)]
  try {
    port.postMessage(args)
    port.postMessage(order)
  } catch (error) {
    port.close()
    const [option, value] = options.find(([, each]) => !canBeCopied(each)) ?? ['args', args]
    const rule = `something that can be copied into a thread (${(error as Error).message})`
    throw new ValidationError(option, rule, value, 'INVALID_OPTION', { cause: error })
  }
}

function canBeCopied(value: unknown): boolean {
  try {
    structuredClone(value)
    return true
  } catch {
    return false
  }
}

function reviveThrown(thrown: Thrown): unknown {
  if (thrown.kind === 'value') return thrown.value
  const options = thrown.cause === undefined ? {} : { cause: reviveThrown(thrown.cause) }
  const error = reviveClass(thrown, options)
  const hidden = { configurable: true, writable: true }
  Object.defineProperty(error, 'name', { value: thrown.name, ...hidden })
  if (thrown.stack !== undefined) Object.defineProperty(error, 'stack', { value: thrown.stack, ...hidden })
  return Object.assign(
    error,
    thrown.code !== undefined && { code: thrown.code },
    thrown.after !== undefined && { after: thrown.after },
  )
}

function reviveClass(
  { branded, name, message, code, after }: Thrown & { kind: 'error' },
  options: ErrorOptions,
): Error {
  if (!branded) return new Error(message, options)
  if (name === 'RetryAfterError' && after !== undefined) return new RetryAfterError(after, message, options)
  return name === 'NonRetryableError'
    ? new NonRetryableError(message, options)
    : new OffstageError(String(code), message, options)
}
