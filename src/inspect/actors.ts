/**
 * @module Actors of XState that users let the inspector see: what they are, and what happened to them. What is noted costs
 * little, for nobody may ever look: texts are made of values at once, and hidden and shown when somebody does.
 */
import { type AnyActorRef, type AnyStateMachine, type InspectionEvent, StateMachine } from 'xstate'
import type { Clock } from '../clock.ts'
import { jsonWithin } from './json-within.ts'
import type { ActorHappening, ActorRow, ActorsView, Query } from './protocol.ts'
import { shown, shownValue } from './views/plain.ts'

/** How many actors are kept, those that have stopped first to go; and how many happenings of each. */
export const mostActors = 1_000
export const mostHappenings = 200
/** How many are shown at once, those that live first. */
export const mostRows = 200
/** The longest JSON of an event, and of a context or a state value. */
const longestEvent = 16_384
const longestContext = 65_536
const longestName = 1_000

type Noted = Omit<ActorHappening, 'kind' | 'session' | 'event' | 'value'> & {
  /** As JSON. */
  readonly event?: string | undefined
  readonly value?: string | undefined
}
type Shown = { readonly status?: string; readonly value?: unknown; readonly context?: unknown } | undefined

interface Kept {
  readonly session: string
  readonly id: string
  readonly parent: string | undefined
  /** Of a machine: the id under which its chart is asked for. */
  readonly chart: string | undefined
  /** Charts can be drawn as long as somebody holds the machine; contexts of live actors are theirs. */
  readonly machine: WeakRef<AnyStateMachine> | undefined
  ref: WeakRef<AnyActorRef> | undefined
  status: string
  /** As JSON. */
  value: string | undefined
  /** What it was when it stopped, as JSON. */
  context: string | undefined
  events: number
  last: string | undefined
  readonly happenings: Noted[]
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
  /** Those of them that have stopped, the first in front. */
  readonly #stopped = new Set<string>()
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
    const context = kept && this.#shown(kept.context ?? contextJson(kept.ref?.deref()?.getSnapshot() as Shown))
    return {
      view: 'actors',
      total: this.#actors.size,
      actors: this.#rows(kept),
      ...(context !== undefined && { context }),
      happenings: kept?.happenings.map((noted) => this.#happening(kept, noted)) ?? [],
    }
  }

  /** In the order in which they were met. */
  #rows(chosen: Kept | undefined): ActorRow[] {
    const all = [...this.#actors.values()]
    const live = all.filter(({ session }) => !this.#stopped.has(session)).slice(-mostRows)
    const rest = mostRows - live.length
    const over = rest === 0 ? [] : all.filter(({ session }) => this.#stopped.has(session)).slice(-rest)
    const rows = new Set([...live, ...over])
    if (chosen !== undefined) rows.add(chosen)
    return all.filter((each) => rows.has(each)).map((each) => this.#row(each))
  }

  #row({ session, id, parent, chart, machine, status, value, events, last }: Kept): ActorRow {
    const { redact } = this.#options
    const state = this.#shown(value)
    return {
      session,
      id: shown(id, redact),
      ...(parent !== undefined && { parent }),
      ...(chart !== undefined && machine?.deref() !== undefined && { chart }),
      status,
      ...(state !== undefined && { value: state }),
      events,
      ...(last !== undefined && { last: shown(last, redact) }),
    }
  }

  #happening({ session }: Kept, { event, value, ...noted }: Noted): ActorHappening {
    const [heard, state] = [this.#shown(event), this.#shown(value)]
    return {
      kind: 'actor',
      session,
      ...noted,
      ...(heard !== undefined && { event: heard }),
      ...(state !== undefined && { value: state }),
    }
  }

  #shown(json: string | undefined): unknown {
    return json === undefined ? undefined : shownValue(JSON.parse(json), this.#options.redact)
  }

  #hear(event: InspectionEvent): void {
    const ref = event.actorRef as AnyActorRef
    if (ref.sessionId === undefined) return
    const actor = this.#actors.get(ref.sessionId) ?? this.#meet(ref)
    if (actor === undefined) return
    if (event.type === '@xstate.event') this.#heard(actor, event.event, event.sourceRef as AnyActorRef | undefined)
    else if (event.type === '@xstate.snapshot') this.#moved(actor, event.snapshot as Shown)
    this.#options.changed()
  }

  #heard(actor: Kept, event: { readonly type: string }, from: AnyActorRef | undefined): void {
    const type = event.type.slice(0, longestName)
    actor.events += 1
    actor.last = type
    const json = jsonWithin(event, longestEvent) ?? JSON.stringify({ type })
    this.#note(actor, { what: 'event', event: json, ...(from !== undefined && { source: from.sessionId }) })
  }

  #moved(actor: Kept, snapshot: Shown): void {
    actor.status = snapshot?.status ?? actor.status
    actor.value = jsonWithin(snapshot?.value, longestContext)
    const isOver = actor.status !== 'active'
    this.#note(actor, { what: isOver ? 'stopped' : 'snapshot', value: actor.value, status: actor.status })
    if (!isOver) return
    actor.context = contextJson(snapshot)
    actor.ref = undefined
    this.#stopped.add(actor.session)
  }

  /** Undefined: it ended long ago, and somebody sends to it still. */
  #meet(ref: AnyActorRef): Kept | undefined {
    const { logic, _parent } = ref as AnyActorRef & { readonly logic?: unknown }
    // an actor that is being made has no snapshot yet
    if (((ref.getSnapshot() as Shown)?.status ?? 'active') !== 'active') return undefined
    const machine = logic instanceof StateMachine ? (logic as unknown as AnyStateMachine) : undefined
    const actor: Kept = {
      session: ref.sessionId,
      id: String(ref.id).slice(0, longestName),
      parent: _parent?.sessionId,
      chart: machine === undefined ? undefined : `actor-${ref.sessionId.replace(/\W/g, '-')}`,
      machine: machine && new WeakRef(machine),
      ref: new WeakRef(ref),
      status: 'active',
      value: undefined,
      context: undefined,
      events: 0,
      last: undefined,
      happenings: [],
    }
    if (this.#actors.size === mostActors) this.#drop()
    this.#actors.set(actor.session, actor)
    this.#note(actor, { what: 'actor' })
    return actor
  }

  #note(actor: Kept, what: Omit<Noted, 'n' | 'at'>): void {
    this.#seen += 1
    actor.happenings.push({ n: this.#seen, at: this.#options.clock.now(), ...what })
    if (actor.happenings.length > mostHappenings) actor.happenings.shift()
  }

  #drop(): void {
    const [session] = this.#stopped.size > 0 ? this.#stopped : this.#actors.keys()
    if (session === undefined) return
    this.#actors.delete(session)
    this.#stopped.delete(session)
  }
}

function contextJson(snapshot: Shown): string | undefined {
  if (snapshot?.context === undefined) return undefined
  return jsonWithin(snapshot.context, longestContext) ?? JSON.stringify('not shown: it is no JSON, or too large')
}
