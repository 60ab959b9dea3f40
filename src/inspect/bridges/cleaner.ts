/** @module What is shown of contexts, events and charts: past the user's sanitisers first, then past ours. */
import type { Clock } from '../../clock.ts'
import { checkFunction } from '../../validate.ts'
import { Plain } from './plain.ts'

const keepAll = (value: unknown): unknown => value
const deepestChart = 64

/** What a user wants to be left out. */
export interface SanitiserOptions {
  /** What of a context is shown, in snapshots and in definitions. Secrets are taken out of what it returns as well. */
  readonly sanitizeContext?: (context: unknown) => unknown
  /** What of an event is shown. */
  readonly sanitizeEvent?: (event: { readonly type: string }) => unknown
  /**
   * What of an output is shown: of a task, how it ended. @default all of it; nothing where `sanitizeContext` is given, as
   * the output mostly is a part of the context
   */
  readonly sanitizeOutput?: (output: unknown) => unknown
  /** Where secrets are looked for: values of variables named like one are hidden. @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>>
}

export class Cleaner {
  readonly plain: Plain
  readonly #context: (context: unknown) => unknown
  readonly #event: (event: { readonly type: string }) => unknown
  readonly #output: (output: unknown) => unknown
  readonly #clock: Clock

  constructor(options: SanitiserOptions, clock: Clock) {
    const { sanitizeContext = keepAll, sanitizeEvent = keepAll, env = process.env } = options
    const byDefault = options.sanitizeContext === undefined ? keepAll : () => undefined
    this.#output = checkFunction(options.sanitizeOutput ?? byDefault, 'sanitizeOutput')
    this.#clock = clock
    this.plain = new Plain(env)
    this.#context = checkFunction(sanitizeContext, 'sanitizeContext')
    this.#event = checkFunction(sanitizeEvent, 'sanitizeEvent')
  }

  now(): number {
    return this.#clock.now()
  }

  context(context: unknown): unknown {
    if (context === undefined || typeof context === 'function') return undefined
    try {
      return this.plain.value(this.#context(context))
    } catch {
      return '[sanitizeContext threw]'
    }
  }

  event(event: object): Record<string, unknown> {
    const { type } = event as { type?: unknown }
    const name = this.plain.text(typeof type === 'string' ? type : '')
    try {
      const shown = this.plain.value(this.#event(event as { type: string }))
      return typeof shown === 'object' && shown !== null ? { type: name, ...shown } : { type: name }
    } catch {
      return { type: name }
    }
  }

  output(output: unknown): unknown {
    if (output === undefined) return undefined
    try {
      return this.plain.value(this.#output(output))
    } catch {
      return '[sanitizeOutput threw]'
    }
  }

  /** A chart as it was written, the context that it begins with sanitised. */
  definition(config: Readonly<Record<string, unknown>>): unknown {
    const { context, ...rest } = config
    const begins = this.context(context)
    const chart = this.plain.value(rest, deepestChart)
    return typeof chart === 'object' && begins !== undefined ? { ...chart, context: begins } : chart
  }
}
