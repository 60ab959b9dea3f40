/** @module What the main thread and a thread say to each other. All of it can be cloned. */

/** What a thread calls: an exported function of a module, or a function given as its own source. */
export type ThreadTarget =
  | { readonly module: string /** @default 'default' */; readonly export?: string }
  | { readonly source: string }

/** What a handler in a thread knows about its task; everything in it can be cloned. */
export interface ThreadContextData {
  readonly attempt: number
  readonly maxAttempts: number
  readonly taskId: string
  readonly name: string
  readonly config?: unknown
  readonly sessionId?: string
  readonly needs?: unknown
  readonly schedule?: unknown
}

/** How grave a line of log is. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** The second message to a thread, after the arguments. */
export interface ThreadOrder {
  readonly target: ThreadTarget
  readonly context: ThreadContextData
  /** How many lines of log and pieces of output the main thread has not read yet. */
  readonly unread: Int32Array
}

/** What the main thread says while the handler runs; `'read'` asks for the next progress. */
export type ToThread = 'read' | { readonly abort: string }

/** An error, or whatever else was thrown, as data. */
export type Thrown =
  | { readonly kind: 'value'; readonly value: unknown }
  | {
      readonly kind: 'error'
      readonly name: string
      readonly message: string
      readonly stack?: string
      readonly code?: string | number
      readonly after?: string | number
      /** Whether it was an error of Offstage. */
      readonly branded: boolean
      readonly cause?: Thrown
    }

/** What a thread says. `done` or `failed` is the last. */
export type FromThread =
  | { readonly kind: 'progress'; readonly fraction: number; readonly message?: string }
  | { readonly kind: 'log'; readonly level: LogLevel; readonly message: string; readonly data?: unknown }
  | { readonly kind: 'write'; readonly chunk: string }
  | { readonly kind: 'done'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly thrown: Thrown }

/** What a handler says while it runs. */
export type Said = Exclude<FromThread, { kind: 'done' | 'failed' }>
