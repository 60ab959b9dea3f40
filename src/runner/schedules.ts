/** @module The schedules of a store: `runner.schedules`. */
import { OffstageError, show, ValidationError } from '../errors.ts'
import type { Verdict } from '../machines/fold-store.ts'
import type { StoredSchedule } from '../machines/schedule-state.ts'
import type { StoredTask } from '../machines/store-state.ts'
import { checkInteger, checkOneOf, checkOptions, checkText } from '../validate.ts'
import type { RunnerCore } from './core.ts'
import { firingRecord } from './firing.ts'
import { refusal } from './refusal.ts'
import { Schedule, type ScheduleWorld } from './schedule.ts'
import { notFound, ScheduleBook } from './schedule-book.ts'
import { optionsOf } from './schedule-options.ts'
import { previewOf } from './schedule-preview.ts'
import type {
  PreviewEntry,
  ScheduleChanges,
  ScheduleFilter,
  ScheduleFiring,
  ScheduleOptions,
  ScheduleOwner,
  SyncReport,
  TickReport,
} from './schedule-types.ts'
import type { Submitter } from './submitter.ts'
import type { BackgroundTask } from './task.ts'

const ofOwner = new Set(['owner'])
/** How often a firing is meant anew where others change the schedule. */
const mostTries = 5
const filters = new Set(['owner', 'status'])
const previews = new Set(['name', 'next', 'from', 'until', 'owner'])
const statuses = ['active', 'paused', 'exhausted', 'removed'] as const
const century = 100 * 365.25 * 86_400_000

/** What a preview shows. */
export interface PreviewOptions extends ScheduleOwner {
  /** Only this schedule, by name or id. */
  readonly name?: string
  /** How many firings. @default 20 */
  readonly next?: number
  /** @default now */
  readonly from?: Date
  readonly until?: Date
}

/**
 * The schedules of a runner's store. Every process that works on the store sees the same ones, and each slot fires once,
 * however many of them run a scheduler.
 *
 * @example
 * ```ts
 * import { BackgroundRunner, defineRecipe } from 'offstage'
 *
 * const report = defineRecipe({ name: 'report', run: async (input: { of: string }) => `report of ${input.of}` })
 * const runner = new BackgroundRunner({ recipes: [report] })
 * const daily = await runner.schedules.add({
 *   name: 'daily',
 *   when: 'every day at 9am',
 *   tz: 'Europe/Berlin',
 *   recipe: report,
 *   input: { of: 'sales' },
 * })
 * daily.next // a Date
 * const task = await runner.schedules.trigger('daily') // now
 * await task.wait() // 'report of sales'
 * await runner.stop()
 * ```
 */
export class Schedules {
  readonly #core: RunnerCore
  readonly #submitter: Submitter
  readonly #book: ScheduleBook
  readonly #world: ScheduleWorld

  constructor(core: RunnerCore, submitter: Submitter) {
    this.#core = core
    this.#submitter = submitter
    this.#book = new ScheduleBook(core)
    const known = (id: string): StoredTask | undefined => {
      const task = core.store.get(id)
      return task !== undefined && 'then' in task ? undefined : task
    }
    this.#world = { now: () => core.settings.clock.now(), tasks: known, workers: () => this.#workers() }
  }

  /**
   * Adds a schedule. Resolves when the store has it.
   *
   * @throws {ValidationError} INVALID_SCHEDULE for `when` or `tz`; INVALID_OPTION, UNKNOWN_OPTION; INVALID_INPUT where the
   * recipe is known here and refuses its input.
   * @throws {OffstageError} DUPLICATE_SCHEDULE, naming the id of the schedule that has the name.
   */
  async add(options: ScheduleOptions): Promise<Schedule> {
    this.#refuse()
    const read = await this.#book.read(options)
    const { schedule, existing } = await this.#book.add(read, undefined)
    if (existing !== undefined)
      throw new OffstageError(
        'DUPLICATE_SCHEDULE',
        `a schedule named ${show(read.name)} already exists (id: ${existing.uid}); remove it first or choose a different name`,
      )
    await this.#warnOfRecipe(schedule)
    return this.#view(schedule)
  }

  /** Adds a schedule, or changes the one that has its name to what is given. */
  async upsert(
    options: ScheduleOptions,
  ): Promise<{ readonly schedule: Schedule; readonly change: 'added' | 'updated' | 'unchanged' }> {
    this.#refuse()
    const { schedule, change } = await this.#book.upsert(await this.#book.read(options), undefined)
    return { schedule: this.#view(schedule), change }
  }

  /** The schedule of that name or id; undefined if there is none, or if it is another owner's. */
  async get(nameOrId: string, owner: ScheduleOwner = {}): Promise<Schedule | undefined> {
    const stored = await this.#book.find(nameOrId, owner)
    return stored && this.#view(stored)
  }

  /** All schedules, or those of one owner, in the order in which they were added. */
  async list(filter: ScheduleFilter = {}): Promise<Schedule[]> {
    checkOptions(filter, filters, 'the filter of schedules')
    const { owner, status } = filter
    if (status !== undefined) checkOneOf(status, 'status', statuses)
    const all = await this.#core.store.schedules(owner)
    return all.filter((each) => status === undefined || each.status === status).map((each) => this.#view(each))
  }

  /**
   * Changes a schedule. Slots that have passed by then are none of a new `when`.
   *
   * @throws {ValidationError} as `add`. @throws {OffstageError} NOT_FOUND
   */
  async update(nameOrId: string, changes: ScheduleChanges, owner: ScheduleOwner = {}): Promise<Schedule> {
    this.#refuse()
    return this.#view(await this.#book.update(nameOrId, changes, owner))
  }

  /** Lets it fire no more until it is resumed. False when it was paused already, or is over. @throws {OffstageError} NOT_FOUND */
  async pause(nameOrId: string, owner: ScheduleOwner = {}): Promise<boolean> {
    this.#refuse()
    return this.#book.switch(nameOrId, owner, 'schedulePause')
  }

  /** Lets it fire again; slots that have passed meanwhile are lost. False when it was not paused. @throws {OffstageError} NOT_FOUND */
  async resume(nameOrId: string, owner: ScheduleOwner = {}): Promise<boolean> {
    this.#refuse()
    return this.#book.switch(nameOrId, owner, 'scheduleResume')
  }

  /** Removes a schedule; its tasks stay. False when there is none. */
  async remove(nameOrId: string, owner: ScheduleOwner = {}): Promise<boolean> {
    this.#refuse()
    return this.#book.remove(nameOrId, owner)
  }

  /**
   * Fires it now, by hand: no slot is used up, and `maxRuns` does not count it.
   *
   * @throws {OffstageError} NOT_FOUND; OVERLAP when a task of it has not ended and it wants no second one; what a submit throws.
   */
  async trigger(nameOrId: string, owner: ScheduleOwner = {}): Promise<BackgroundTask<unknown>> {
    this.#refuse()
    const core = this.#core
    for (let tries = 1; ; tries += 1) {
      const schedule = await this.#book.need(nameOrId, owner)
      const record = await firingRecord(this.#submitter, schedule, { uid: schedule.uid, rev: schedule.rev })
      core.refuseIfFull(core.store, 1)
      core.start()
      const [verdict] = (await core.store.submit([record])) as readonly [Verdict]
      if (verdict.accepted && verdict.task !== undefined) return core.admitted(core.store, record, verdict)
      const { reason, detail } = verdict
      if (reason === 'OVERLAP')
        throw new OffstageError(
          'OVERLAP',
          `the schedule ${show(schedule.name)} has a task that has not ended: ${detail}`,
        )
      // it was changed between
      if (reason === 'SCHEDULE' && tries < mostTries && schedule.status !== 'exhausted') continue
      if (reason === 'SCHEDULE')
        throw new OffstageError('INVALID_OPTION', `the schedule ${show(schedule.name)} cannot be fired: ${detail}`)
      if (reason === 'UNKNOWN_SCHEDULE' || reason === 'GONE') throw notFound(nameOrId)
      throw refusal(record, verdict)
    }
  }

  /** What it has fired and skipped, the newest last, 50 at most. @throws {OffstageError} NOT_FOUND */
  async history(nameOrId: string, owner: ScheduleOwner = {}): Promise<ScheduleFiring[]> {
    return this.#view(await this.#book.need(nameOrId, owner)).history
  }

  /** The firings to come, in order, with those that clash, and the days on which clocks are changed. */
  async preview(options: PreviewOptions = {}): Promise<PreviewEntry[]> {
    checkOptions(options, previews, 'the options of a preview')
    const { name, next = 20, from, until, owner } = options
    const limit = checkInteger(next, 'next', 1, 10_000)
    const now = this.#world.now()
    const after = timeOf(from, 'from') ?? now
    const to = timeOf(until, 'until') ?? after + century
    const whose = owner === undefined ? {} : { owner }
    const schedules =
      name === undefined ? await this.#core.store.schedules(owner) : [await this.#book.need(name, whose)]
    return previewOf(schedules, { after, until: to, limit })
  }

  /** One pass, now: fires what is due. For programs that are called by the clock themselves. */
  async tick(): Promise<TickReport> {
    this.#refuse()
    const { fired, skipped, next } = await this.#core.scheduler.tick()
    const isKnown = next !== undefined && Number.isFinite(next)
    return { fired, skipped, ...(isKnown && { next: new Date(next) }) }
  }

  /**
   * Makes the schedules of one source what is declared: new ones are added, others changed. What a person has paused stays
   * paused. Schedules of other sources are never touched.
   *
   * @param options `prune`: also removes those of the source that are not declared any more. @default false
   */
  async sync(
    declared: readonly ScheduleOptions[],
    options: { readonly source: string; readonly prune?: boolean },
  ): Promise<SyncReport> {
    this.#refuse()
    checkOptions(options ?? null, new Set(['source', 'prune']), 'the sync options')
    const source = checkText(options.source, 'source')
    const all = await this.#book.readAll(declared)
    const report = { ...(await this.#book.upsertAll(all, source)), removed: [] as string[] }
    if (options.prune !== true) return report
    const names = new Set(all.map(({ name, owner }) => JSON.stringify([name, owner])))
    for (const each of await this.#core.store.schedules()) {
      if (each.source !== source || names.has(JSON.stringify([each.name, each.owner]))) continue
      if (await this.remove(each.uid)) report.removed.push(each.name)
    }
    return report
  }

  /** All schedules that are not over, as they would be added. */
  async export(filter: ScheduleOwner = {}): Promise<ScheduleOptions[]> {
    checkOptions(filter, ofOwner, 'the filter of schedules')
    const all = await this.#core.store.schedules(filter.owner)
    return all.filter(({ status }) => status !== 'exhausted').map(optionsOf)
  }

  /** Adds what was exported, or changes the schedules that have these names. Every one is judged before the first is added. */
  async import(schedules: readonly ScheduleOptions[]): Promise<Omit<SyncReport, 'removed'>> {
    this.#refuse()
    return this.#book.upsertAll(await this.#book.readAll(schedules), undefined)
  }

  // Within

  #refuse(): void {
    this.#core.refuseIfStopped()
    this.#core.refuseIfLost(this.#core.store)
  }

  #view(stored: StoredSchedule): Schedule {
    return new Schedule(stored, this.#world)
  }

  /** A recipe that does not exist yet may come with the next worker, or never. */
  async #warnOfRecipe({ name, definition }: StoredSchedule): Promise<void> {
    const { recipe } = definition.target
    if (recipe === undefined || !this.#core.settings.work || this.#core.recipes.has(recipe)) return
    const workers = await this.#workers()
    if (workers?.recipes.has(recipe) === true) return
    this.#core.warn(`the schedule ${show(name)} submits the recipe ${show(recipe)}, which is not known here`)
  }

  async #workers(): Promise<{ readonly alive: number; readonly recipes: ReadonlySet<string> } | undefined> {
    const { store, working, recipes } = this.#core
    // a store that was handed in may have other runners
    if (store.workers === undefined && this.#core.settings.store !== undefined) return undefined
    const others = (await store.workers?.()) ?? []
    const names = new Set(others.flatMap((each) => each.recipes))
    if (working) for (const name of recipes.names) names.add(name)
    return { alive: others.length + (working ? 1 : 0), recipes: names }
  }
}

function timeOf(value: Date | undefined, option: string): number | undefined {
  if (value === undefined) return undefined
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value.getTime()
  throw new ValidationError(option, 'a Date', value)
}
