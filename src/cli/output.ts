/** @module Everything that the command line prints: results on stdout, the rest on stderr; text for people, or exact JSON. */
import type { Writable } from 'node:stream'
import picocolors from 'picocolors'
import { OffstageError } from '../errors.ts'
import { redactor } from '../redact.ts'
import { safeJson } from './safe.ts'
import { type Line, type Paint, type Part, render, styled } from './text.ts'

/** A stream that may be a terminal. */
export type Sink = Writable & { readonly isTTY?: boolean; readonly columns?: number }

export interface OutputOptions {
  readonly json: boolean
  /** False for --no-color. */
  readonly color: boolean
  readonly stdout: Sink
  readonly stderr: Sink
  readonly env: NodeJS.ProcessEnv
}

/** How deep the causes of an error are told. */
const causesTold = 3
/** Items of a list: a write for each would be slow. */
const writtenAtOnce = 1_000

export class Output {
  /** Whether results are JSON: one document, or one line of JSON each in a stream. */
  readonly json: boolean
  readonly stdout: Sink
  readonly #stderr: Sink
  readonly #paint: Paint
  readonly #paintNotes: Paint
  /** Takes secrets out of a text about the machine. */
  readonly redact: (text: string) => string

  constructor({ json, color, stdout, stderr, env }: OutputOptions) {
    this.json = json
    this.stdout = stdout
    this.#stderr = stderr
    this.#paint = picocolors.createColors(color && colorful(stdout, env))
    this.redact = redactor(env)
    this.#paintNotes = picocolors.createColors(color && colorful(stderr, env))
  }

  /** Whether a person looks at the results as they come. */
  get live(): boolean {
    return this.stdout.isTTY === true && !this.json
  }

  /** Whether a person reads the notes as they come. */
  get interactive(): boolean {
    return this.#stderr.isTTY === true
  }

  /** How wide the terminal is; undefined when the results go elsewhere. */
  get width(): number | undefined {
    return this.stdout.isTTY ? (this.stdout.columns ?? 80) : undefined
  }

  /** A line of the result. */
  line(...parts: Part[]): void {
    this.stdout.write(`${render(parts, this.#paint)}\n`)
  }

  lines(lines: readonly Line[]): void {
    for (const line of lines) this.line(...line)
  }

  /** Text of the result whose newlines are meant. */
  text(text: string, end = '\n'): void {
    this.stdout.write(render([text], this.#paint, { lines: true }) + end)
  }

  /** Lines as they would be printed. */
  rendered(lines: readonly Line[]): string {
    return lines.map((line) => render(line, this.#paint)).join('\n')
  }

  /** One value as one line of JSON. */
  data(value: unknown): void {
    this.stdout.write(`${safeJson(value)}\n`)
  }

  /** A list as one document of JSON, one item a line. */
  items(items: readonly unknown[]): void {
    if (items.length === 0) return void this.stdout.write('[]\n')
    for (let i = 0; i < items.length; i += writtenAtOnce) {
      const some = items.slice(i, i + writtenAtOnce).map((item) => safeJson(item))
      this.stdout.write(`${i === 0 ? '[\n' : ',\n'}${some.join(',\n')}`)
    }
    this.stdout.write('\n]\n')
  }

  /** The result of a task: text as it is, everything else as JSON. */
  result(value: unknown): void {
    if (this.json) this.data(value ?? null)
    else if (typeof value === 'string') this.text(value)
    else if (value !== undefined) this.stdout.write(`${safeJson(value, 2)}\n`)
  }

  /** A line for people, beside the result. */
  note(...parts: Part[]): void {
    this.#stderr.write(`${render(parts, this.#paintNotes)}\n`)
  }

  /** Text for people whose newlines are meant, beside the result. */
  notes(text: string, end = '\n'): void {
    this.#stderr.write(render([text], this.#paintNotes, { lines: true }) + end)
  }

  /** Says what went wrong, without secrets: of our own errors the message, of others the stack as well. */
  error(error: unknown): void {
    const given = error instanceof Error ? (error as Partial<OffstageError>) : {}
    const { code = 'ERROR', message = String(error) } = given
    if (this.json) return void this.#stderr.write(`${safeJson({ error: { code, message: this.redact(message) } })}\n`)
    this.#stderr.write(
      render([styled('red', 'error'), ' ', this.redact(message), '\n'], this.#paintNotes, { lines: true }),
    )
    // what was asked for is wrong, and no place in a program
    if (code === 'USAGE') return
    let cause: unknown = OffstageError.is(error) ? error.cause : error
    for (let depth = 0; cause instanceof Error && depth < causesTold; depth += 1, cause = cause.cause) {
      if (!OffstageError.is(cause)) this.notes(this.redact(cause.stack ?? cause.message))
    }
  }

  /** Resolves when all of it has been handed to the system. */
  async flush(): Promise<void> {
    for (const sink of [this.stdout, this.#stderr]) {
      if (sink.writable) await new Promise<void>((resolve) => sink.write('', () => resolve()))
    }
  }
}

/** Prints a warning of Node, or of a library, as a note. */
export function tellWarning(stderr: Sink, { message }: Error): void {
  const redact = redactor(process.env)
  stderr.write(`${render([`warning ${redact(message)}`], picocolors.createColors(false))}\n`)
}

function colorful({ isTTY }: Sink, { NO_COLOR, FORCE_COLOR, TERM }: NodeJS.ProcessEnv): boolean {
  if (NO_COLOR !== undefined && NO_COLOR !== '') return false
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false'
  return isTTY === true && TERM !== 'dumb'
}
