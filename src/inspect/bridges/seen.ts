/** @module The actors that a bridge has seen: bounded, so that who connects late can be told of them. */
import type { AnyActorRef } from 'xstate'
import { runnerMachine } from '../../machines/runner.ts'
import { taskChart } from '../../machines/store-state.ts'
import { type Charted, chartOf } from './chart.ts'

/** How many actors a late viewer is told of. */
export const mostActors = 1_000
const deepestFamily = 64

/** What an actor shows: the snapshot of XState, as far as viewers draw it. */
export interface Shown {
  readonly status: string
  readonly value?: unknown
  readonly context?: unknown
  readonly output?: unknown
  readonly error?: unknown
  readonly tags?: Iterable<string>
}

/** One actor, as a bridge knows it. */
export interface Seen {
  readonly session: string
  readonly name: string
  readonly parent: string | undefined
  readonly root: string
  readonly chart: Charted | undefined
  /** Epoch ms. */
  readonly since: number
  /** Where events of viewers go to, if it is a user's own actor. */
  readonly target: AnyActorRef | undefined
  shown: Shown
  /** What it heard last. */
  event: object
}

/** The live ones. Beyond their bound the oldest is forgotten, a root last; it comes back when something happens to it. */
export class SeenActors {
  readonly #bySession = new Map<string, Seen>()
  #forgotten = 0

  get size(): number {
    return this.#bySession.size
  }

  /** How many were forgotten although they were alive. */
  get forgotten(): number {
    return this.#forgotten
  }

  get(session: string): Seen | undefined {
    return this.#bySession.get(session)
  }

  add(seen: Seen): void {
    this.#bySession.set(seen.session, seen)
    if (this.#bySession.size <= mostActors) return
    let oldest: string | undefined
    for (const { session, parent } of this.#bySession.values()) {
      oldest ??= session
      if (parent === undefined || session === seen.session) continue
      oldest = session
      break
    }
    if (oldest === undefined) return
    this.#bySession.delete(oldest)
    this.#forgotten++
  }

  delete(session: string): void {
    this.#bySession.delete(session)
  }

  /** Parents before their children, as they were added. */
  all(): Iterable<Seen> {
    return this.#bySession.values()
  }
}

/** An actor of XState, seen for the first time. */
export function seeActor(actor: AnyActorRef, now: number): Seen {
  const { sessionId, id, logic, _parent } = actor as AnyActorRef & { readonly logic: unknown }
  const chart = chartOf(logic)
  const root = rootOf(actor)
  return {
    session: sessionId,
    name: id === sessionId && chart !== undefined ? chart.id : id,
    parent: _parent?.sessionId,
    root: root.sessionId,
    chart,
    since: now,
    target: isOurs(actor, root) ? undefined : actor,
    shown: actor.getSnapshot() as Shown,
    event: { type: 'xstate.init' },
  }
}

function rootOf(actor: AnyActorRef): AnyActorRef {
  let at = actor
  for (let i = 0; i < deepestFamily && at._parent !== undefined; i++) at = at._parent
  return at
}

/** Whether an actor is Offstage's: a task, or anything below a runner. */
function isOurs(actor: AnyActorRef, root: AnyActorRef): boolean {
  const { logic } = root as AnyActorRef & { readonly logic?: { readonly config?: { readonly id?: unknown } } }
  if (root.id.startsWith('runner-') && logic?.config?.id === runnerMachine.id) return true
  for (let at: AnyActorRef | undefined = actor, i = 0; at !== undefined && i < deepestFamily; at = at._parent, i++) {
    if ((at as { logic?: { config?: unknown } }).logic?.config === taskChart.logic.config) return true
  }
  return false
}
