/** @module The bridge to viewers of XState 4: the messages of `@xstate/inspect` 0.8. */
import type { Bridge, BridgeOptions, Injection, Protocol } from './bridge.ts'
import type { Cleaner } from './cleaner.ts'
import { createBridge } from './make-bridge.ts'
import type { Seen } from './seen.ts'
import { configOf, scxml, stateOf } from './xstate-4.ts'

const deepestChart = 64

class XStateInspectProtocol implements Protocol {
  readonly isEager = false
  readonly #clean: Cleaner
  readonly #machines = new WeakMap<object, string>()

  constructor(cleaner: Cleaner) {
    this.#clean = cleaner
  }

  present(actor: Seen): readonly string[] {
    const { plain } = this.#clean
    const message = {
      type: 'service.register',
      machine: this.#machine(actor),
      state: this.#state(actor),
      id: plain.text(actor.name),
      parent: actor.parent && plain.text(actor.parent),
    }
    return [this.#write(actor, message), ...this.#end(actor)]
  }

  event(actor: Seen, event: object, source: string | undefined): readonly string[] {
    const told = scxml(this.#clean.event(event), source && this.#clean.plain.text(source))
    return [this.#write(actor, { type: 'service.event', event: JSON.stringify(told) })]
  }

  moved(actor: Seen): readonly string[] {
    return [this.#write(actor, { type: 'service.state', state: this.#state(actor) }), ...this.#end(actor)]
  }

  read({ type, event, service }: Readonly<Record<string, unknown>>): 'asks' | Injection | undefined {
    if (type === 'xstate.inspecting') return 'asks'
    if (type !== 'xstate.event') return undefined
    const told = parsed(event)
    const { origin = service, $$type, data } = told
    return { session: origin, event: $$type === 'scxml' ? data : told }
  }

  #end(actor: Seen): string[] {
    return actor.shown.status === 'active' ? [] : [this.#write(actor, { type: 'service.stop' })]
  }

  #write({ session }: Seen, message: object): string {
    return JSON.stringify({ ...message, sessionId: this.#clean.plain.text(session) })
  }

  #machine({ chart, name }: Seen): string {
    const known = chart && this.#machines.get(chart)
    if (known !== undefined) return known
    const { plain } = this.#clean
    const context = this.#clean.context(chart?.config.context)
    const config = configOf(chart, plain.text(name), undefined)
    const written = plain.value(config, deepestChart) as object
    const text = JSON.stringify({ ...written, ...(context !== undefined && { context }) })
    if (chart !== undefined) this.#machines.set(chart, text)
    return text
  }

  #state({ shown, event, session, chart }: Seen): string {
    const { plain } = this.#clean
    const { status, value, context, tags } = shown
    const state = stateOf({
      value: chart?.machine === undefined ? status : plain.value(value),
      context: this.#clean.context(context) ?? {},
      event: this.#clean.event(event),
      session: plain.text(session),
      isDone: status === 'done',
      tags: plain.value([...(tags ?? [])]) as readonly string[],
    })
    return JSON.stringify(state)
  }
}

function parsed(text: unknown): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = typeof text === 'string' ? JSON.parse(text) : text
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

/**
 * A bridge to viewers of XState 4: `@xstate/inspect` 0.8 and what is built on its receivers. Charts are said in the words of
 * XState 4, so that it can draw them; nothing runs there. The process needs the package `ws` to listen.
 *
 * @param options What is shown, to whom, and whether a viewer may send events.
 * @throws {ValidationError} for options that cannot be.
 *
 * @example
 * ```ts
 * import { BackgroundRunner } from 'offstage'
 * import { createXStateInspectBridge } from 'offstage/inspect'
 *
 * const bridge = createXStateInspectBridge()
 * const runner = new BackgroundRunner({ inspect: bridge.inspect })
 * const { url, close } = await bridge.listen()
 * url.slice('ws://'.length) // for createWebSocketReceiver({ server })
 * await close()
 * ```
 */
export function createXStateInspectBridge(options: BridgeOptions = {}): Bridge {
  return createBridge(options, 'createXStateInspectBridge', (cleaner) => new XStateInspectProtocol(cleaner))
}
