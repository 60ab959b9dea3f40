/** @module The happenings of a recording as actors that hear events: so a journal of other processes can be followed. */
import { scheduleChart } from '../../machines/schedule-state.ts'
import { type TaskSnapshot, taskChart } from '../../machines/store-state.ts'
import type { ActorHappening, Happening, ScheduleHappening, TaskHappening } from '../protocol.ts'
import { chartOf } from './chart.ts'
import type { Seen, SeenActors, Shown } from './seen.ts'

/** What a bridge does with what its sources tell. */
export interface Heard {
  seen(actor: Seen): void
  event(actor: Seen, event: object, source?: string): void
  /** It shows something else; its status tells whether it goes on. */
  moved(actor: Seen): void
}

const taskCharted = chartOf(taskChart.logic)
const scheduleCharted = chartOf(scheduleChart.logic)
/** What all tasks and schedules of a store stand below. */
const journal = 'journal'

/** Tells happenings on as XState would have told them. Tasks are folded anew, as far as their beginning was heard. */
export class Happened {
  readonly #actors: SeenActors
  readonly #heard: Heard
  readonly #folded = new WeakMap<Seen, TaskSnapshot>()

  constructor(actors: SeenActors, heard: Heard) {
    this.#actors = actors
    this.#heard = heard
  }

  tell(happening: Happening): void {
    if (happening.kind === 'task') this.#task(happening)
    else if (happening.kind === 'schedule') this.#schedule(happening)
    else if (happening.kind === 'actor') this.#actor(happening)
  }

  #task({ task, event, from, to, version, at }: TaskHappening): void {
    const session = `task:${task}`
    const leaf = taskChart.leaves.get(from)
    const known = this.#actors.get(session)
    if (leaf === undefined || (known === undefined && leaf.status === 'done')) return
    const name = event.type === 'submit' && typeof event.name === 'string' ? `${event.name} (${task})` : task
    const actor = known ?? this.#add({ session, name, at, chart: taskCharted, shown: shown(leaf, { version }) })
    this.#heard.event(actor, event)
    const before = from === 'new' ? taskChart.initial : this.#folded.get(actor)
    const after = to === undefined ? undefined : taskChart.leaves.get(to)
    const folded = event.type === 'forget' || before === undefined ? undefined : taskChart.next(before, event)
    if (folded !== undefined && folded.leaf === after) this.#folded.set(actor, folded)
    else this.#folded.delete(actor)
    const context = folded !== undefined && folded.leaf === after ? folded.context : { version }
    actor.shown = after === undefined ? { ...actor.shown, status: 'stopped' } : shown(after, context)
    this.#heard.moved(actor)
  }

  #schedule({ schedule, name, event, from, to, slot, task, at }: ScheduleHappening): void {
    const session = `schedule:${schedule}`
    const leaf = scheduleLeaf(to)
    if (leaf === undefined) return
    const before = scheduleLeaf(from ?? to) ?? leaf
    const actor =
      this.#actors.get(session) ??
      this.#add({ session, name, at, chart: scheduleCharted, shown: shown(before, { name }) })
    this.#heard.event(actor, {
      type: event,
      at,
      ...(slot !== undefined && { slot }),
      ...(task !== undefined && { task }),
    })
    actor.shown = shown(leaf, { name, ...(slot !== undefined && { lastSlot: slot }) })
    this.#heard.moved(actor)
  }

  #actor({ session, what, event, source, value, status = 'active', at }: ActorHappening): void {
    const known = this.#actors.get(session)
    if (known === undefined && what === 'stopped') return
    const actor = known ?? this.#add({ session, name: session, at, chart: undefined, shown: { status, value } })
    const heard = typeof event === 'object' && event !== null ? event : { type: String(event ?? '') }
    if (what === 'event') return this.#heard.event(actor, heard, source)
    if (what === 'actor') return
    actor.shown = {
      ...actor.shown,
      status: what === 'stopped' ? 'stopped' : status,
      ...(value !== undefined && { value }),
    }
    this.#heard.moved(actor)
  }

  #add({ session, name, at, chart, shown }: Pick<Seen, 'session' | 'name' | 'chart' | 'shown'> & { at: number }): Seen {
    const isRoot = chart === undefined
    if (!isRoot && this.#actors.get(journal) === undefined) this.#heard.seen(rootAt(at))
    const actor: Seen = {
      session,
      name,
      parent: isRoot ? undefined : journal,
      root: isRoot ? session : journal,
      chart,
      since: at,
      target: undefined,
      shown,
      event: { type: 'xstate.init' },
    }
    this.#heard.seen(actor)
    return actor
  }
}

function rootAt(at: number): Seen {
  const event = { type: 'xstate.init' }
  const root = {
    session: journal,
    name: journal,
    parent: undefined,
    root: journal,
    chart: undefined,
    target: undefined,
  }
  return { ...root, since: at, shown: { status: 'active' }, event }
}

/** By its status, or by its whole name. */
const scheduleLeaf = (state: string) => scheduleChart.leaves.get(`live.${state}`) ?? scheduleChart.leaves.get(state)

function shown({ value, status, tags }: TaskSnapshot['leaf'], context: unknown): Shown {
  return { status, value, context, tags }
}
