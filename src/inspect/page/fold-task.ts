/** @module The chosen task, folded in the page by the chart that decides everywhere: what it was before and after each step. */
import { type TaskSnapshot, taskChart } from '../../machines/store-state.ts'
import type { TaskContext, TaskState } from '../../machines/task.ts'
import type { Position, TaskHappening, TaskView } from '../protocol.ts'

/** How many steps of a task are kept; older ones are counted. */
export const stepsKept = 5000

/** One step of the task's life, and what the page's own fold makes of it. */
export interface Step {
  /** Its place among all steps that were folded, from 0. */
  readonly place: number
  readonly happening: TaskHappening
  readonly before: TaskSnapshot
  /** Undefined: the task was forgotten. */
  readonly after: TaskSnapshot | undefined
  /** What the chart of this page says otherwise than the server. */
  readonly mismatch: string | undefined
}

/** A task's life as far as it was heard. Each event goes through the chart once, however often a view repeats it. */
export class TaskFold {
  #id: string | undefined
  #epoch: string | undefined
  #base: Position = 0
  #last: Position = 0
  #steps: Step[] = []
  #dropped = 0
  #cut = 0
  #folded = 0

  /** How many events were sent through the chart, ever. */
  get folded(): number {
    return this.#folded
  }

  /** Older steps that are not here: the server did not keep them, or the page. */
  get cut(): number {
    return this.#cut + this.#dropped
  }

  /** The steps up to a moment, oldest first: folding less is time travel. */
  stepsUpTo(moment: Position): readonly Step[] {
    const steps = this.#steps
    if (steps.length === 0 || (steps.at(-1) as Step).happening.n <= moment) return steps
    let low = 0
    let high = steps.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((steps[middle] as Step).happening.n <= moment) low = middle + 1
      else high = middle
    }
    return steps.slice(0, low)
  }

  /** Takes what a view brings: all of it, or what comes after what is known. */
  take(view: TaskView, epoch: string): void {
    const first = view.happenings[0]
    const other = view.id !== this.#id || epoch !== this.#epoch
    // a whole life that begins elsewhere: what is known does not lead into it
    const elsewhere = view.whole && first !== undefined && (first.n < this.#base || first.n > this.#last)
    if (other || elsewhere) this.#begin(view, epoch)
    const fresh = view.happenings.filter(({ n }) => n > this.#last)
    // another array, so that whoever drew the one before sees that there is more
    if (fresh.length > 0) this.#steps = this.#steps.slice()
    for (const happening of fresh) this.#fold(happening, view)
    const many = this.#steps.length - stepsKept
    if (many <= 0) return
    this.#steps = this.#steps.slice(many)
    this.#dropped += many
  }

  #begin(view: TaskView, epoch: string): void {
    this.#id = view.id
    this.#epoch = epoch
    this.#base = view.happenings[0]?.n ?? 0
    this.#last = 0
    this.#steps = []
    this.#dropped = 0
    this.#cut = view.cut
  }

  #fold(happening: TaskHappening, view: TaskView): void {
    const { n, event } = happening
    const previous = this.#steps.at(-1)
    if (previous === undefined) this.#base = n
    const before = previous === undefined ? start(view, happening) : (previous.after ?? previous.before)
    let after: TaskSnapshot | undefined
    if (event.type !== 'forget') {
      after = taskChart.next(before, event)
      this.#folded += 1
      count()
    }
    const place = (previous?.place ?? -1) + 1
    const mismatch = compare(happening, before, after)
    this.#last = n
    // the server's word counts from here on: one mismatch must not make all that follows one
    const agreed = mismatch === undefined ? after : believed(happening, after ?? before)
    this.#steps.push({ place, happening, before, after: agreed, mismatch })
  }
}

/** Where the fold begins: a task that is heard of from its submit on begins with the chart. */
function start({ base }: TaskView, first: TaskHappening): TaskSnapshot {
  if (base !== undefined && taskChart.leaves.has(base.state)) return taskChart.at(base.state, base.context)
  if (first.from === 'new' || !taskChart.leaves.has(first.from)) return taskChart.initial
  return taskChart.at(first.from, { ...taskChart.initial.context, version: Math.max(0, first.version - 1) })
}

function compare(said: TaskHappening, before: TaskSnapshot, after: TaskSnapshot | undefined): string | undefined {
  const found: string[] = []
  const from = before.leaf.name
  const to = after?.leaf.name
  const version = after?.context.version ?? before.context.version
  if (said.from !== from) found.push(`it left ${from} here, ${said.from} there`)
  if (said.to !== to) found.push(`it is ${to ?? 'gone'} here, ${said.to ?? 'gone'} there`)
  if (said.version !== version) found.push(`it has version ${version} here, ${said.version} there`)
  return found.length === 0 ? undefined : found.join('; ')
}

function believed(said: TaskHappening, own: TaskSnapshot): TaskSnapshot | undefined {
  if (said.to === undefined) return undefined
  const state: TaskState = taskChart.leaves.has(said.to) ? said.to : (own.leaf.name as TaskState)
  return taskChart.at(state, { ...own.context, version: said.version })
}

/** For whoever counts: each event is folded once. */
function count(): void {
  const shared = (globalThis as { __offstage?: { folded?: number } }).__offstage
  if (shared !== undefined) shared.folded = (shared.folded ?? 0) + 1
}

/** A member of the context, before and after a step. */
export interface Member {
  readonly name: keyof TaskContext
  readonly before: unknown
  readonly after: unknown
  readonly changed: boolean
}

/** The members of the context that say something before or after a step. */
export function membersOf({ before, after }: Step): readonly Member[] {
  const next = after?.context ?? before.context
  const names = new Set([...Object.keys(before.context), ...Object.keys(next)]) as ReadonlySet<keyof TaskContext>
  return [...names]
    .map((name) => ({ name, before: before.context[name], after: next[name] }))
    .filter((member) => member.before !== undefined || member.after !== undefined)
    .map((member) => ({ ...member, changed: !same(member.before, member.after) }))
}

function same(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true
  return typeof one === 'object' && typeof other === 'object' && JSON.stringify(one) === JSON.stringify(other)
}
