/**
 * @module What runs inside a thread. The functions travel as source text in a `data:` module, the same from sources and
 * build: they import nothing, and refer only to each other, `limits`, and what {@link threadEntry} puts before them.
 */
import type { MessagePort } from 'node:worker_threads'
import type {
  FromThread,
  LogLevel,
  Said,
  ThreadContextData,
  ThreadOrder,
  ThreadTarget,
  Thrown,
  ToThread,
} from './thread-messages.ts'

type Handler = (...args: unknown[]) => unknown
type Line = ReturnType<typeof openLine>

/** Bounds of what leaves a thread, in characters; `unread` in messages, `timer` in ms. */
const limits = {
  log: 4_096,
  chunk: 65_536,
  message: 8_192,
  stack: 16_384,
  causes: 5,
  unread: 256,
  timer: 2_147_483_647,
  duration: 3_153_600_000_000,
} as const

declare const importModule: (url: string) => Promise<Record<string, unknown>>
declare const ownUrl: string

/** Runs one order: the first two messages in `port` are the arguments and the order. */
async function runInThread({ port }: { port: MessagePort }): Promise<void> {
  const { receiveMessageOnPort } = process.getBuiltinModule('node:worker_threads')
  const [args, order] = [receiveMessageOnPort(port), receiveMessageOnPort(port)].map((next) => next?.message)
  const { target, context, unread }: ThreadOrder = order
  const line = openLine(port, unread)
  let last: FromThread
  try {
    const handler = await loadHandler(target)
    line.signal.throwIfAborted()
    last = { kind: 'done', value: await handler(...args, makeContext(line, context)) }
  } catch (error) {
    last = { kind: 'failed', thrown: describeThrown(explainScope(error, target), 0) }
  }
  line.end()
  try {
    port.postMessage(last)
  } catch (error) {
    const why = `the result of ${context.name} cannot leave the thread: ${(error as Error).message}`
    port.postMessage({ kind: 'failed', thrown: describeThrown(makeError('INVALID_RESULT', why, error), 0) })
  }
}

/** Finds the function to call. */
async function loadHandler(target: ThreadTarget): Promise<Handler> {
  if ('source' in target) {
    const body = `'use strict'; return (${target.source}\n)\n//# sourceURL=offstage:inline`
    return new Function('__name', body)((fn: unknown) => fn)
  }
  const name = target.export ?? 'default'
  const where = `${name} of ${target.module.slice(0, 200)}`
  const namespace = await importModule(target.module).catch((error) => {
    throw makeError('THREAD', `cannot load ${where}: ${error?.message ?? error}`, error)
  })
  const handler = namespace[name] ?? (namespace.default as Record<string, unknown> | undefined)?.[name]
  if (typeof handler !== 'function') throw makeError('THREAD', `cannot run ${where}: the module has no such function`)
  return handler as Handler
}

/** The thread's end of the port: what it says is bounded and held back until it was read, what it hears is the abort. */
function openLine(port: MessagePort, unread: Int32Array) {
  const { receiveMessageOnPort } = process.getBuiltinModule('node:worker_threads')
  const controller = new AbortController()
  let mayReport = true
  let latest: Said | undefined
  let ended = false
  const hear = (message: ToThread): void => {
    if (message !== 'read') {
      controller.abort(new DOMException(message.abort, 'AbortError'))
      return
    }
    mayReport = latest === undefined
    if (latest !== undefined) port.postMessage(latest)
    latest = undefined
  }
  const listen = (): void => {
    // Once the run has ended the main thread closes the port, and Node crashes when it reads from one that closes.
    if (ended) return
    for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) hear(next.message)
  }
  // A synchronous loop never gets to the event loop, so looking at the signal has to be what fetches the abort.
  const { signal } = controller
  const aborted = Object.getOwnPropertyDescriptor(AbortSignal.prototype, 'aborted')?.get
  const look = (): boolean => {
    listen()
    return aborted?.call(signal)
  }
  const throwIfAborted = (): void => {
    if (look()) throw signal.reason
  }
  Object.defineProperties(signal, { aborted: { get: look }, throwIfAborted: { value: throwIfAborted } })
  port.on('message', hear)
  return {
    signal,
    say(message: Said): void {
      let count = Atomics.load(unread, 0)
      for (; !ended && count >= limits.unread; count = Atomics.load(unread, 0)) Atomics.wait(unread, 0, count)
      if (ended) return
      Atomics.add(unread, 0, 1)
      port.postMessage(message)
    },
    report(message: Said): void {
      if (ended) return
      if (!mayReport) listen()
      if (mayReport) port.postMessage(message)
      else latest = message
      mayReport = false
    },
    end(): void {
      if (latest !== undefined) port.postMessage(latest)
      ended = true
    },
  }
}

/** The context a handler gets as its last argument. */
function makeContext(line: Line, { taskId, name, ...rest }: ThreadContextData) {
  const say = (level: LogLevel) => (message: unknown, data?: unknown) => {
    line.say({ kind: 'log', level, message: String(message).slice(0, limits.log), data: boundData(data) })
  }
  const [debug, info, warn, error] = [say('debug'), say('info'), say('warn'), say('error')]
  return {
    ...rest,
    task: { id: taskId, name },
    signal: line.signal,
    log: Object.assign(say('info'), { debug, info, warn, error }),
    progress(fraction: number, message?: string): void {
      const text = message === undefined ? {} : { message: String(message).slice(0, limits.log) }
      line.report({ kind: 'progress', fraction: typeof fraction === 'number' ? fraction : Number.NaN, ...text })
    },
    write(chunk: unknown): void {
      const text = String(chunk)
      for (let at = 0; at < text.length; at += limits.chunk) {
        line.say({ kind: 'write', chunk: text.slice(at, at + limits.chunk) })
      }
    },
    sleep: (duration: unknown) => sleepInThread(line.signal, duration),
  }
}

/** Waits; rejects with the reason of the abort. */
async function sleepInThread(signal: AbortSignal, duration: unknown): Promise<void> {
  const match = typeof duration === 'string' ? /^(\d{1,15}(?:\.\d{1,9})?)(ms|s|m|h|d|w)$/.exec(duration) : null
  const unit = { ms: 1, s: 1e3, m: 6e4, h: 36e5, d: 864e5, w: 6048e5 }[match?.[2] ?? '']
  const ms = match && unit !== undefined ? Number(match[1]) * unit : duration
  if (typeof ms !== 'number' || !(ms >= 0 && ms <= limits.duration)) {
    const rule = "sleep must be a duration from 0 to 100 years, as ms or like '30s', '5m', '1h'"
    throw makeError('INVALID_OPTION', `${rule}, got ${String(duration).slice(0, 120)}`)
  }
  const { setTimeout } = process.getBuiltinModule('node:timers/promises')
  try {
    for (let left = ms; left >= 0; left -= limits.timer) {
      await setTimeout(Math.min(left, limits.timer), undefined, { signal })
    }
  } catch {
    throw signal.reason
  }
}

/** What a line of log carries: JSON, or the beginning of its text when it is too long or is none. */
function boundData(data: unknown): unknown {
  if (data === undefined) return undefined
  let text: string
  try {
    const plain = data instanceof Error ? { name: data.name, message: data.message, stack: data.stack } : data
    text = JSON.stringify(plain) ?? String(data)
    if (text.length <= limits.log) return JSON.parse(text)
  } catch {
    text = Object.prototype.toString.call(data)
  }
  return text.slice(0, limits.log)
}

/** An error that arrives in the main thread as one of Offstage's. */
function makeError(code: string, message: string, cause?: unknown): Error {
  const error = new Error(message, cause === undefined ? undefined : { cause })
  return Object.assign(error, { name: 'OffstageError', code, [Symbol.for('offstage.error')]: true })
}

/** Says why an inline function met an unknown name: it was taken out of its surroundings. */
function explainScope(error: unknown, target: ThreadTarget): unknown {
  if (!('source' in target && error instanceof Error)) return error
  const unresolved = (error as { code?: unknown }).code === 'ERR_UNSUPPORTED_RESOLVE_REQUEST'
  let rule = unresolved ? 'can import() only what node: or a URL names; use a module' : ''
  if (error instanceof ReferenceError && error.message.endsWith('is not defined')) {
    rule = 'cannot close over anything; pass it in args, or use a module'
  }
  return rule === '' ? error : makeError('THREAD', `${error.message}: a function in a thread ${rule}`, error)
}

/** Whatever was thrown, as bounded data that can be cloned. Never throws. */
function describeThrown(thrown: unknown, depth: number): Thrown {
  try {
    if (!(thrown instanceof Error)) return { kind: 'value', value: structuredClone(thrown) }
    const clean = (text: string): string => text.replaceAll(ownUrl, 'offstage:thread')
    const { name, message, stack, code, after, cause } = thrown as Error & { code?: unknown; after?: unknown }
    return {
      kind: 'error',
      name: String(name).slice(0, 200),
      message: clean(String(message)).slice(0, limits.message),
      branded: Symbol.for('offstage.error') in thrown,
      ...(typeof stack === 'string' && { stack: clean(stack).slice(0, limits.stack) }),
      ...((typeof code === 'string' || typeof code === 'number') && { code }),
      ...((typeof after === 'string' || typeof after === 'number') && { after }),
      ...(cause !== undefined && depth < limits.causes && { cause: describeThrown(cause, depth + 1) }),
    }
  } catch {
    const what = typeof thrown === 'function' ? `function ${thrown.name}` : `a ${typeof thrown} that cannot be copied`
    return { kind: 'error', name: 'Error', message: `the handler threw ${what}`, branded: false }
  }
}

/** The URL of the module that a thread loads; its default export takes `{ port }`. */
export function threadEntry(): string {
  const parts = [
    // Where a bundler was told to keep names, the text below calls this helper of esbuild's.
    'const __name = (fn) => fn',
    'const importModule = (url) => import(url)',
    'const ownUrl = import.meta.url',
    `const limits = ${JSON.stringify(limits)}`,
    ...[
      runInThread,
      loadHandler,
      openLine,
      makeContext,
      sleepInThread,
      boundData,
      makeError,
      explainScope,
      describeThrown,
    ],
    `export default ${runInThread.name}`,
    '//# sourceURL=offstage:thread',
  ]
  return `data:text/javascript,${encodeURIComponent(parts.join('\n'))}`
}
