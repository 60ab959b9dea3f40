/** @module A schedule as users see it. */
import type { Misfire, Overlap } from '../machines/schedule-records.ts'
import type { FiringEntry, ScheduleStatus, StoredSchedule } from '../machines/schedule-state.ts'
import type { StoredTask } from '../machines/store-state.ts'
import type { TaskStatus } from '../machines/task.ts'
import { describeSchedule } from '../schedule/describe.ts'
import type { ParsedSchedule } from '../schedule/parsed.ts'
import { scheduleSlots } from './schedule-slots.ts'
import type { ScheduleFiring } from './schedule-types.ts'

/** What a view needs to know of the tasks that its schedule made. */
export type Look = (id: string) => StoredTask | undefined

/** Why a schedule stands where it is. */
export interface ScheduleReason {
  readonly code:
    | 'ACTIVE'
    | 'PAUSED'
    | 'EXHAUSTED'
    | 'REMOVED'
    | 'CLOCK_BEHIND'
    | 'UNKNOWN_RECIPE'
    | 'NO_SCHEDULER'
    | 'OVERLAP'
  readonly sentence: string
}

/** What `explain` asks of the runner. */
export interface ScheduleWorld {
  now(): number
  tasks: Look
  /** The recipes that living workers know, and whether one lives at all; undefined where nobody can tell. */
  workers(): Promise<{ readonly alive: number; readonly recipes: ReadonlySet<string> } | undefined>
}

/** A schedule: what it says, and what has come of it as far as this process has heard. */
export class Schedule {
  readonly #stored: StoredSchedule
  readonly #world: ScheduleWorld

  constructor(stored: StoredSchedule, world: ScheduleWorld) {
    this.#stored = stored
    this.#world = world
  }

  get id(): string {
    return this.#stored.uid
  }
  get name(): string {
    return this.#stored.name
  }
  get owner(): string | undefined {
    return this.#stored.owner
  }
  /** The config that declared it. */
  get source(): string | undefined {
    return this.#stored.source
  }
  /** When it fires, as it was written. */
  get when(): string {
    return this.#parsed.text
  }
  get tz(): string {
    return this.#parsed.tz
  }
  /** When it fires, in words. */
  get description(): string {
    return describeSchedule(this.#parsed)
  }
  get status(): ScheduleStatus {
    return this.#stored.status
  }
  /** Whether it fires. */
  get enabled(): boolean {
    return this.status === 'active'
  }
  get recipe(): string | undefined {
    return this.#stored.definition.target.recipe
  }
  get input(): unknown {
    return this.#stored.definition.target.input
  }
  get message(): string | undefined {
    return this.#stored.definition.target.message
  }
  get misfire(): Misfire {
    return this.#stored.definition.misfire
  }
  get overlap(): Overlap {
    return this.#stored.definition.overlap
  }
  /** In ms. */
  get jitter(): number {
    return this.#stored.definition.jitter ?? 0
  }
  get maxRuns(): number | undefined {
    return this.#stored.definition.maxRuns
  }
  get until(): Date | undefined {
    const { until } = this.#stored.definition
    return until === undefined ? undefined : new Date(until)
  }
  get metadata(): Readonly<Record<string, unknown>> | undefined {
    return this.#stored.definition.metadata
  }
  /** How many tasks it has made, those by hand left out. */
  get runs(): number {
    return this.#stored.snapshot.context.fired
  }
  get createdAt(): Date {
    return new Date(this.#stored.createdAt)
  }
  /** The newest slot that was used up; undefined before the first. */
  get lastSlot(): Date | undefined {
    const slot = this.#stored.history.findLast((entry) => entry.slot !== undefined)?.slot
    return slot === undefined ? undefined : new Date(slot)
  }
  /** When it fires next: a slot that is due already, or the next one; undefined when it does not. */
  get next(): Date | undefined {
    const { definition, lastSlot } = this.#stored
    if (this.status !== 'active') return undefined
    const slot = scheduleSlots.next(definition.when, lastSlot)
    if (slot === undefined || slot === Number.POSITIVE_INFINITY) return undefined
    return slot > (definition.until ?? slot) ? undefined : new Date(slot)
  }
  /** What it has fired and skipped, the newest last, 50 at most. */
  get history(): ScheduleFiring[] {
    return this.#stored.history.map((entry) => firingOf(entry, this.#world.tasks))
  }

  /** Why it fires, or does not. */
  async explain(): Promise<ScheduleReason> {
    const { status, lastSlot } = this.#stored
    if (status === 'paused') return { code: 'PAUSED', sentence: 'It is paused until somebody resumes it.' }
    if (status === 'removed') return { code: 'REMOVED', sentence: 'It was removed.' }
    const runs = `${this.runs} ${this.runs === 1 ? 'task' : 'tasks'}`
    if (status === 'exhausted') return { code: 'EXHAUSTED', sentence: `It is over: it has made ${runs}.` }
    const now = this.#world.now()
    const next = this.next?.toISOString() ?? 'never'
    if (lastSlot > now)
      return {
        code: 'CLOCK_BEHIND',
        sentence: `The clock was set back behind its newest slot, ${new Date(lastSlot).toISOString()}; it fires next at ${next}.`,
      }
    const workers = await this.#world.workers()
    if (workers?.alive === 0)
      return { code: 'NO_SCHEDULER', sentence: `It is due at ${next}, and no worker is alive that would fire it.` }
    if (workers !== undefined && this.recipe !== undefined && !workers.recipes.has(this.recipe))
      return {
        code: 'UNKNOWN_RECIPE',
        sentence: `It fires next at ${next}, and no living worker knows the recipe "${this.recipe}".`,
      }
    const [open] = this.#stored.open
    if (open !== undefined && this.overlap === 'skip')
      return {
        code: 'OVERLAP',
        sentence: `It is due at ${next}, and skips it if its task ${open} has not ended by then.`,
      }
    return { code: 'ACTIVE', sentence: `It fires next at ${next}, ${this.description}.` }
  }

  toJSON(): Record<string, unknown> {
    const { id, name, owner, source, when, tz, status, recipe, input, message, misfire, overlap, maxRuns, metadata } =
      this
    return {
      id,
      name,
      owner,
      source,
      when,
      tz,
      description: this.description,
      status,
      recipe,
      input,
      message,
      misfire,
      overlap,
      jitter: this.jitter === 0 ? undefined : this.jitter,
      maxRuns,
      until: this.until?.toISOString(),
      metadata,
      runs: this.runs,
      createdAt: this.createdAt.toISOString(),
      lastSlot: this.lastSlot?.toISOString(),
      next: this.next?.toISOString(),
      history: this.history,
    }
  }

  get #parsed(): ParsedSchedule {
    return this.#stored.definition.when as unknown as ParsedSchedule
  }
}

function firingOf({ slot, at, task, reason, missed, status }: FiringEntry, tasks: Look): ScheduleFiring {
  const now: TaskStatus | undefined = status ?? (task === undefined ? undefined : tasks(task)?.status)
  return {
    ...(slot !== undefined && { scheduledAt: new Date(slot).toISOString() }),
    at: new Date(at).toISOString(),
    ...(task !== undefined && { task }),
    status: task === undefined ? 'skipped' : (now ?? 'pending'),
    ...(reason !== undefined && { reason }),
    ...(missed !== undefined && { missed }),
  }
}
