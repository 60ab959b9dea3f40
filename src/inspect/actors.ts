/** @module Actors of XState that users let the inspector see: what they are, and what happened to them. Nothing else is held. */
import { type AnyActorRef, type AnyStateMachine, type InspectionEvent, StateMachine } from 'xstate'
import type { Clock } from '../clock.ts'
import type { ActorHappening, ActorRow, ActorsView, Query } from './protocol.ts'
import { shown, shownValue } from './views/plain.ts'

/** How many actors are kept, those that have stopped first to go; and how many happenings of each. */
const mostActors = 1_000
const mostHappenings = 200
const mostRows = 200

interface Kept {
  readonly session: string
  readonly id: string
  readonly parent: string | undefined
  /** Of a machine: the id under which its chart is asked for. */
  readonly chart: string | undefined
  /** Charts can be drawn as long as somebody holds the machine. */
  readonly machine: WeakRef<AnyStateMachine> | undefined
  status: string
  value: unknown
  context: unknown
  events: number
  last: string | undefined
  readonly happenings: ActorHappening[]
}

export interface ActorBookOptions {
  readonly clock: Clock
  redact(text: string): string
  /** Called when anything was seen. */
  changed(): void
}

export class ActorBook {
  readonly #options: ActorBookOptions
  readonly #actors = new Map<string, Kept>()
  #seen = 0

  constructor(options: ActorBookOptions) {
    this.#options = options
  }

  /** An observer for XState's `inspect`. Never throws. */
  readonly inspect = (event: InspectionEvent): void => {
    try {
      this.#hear(event)
    } catch {
      // what cannot be read is not shown, and harms nobody
    }
  }

  /** The machine of a chart. */
  machine(chart: string): AnyStateMachine | undefined {
    for (const actor of this.#actors.values()) if (actor.chart === chart) return actor.machine?.deref()
    return undefined
  }

  view({ actor: chosen }: Query): ActorsView {
    const kept = chosen === undefined ? undefined : this.#actors.get(chosen)
    const context = shownValue(kept?.context, this.#options.redact)
    return {
      view: 'actors',
      total: this.#actors.size,
      actors: [...this.#actors.values()].slice(-mostRows).map((actor) => this.#row(actor)),
      ...(context !== undefined && { context }),
      happenings: kept?.happenings ?? [],
    }
  }

  #row({ session, id, parent, chart, machine, status, value, events, last }: Kept): ActorRow {
    const shownState = shownValue(value, this.#options.redact)
    return {
      session,
      id,
      ...(parent !== undefined && { parent }),
      ...(chart !== undefined && machine?.deref() !== undefined && { chart }),
      status,
      ...(shownState !== undefined && { value: shownState }),
      events,
      ...(last !== undefined && { last }),
    }
  }

  #hear(event: InspectionEvent): void {
    const { actorRef } = event
    const { sessionId } = actorRef as AnyActorRef
    if (sessionId === undefined) return
    const actor = this.#actors.get(sessionId) ?? this.#meet(actorRef as AnyActorRef)
    if (event.type === '@xstate.event') {
      actor.events += 1
      actor.last = shown(event.event.type, this.#options.redact)
      const source = (event.sourceRef as AnyActorRef | undefined)?.sessionId
      this.#note(actor, {
        what: 'event',
        event: shownValue(event.event, this.#options.redact),
        ...(source !== undefined && { source }),
      })
    } else if (event.type === '@xstate.snapshot') this.#moved(actor, event.snapshot as never)
    this.#options.changed()
  }

  #moved(actor: Kept, snapshot: { status?: string; value?: unknown; context?: unknown }): void {
    const { redact } = this.#options
    actor.status = snapshot.status ?? actor.status
    actor.value = shownValue(snapshot.value, redact)
    actor.context = shownValue(snapshot.context, redact)
    const over = actor.status !== 'active'
    this.#note(actor, { what: over ? 'stopped' : 'snapshot', value: actor.value, status: actor.status })
  }

  #meet(ref: AnyActorRef): Kept {
    const { redact } = this.#options
    const { logic } = ref as unknown as { logic?: unknown }
    const machine = logic instanceof StateMachine ? (logic as unknown as AnyStateMachine) : undefined
    const parent = (ref as { _parent?: AnyActorRef })._parent?.sessionId
    const actor: Kept = {
      session: ref.sessionId,
      id: shown(String(ref.id), redact),
      parent,
      chart: machine === undefined ? undefined : `actor-${ref.sessionId.replace(/\W/g, '-')}`,
      machine: machine && new WeakRef(machine),
      status: 'active',
      value: undefined,
      context: undefined,
      events: 0,
      last: undefined,
      happenings: [],
    }
    this.#actors.set(actor.session, actor)
    this.#note(actor, { what: 'actor' })
    if (this.#actors.size > mostActors) this.#drop()
    return actor
  }

  #note(actor: Kept, what: Omit<ActorHappening, 'kind' | 'n' | 'at' | 'session'>): void {
    this.#seen += 1
    actor.happenings.push({
      kind: 'actor',
      n: this.#seen,
      at: this.#options.clock.now(),
      session: actor.session,
      ...what,
    })
    if (actor.happenings.length > mostHappenings) actor.happenings.shift()
  }

  #drop(): void {
    for (const [session, { status }] of this.#actors) {
      if (status === 'active') continue
      this.#actors.delete(session)
      return
    }
    const [oldest] = this.#actors.keys()
    if (oldest !== undefined) this.#actors.delete(oldest)
  }
}
