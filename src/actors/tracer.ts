/** @module Spans of OpenTelemetry: where its API is installed and a tracer provider was registered, and nothing anywhere else. */
import { createRequire } from 'node:module'
import type * as OpenTelemetryApi from '@opentelemetry/api'
import type { Attempt } from './attempt.ts'
import type { AttemptEnd, Tracer } from './telemetry.ts'

type Api = typeof OpenTelemetryApi

/** Where every copy of the API, version 1, keeps what was registered. */
const registry: unique symbol = Symbol.for('opentelemetry.js.api.1')

/** Undefined: never looked for. False: it cannot be loaded. */
let tracer: Tracer | false | undefined

/** The tracer of this process, as soon as a tracer provider is registered. Until then this is one look-up. */
export function activeTracer(): Tracer | undefined {
  const registered = (globalThis as { readonly [registry]?: { readonly trace?: unknown } })[registry]
  if (registered?.trace === undefined) return undefined
  tracer ??= load()
  return tracer === false ? undefined : tracer
}

function load(): Tracer | false {
  try {
    return new OpenTelemetry(createRequire(import.meta.url)('@opentelemetry/api') as Api)
  } catch {
    // an optional peer: registered by a copy that this package cannot reach
    return false
  }
}

/** Version, trace, span and flags, as W3C Trace Context writes them. */
const traceparent = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-|$)/

/** A tracer that throws takes nothing down: the work goes on untraced. */
class OpenTelemetry implements Tracer {
  readonly #api: Api
  readonly #spans = new WeakMap<Attempt, OpenTelemetryApi.Span>()

  constructor(api: Api) {
    this.#api = api
  }

  inject(parent: Attempt | undefined): string | undefined {
    const { context, trace, isSpanContextValid } = this.#api
    try {
      const own = parent === undefined ? undefined : this.#spans.get(parent)?.spanContext()
      const from = trace.getSpanContext(context.active()) ?? own
      if (from === undefined || !isSpanContextValid(from)) return undefined
      return `00-${from.traceId}-${from.spanId}-${from.traceFlags.toString(16).padStart(2, '0')}`
    } catch {
      return undefined
    }
  }

  run<T>(attempt: Attempt, handler: () => T): T {
    const within = this.#begin(attempt)
    return within === undefined ? handler() : this.#api.context.with(within, handler)
  }

  ended(attempt: Attempt, { outcome, error }: AttemptEnd): void {
    const span = this.#spans.get(attempt)
    if (span === undefined) return
    this.#spans.delete(attempt)
    const { OK, ERROR } = this.#api.SpanStatusCode
    try {
      span.setAttribute('offstage.outcome', outcome)
      if (error !== undefined) span.setAttribute('error.type', error).setStatus({ code: ERROR, message: error })
      else if (outcome === 'completed') span.setStatus({ code: OK })
      span.end()
    } catch {
      // the attempt has ended all the same
    }
  }

  /** A root: whose context happens to be active while a slot is filled says nothing about this task. */
  #begin(attempt: Attempt): OpenTelemetryApi.Context | undefined {
    const { ROOT_CONTEXT, SpanKind, trace } = this.#api
    const { task, name, recipe } = attempt.task.spec
    const attributes = {
      'offstage.task.id': task,
      'offstage.task.name': name,
      'offstage.attempt': attempt.number,
      ...(recipe !== undefined && { 'offstage.recipe': recipe }),
    }
    try {
      const options = { kind: SpanKind.CONSUMER, attributes, links: this.#links(attempt.task.spec.trace) }
      const span = trace.getTracer('offstage').startSpan(`offstage.task ${name}`, options, ROOT_CONTEXT)
      this.#spans.set(attempt, span)
      return trace.setSpan(ROOT_CONTEXT, span)
    } catch {
      return undefined
    }
  }

  /** To the span of the submit, which may have been in another process and has long ended. */
  #links(text: string | undefined): OpenTelemetryApi.Link[] {
    const [, traceId, spanId, flags] = traceparent.exec(text ?? '') ?? []
    if (traceId === undefined || spanId === undefined || flags === undefined) return []
    const context = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true }
    return this.#api.isSpanContextValid(context) ? [{ context }] : []
  }
}
