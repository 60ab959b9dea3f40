/** @module What a handler is given: the last argument of every call. */
import type { Attempt } from '../actors/attempt.ts'
import type { LogLevel } from '../actors/thread-messages.ts'
import { parseDuration } from '../duration.ts'
import { jsonCopy } from '../json.ts'
import type { SubmitRecord } from '../machines/records.ts'
import type { Awaitable } from '../store/store.ts'
import { checkNumber } from '../validate.ts'
import { type ScheduledRun, scheduledRun } from './scheduled-run.ts'
import type { SubmitFunction, SubmitRecipeOptions, TaskContext, TaskLog } from './types.ts'

/** What the runner adds to an attempt for its handler. */
export interface ContextHost {
  /** The results of the tasks that an attempt's task needed. */
  needsOf(attempt: Attempt): Awaitable<unknown>
  submitChild(attempt: Attempt): SubmitFunction
  submitChildRecipe(attempt: Attempt): TaskContext['submitRecipe']
  /** The submit of a task that a schedule makes. */
  scheduled(recipe: string, input: unknown, options: SubmitRecipeOptions): Promise<SubmitRecord>
}

/** The longest message of progress and line of log, and the largest piece of output, in characters. */
const longestMessage = 500
const longestLine = 4_096
const largestChunk = 1_000

/** Members are made when they are asked for: most handlers use few of them. */
export class HandlerContext implements TaskContext<unknown> {
  readonly #attempt: Attempt
  readonly #host: ContextHost
  #output: Output | undefined

  constructor(attempt: Attempt, host: ContextHost) {
    this.#attempt = attempt
    this.#host = host
  }

  get signal(): AbortSignal {
    return this.#attempt.signal
  }

  get attempt(): number {
    return this.#attempt.number
  }

  get maxAttempts(): number {
    return this.#attempt.task.spec.limits.maxAttempts
  }

  get task(): { id: string; name: string } {
    const { task, name } = this.#attempt.task.spec
    return { id: task, name }
  }

  get needs(): unknown {
    return this.#attempt.needs
  }

  get config(): unknown {
    return this.#attempt.task.spec.config
  }

  get schedule(): ScheduledRun | undefined {
    return scheduledRun(this.#attempt.task.spec)
  }

  get sessionId(): string | undefined {
    return this.#attempt.task.spec.sessionId
  }

  get progress(): TaskContext['progress'] {
    return (fraction, message) => {
      checkNumber(fraction, 'progress', 0, 1)
      this.flush()
      this.#attempt.progress(fraction, message === undefined ? undefined : String(message).slice(0, longestMessage))
    }
  }

  get write(): TaskContext['write'] {
    this.#output ??= new Output(this.#attempt)
    const output = this.#output
    return (chunk) => output.add(String(chunk))
  }

  get log(): TaskLog {
    const at = (level: LogLevel) => (message: string, data?: unknown) => {
      this.flush()
      writeLog(this.#attempt, level, message, data)
    }
    return Object.assign(at('info'), { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') })
  }

  get sleep(): TaskContext['sleep'] {
    return (duration) => this.#attempt.sleep(parseDuration(duration, 'sleep', { min: 0 }))
  }

  get ask(): TaskContext['ask'] {
    return <T>(prompt?: string) => {
      this.flush()
      const text = prompt === undefined ? undefined : String(prompt).slice(0, longestLine)
      return this.#attempt.input(text) as Promise<T>
    }
  }

  get submit(): SubmitFunction {
    return this.#host.submitChild(this.#attempt)
  }

  get submitRecipe(): TaskContext['submitRecipe'] {
    return this.#host.submitChildRecipe(this.#attempt)
  }

  /** Lets out what was written, before anything else is told. */
  flush(): void {
    this.#output?.flush()
  }
}

/** What a handler writes in one turn is one piece of output: models stream a word at a time. */
class Output {
  readonly #attempt: Attempt
  #text = ''

  constructor(attempt: Attempt) {
    this.#attempt = attempt
  }

  add(text: string): void {
    if (text === '') return
    if (this.#text === '') queueMicrotask(() => this.flush())
    this.#text += text
    if (this.#text.length >= largestChunk) this.flush()
  }

  flush(): void {
    const text = this.#text
    this.#text = ''
    writeOutput(this.#attempt, text)
  }
}

/** Streams output of an attempt, in pieces that are not too large. */
export function writeOutput(attempt: Attempt, text: string): void {
  for (let from = 0; from < text.length; from += largestChunk) {
    attempt.write({ type: 'output', at: attempt.now(), chunk: text.slice(from, from + largestChunk) })
  }
}

/** Writes a line of an attempt's log; data that JSON cannot carry is left out and said so. */
export function writeLog(attempt: Attempt, level: LogLevel, message: string, data?: unknown): void {
  const line = { type: 'log' as const, at: attempt.now(), level, message: String(message).slice(0, longestLine) }
  attempt.write(data === undefined ? line : { ...line, data: loggable(data) })
}

function loggable(data: unknown): unknown {
  try {
    const copy = jsonCopy(data, 'data')
    return JSON.stringify(copy).length <= longestLine ? copy : 'data left out: it is too long'
  } catch (error) {
    return `data left out: ${(error as Error).message}`
  }
}
