/** @module The bridge to Stately's inspector: the messages of `@statelyai/inspect` 0.7. */
import type { Bridge, BridgeOptions, Injection, Protocol } from './bridge.ts'
import type { Cleaner } from './cleaner.ts'
import { createBridge } from './make-bridge.ts'
import type { Seen } from './seen.ts'

/** The version of `@statelyai/inspect` whose messages these are: its receivers look for one. */
export const statelyVersion = '0.7.2'

class StatelyProtocol implements Protocol {
  readonly isEager = true
  readonly #clean: Cleaner
  readonly #definitions = new WeakMap<object, string>()
  #sent = 0

  constructor(cleaner: Cleaner) {
    this.#clean = cleaner
  }

  present(actor: Seen): readonly string[] {
    const { plain } = this.#clean
    const message = {
      type: '@xstate.actor',
      name: plain.text(actor.name),
      parentId: actor.parent && plain.text(actor.parent),
      definition: this.#definition(actor),
      snapshot: this.#snapshot(actor),
    }
    return [this.#write(actor, message, actor.since)]
  }

  event(actor: Seen, event: object, source: string | undefined): readonly string[] {
    const shown = this.#clean.event(event)
    const sourceId = source && this.#clean.plain.text(source)
    return [this.#write(actor, { type: '@xstate.event', event: shown, sourceId })]
  }

  moved(actor: Seen): readonly string[] {
    const event = this.#clean.event(actor.event)
    return [this.#write(actor, { type: '@xstate.snapshot', event, snapshot: this.#snapshot(actor) })]
  }

  read({ type, sessionId, event }: Readonly<Record<string, unknown>>): Injection | undefined {
    return type === '@xstate.event' ? { session: sessionId, event } : undefined
  }

  #write(actor: Seen, message: object, at = this.#clean.now()): string {
    this.#sent++
    const { plain } = this.#clean
    return JSON.stringify({
      ...message,
      sessionId: plain.text(actor.session),
      rootId: plain.text(actor.root),
      id: String(this.#sent),
      createdAt: String(at),
      _version: statelyVersion,
    })
  }

  #definition({ chart, name }: Seen): string {
    if (chart === undefined) return JSON.stringify({ id: this.#clean.plain.text(name) })
    const known = this.#definitions.get(chart)
    if (known !== undefined) return known
    const written = JSON.stringify(this.#clean.definition(chart.config))
    this.#definitions.set(chart, written)
    return written
  }

  #snapshot({ shown }: Seen): object {
    const { plain } = this.#clean
    const { status, value, context, output, error, tags } = shown
    return {
      status,
      value: plain.value(value),
      context: this.#clean.context(context),
      output: this.#clean.output(output),
      error: plain.value(error),
      tags: tags && plain.value([...tags]),
    }
  }
}

/**
 * A bridge to viewers that speak Stately's inspection protocol: the receivers of `@statelyai/inspect`, and what is built on
 * them. The process needs the package `ws` to listen; whether a viewer needs the internet is the viewer's matter.
 *
 * @param options What is shown, to whom, and whether a viewer may send events.
 * @throws {ValidationError} for options that cannot be.
 *
 * @example
 * ```ts
 * import { BackgroundRunner } from 'offstage'
 * import { createStatelyBridge } from 'offstage/inspect'
 *
 * const bridge = createStatelyBridge()
 * const runner = new BackgroundRunner({ inspect: bridge.inspect })
 * const { url, close } = await bridge.listen()
 * url // for createWebSocketReceiver({ server: url })
 * await close()
 * ```
 */
export function createStatelyBridge(options: BridgeOptions = {}): Bridge {
  return createBridge(options, 'createStatelyBridge', (cleaner) => new StatelyProtocol(cleaner))
}
