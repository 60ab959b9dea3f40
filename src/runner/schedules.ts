/** @module The schedules of a store: `runner.schedules`. */
import { OffstageError, show, ValidationError } from '../errors.ts'
import type { Verdict } from '../machines/fold-store.ts'
import type { ScheduleAddRecord, ScheduleCommandRecord, ScheduleUpdateRecord } from '../machines/schedule-records.ts'
import { definitionOf, type StoredSchedule } from '../machines/schedule-state.ts'
import type { StoredTask } from '../machines/store-state.ts'
import { checkInteger, checkOneOf, checkOptions, checkText } from '../validate.ts'
import type { RunnerCore } from './core.ts'
import { firingRecord } from './firing.ts'
import { judge } from './recipe.ts'
import { refusal } from './refusal.ts'
import { Schedule, type ScheduleWorld } from './schedule.ts'
import { changedDefinition, optionsOf, type ReadSchedule, readSchedule } from './schedule-options.ts'
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
const filters = new Set(['owner', 'status'])
const previews = new Set(['name', 'next', 'from', 'until', 'owner'])
const statuses = ['active', 'paused', 'exhausted', 'removed'] as const
/** How often a command is meant anew that others were ahead of. */
const mostTries = 5
/** How many schedules are added or changed at the same time. */
const upsertedAtOnce = 1_000
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
  readonly #world: ScheduleWorld

  constructor(core: RunnerCore, submitter: Submitter) {
    this.#core = core
    this.#submitter = submitter
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
    return this.#add(await this.#read(options), undefined)
  }

  /** Adds a schedule, or changes the one that has its name to what is given. */
  async upsert(
    options: ScheduleOptions,
  ): Promise<{ readonly schedule: Schedule; readonly change: 'added' | 'updated' | 'unchanged' }> {
    this.#refuse()
    return this.#upsert(await this.#read(options), undefined)
  }

  /** The schedule of that name or id; undefined if there is none, or if it is another owner's. */
  async get(nameOrId: string, owner: ScheduleOwner = {}): Promise<Schedule | undefined> {
    const stored = await this.#find(nameOrId, owner)
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
    this.#addRecipe(changes)
    const stored = await this.#command(nameOrId, owner, async (schedule) => {
      const definition = changedDefinition(schedule, changes, this.#context())
      await this.#judge(definition.target.recipe, definition.target.input)
      const { uid, rev } = schedule
      return { type: 'scheduleUpdate', uid, rev, at: this.#world.now(), ...definition }
    })
    return this.#view(stored)
  }

  /** Lets it fire no more until it is resumed. False when it was paused already, or is over. @throws {OffstageError} NOT_FOUND */
  pause(nameOrId: string, owner: ScheduleOwner = {}): Promise<boolean> {
    return this.#switch(nameOrId, owner, 'schedulePause', 'active')
  }

  /** Lets it fire again; slots that have passed meanwhile are lost. False when it was not paused. @throws {OffstageError} NOT_FOUND */
  resume(nameOrId: string, owner: ScheduleOwner = {}): Promise<boolean> {
    return this.#switch(nameOrId, owner, 'scheduleResume', 'paused')
  }

  /** Removes a schedule; its tasks stay. False when there is none. */
  async remove(nameOrId: string, owner: ScheduleOwner = {}): Promise<boolean> {
    this.#refuse()
    try {
      await this.#command(nameOrId, owner, async ({ uid, rev }) => this.#record('scheduleRemove', uid, rev))
      return true
    } catch (error) {
      if (OffstageError.is(error, 'NOT_FOUND')) return false
      throw error
    }
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
      const schedule = await this.#need(nameOrId, owner)
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
    return this.#view(await this.#need(nameOrId, owner)).history
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
    const schedules = name === undefined ? await this.#core.store.schedules(owner) : [await this.#need(name, whose)]
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
    if (!Array.isArray(declared)) throw new ValidationError('schedules', 'an array', declared)
    // all are judged before the first is touched
    const all = await Promise.all(declared.map((each) => this.#read(each)))
    const report = { ...(await this.#upsertAll(all, source)), removed: [] as string[] }
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
    if (!Array.isArray(schedules)) throw new ValidationError('schedules', 'an array', schedules)
    const all = await Promise.all(schedules.map((each) => this.#read(each)))
    return this.#upsertAll(all, undefined)
  }

  // Within

  #refuse(): void {
    this.#core.refuseIfStopped()
    this.#core.refuseIfLost(this.#core.store)
  }

  #context(): { readonly now: number; readonly tz: string } {
    const { OFFSTAGE_TZ: tz = '' } = process.env
    return { now: this.#world.now(), tz: tz === '' ? 'UTC' : tz }
  }

  #view(stored: StoredSchedule): Schedule {
    return new Schedule(stored, this.#world)
  }

  async #read(options: ScheduleOptions): Promise<ReadSchedule> {
    this.#addRecipe(options)
    const read = readSchedule(options, this.#context())
    await this.#judge(read.definition.target.recipe, read.definition.target.input)
    return read
  }

  /** A recipe that is given as such is known from then on. */
  #addRecipe(options: ScheduleChanges | undefined): void {
    if (typeof options?.recipe === 'object') this.#core.recipes.add(options.recipe)
  }

  async #judge(recipe: string | undefined, input: unknown): Promise<void> {
    const known = recipe === undefined ? undefined : this.#core.recipes.get(recipe)
    if (known !== undefined) await judge(known.recipe.inputSchema, input, 'input', 'INVALID_INPUT')
  }

  async #add(read: ReadSchedule, source: string | undefined): Promise<Schedule> {
    const { schedule, existing } = await this.#tryToAdd(read, source)
    if (existing === undefined) {
      await this.#warnOfRecipe(schedule)
      return this.#view(schedule)
    }
    throw new OffstageError(
      'DUPLICATE_SCHEDULE',
      `a schedule named ${show(read.name)} already exists (id: ${existing.uid}); remove it first or choose a different name`,
    )
  }

  async #tryToAdd(
    { name, owner, isPaused, definition }: ReadSchedule,
    source: string | undefined,
  ): Promise<{ readonly schedule: StoredSchedule; readonly existing: StoredSchedule | undefined }> {
    const core = this.#core
    const record: ScheduleAddRecord = {
      type: 'scheduleAdd',
      uid: core.settings.random.id(),
      at: this.#world.now(),
      name,
      ...(owner !== undefined && { owner }),
      ...(source !== undefined && { source }),
      ...(isPaused && { paused: true }),
      ...definition,
    }
    core.start()
    const { accepted, schedule, reason } = await core.store.append(record)
    const stored = schedule?.schedule
    if (stored === undefined)
      throw new OffstageError('STORE', `the schedule ${show(name)} was refused by ${core.store.name}: ${reason}`)
    return { schedule: stored, existing: accepted ? undefined : stored }
  }

  /** In their order; many share a sync. */
  async #upsertAll(
    all: readonly ReadSchedule[],
    source: string | undefined,
  ): Promise<{ added: string[]; updated: string[]; unchanged: string[] }> {
    const report = { added: [] as string[], updated: [] as string[], unchanged: [] as string[] }
    for (let i = 0; i < all.length; i += upsertedAtOnce) {
      const some = all.slice(i, i + upsertedAtOnce)
      const done = await Promise.all(some.map((each) => this.#upsert(each, source)))
      for (const [at, { change }] of done.entries()) report[change].push(some[at]?.name ?? '')
    }
    return report
  }

  async #upsert(
    read: ReadSchedule,
    source: string | undefined,
  ): Promise<{ readonly schedule: Schedule; readonly change: 'added' | 'updated' | 'unchanged' }> {
    for (let tries = 1; ; tries += 1) {
      const { schedule, existing } = await this.#tryToAdd(read, source)
      if (existing === undefined) return { schedule: this.#view(schedule), change: 'added' }
      if (source !== undefined && existing.source !== source)
        throw new OffstageError(
          'DUPLICATE_SCHEDULE',
          `a schedule named ${show(read.name)} exists (id: ${existing.uid}), which ${existing.source === undefined ? 'no config declares' : `belongs to ${show(existing.source)}`}`,
        )
      const definition = sameTimes(existing, read)
      if (same(existing, definition)) return { schedule: this.#view(existing), change: 'unchanged' }
      const { uid, rev } = existing
      const update: ScheduleUpdateRecord = { type: 'scheduleUpdate', uid, rev, at: this.#world.now(), ...definition }
      const { accepted } = await this.#core.store.append(update)
      if (accepted) return { schedule: this.#view(existing), change: 'updated' }
      if (tries === mostTries) throw changedMeanwhile(read.name)
    }
  }

  async #find(nameOrId: string, owner: ScheduleOwner): Promise<StoredSchedule | undefined> {
    checkOptions(owner, ofOwner, 'the owner of a schedule')
    if (typeof nameOrId !== 'string') throw new ValidationError('the schedule', 'a name or an id', nameOrId)
    const { store } = this.#core
    const named = await store.scheduleNamed(nameOrId, owner.owner)
    const found = named ?? (await store.schedule(nameOrId))
    if (found === undefined || (owner.owner !== undefined && found.owner !== owner.owner)) return undefined
    return found
  }

  async #need(nameOrId: string, owner: ScheduleOwner): Promise<StoredSchedule> {
    const found = await this.#find(nameOrId, owner)
    if (found === undefined) throw notFound(nameOrId)
    return found
  }

  /** A command is meant for what was seen; where others were ahead of it, it is meant anew. */
  async #command(
    nameOrId: string,
    owner: ScheduleOwner,
    make: (schedule: StoredSchedule) => Promise<ScheduleUpdateRecord | ScheduleCommandRecord>,
  ): Promise<StoredSchedule> {
    for (let tries = 1; tries <= mostTries; tries += 1) {
      const schedule = await this.#need(nameOrId, owner)
      if (schedule.status === 'exhausted' && tries > 1) break
      const { accepted, reason } = await this.#core.store.append(await make(schedule))
      if (accepted) return schedule
      if (reason === 'UNKNOWN_SCHEDULE' || reason === 'GONE') throw notFound(nameOrId)
    }
    throw changedMeanwhile(nameOrId)
  }

  async #switch(
    nameOrId: string,
    owner: ScheduleOwner,
    type: 'schedulePause' | 'scheduleResume',
    from: 'active' | 'paused',
  ): Promise<boolean> {
    this.#refuse()
    for (let tries = 1; tries <= mostTries; tries += 1) {
      const { status, uid, rev } = await this.#need(nameOrId, owner)
      if (status !== from) return false
      if ((await this.#core.store.append(this.#record(type, uid, rev))).accepted) return true
    }
    throw changedMeanwhile(nameOrId)
  }

  #record(type: ScheduleCommandRecord['type'], uid: string, rev: number): ScheduleCommandRecord {
    return { type, uid, rev, at: this.#world.now() }
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

const notFound = (nameOrId: string): OffstageError =>
  new OffstageError('NOT_FOUND', `there is no schedule ${show(nameOrId)}`)
const changedMeanwhile = (nameOrId: string): OffstageError =>
  new OffstageError('INVALID_OPTION', `the schedule ${show(nameOrId)} is over, or others change it again and again`)

function timeOf(value: Date | undefined, option: string): number | undefined {
  if (value === undefined) return undefined
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value.getTime()
  throw new ValidationError(option, 'a Date', value)
}

const same = ({ definition }: StoredSchedule, other: ReadSchedule['definition']): boolean =>
  JSON.stringify(definitionOf(definition)) === JSON.stringify(definitionOf(other))

/** The same words mean the times that were reckoned first: an interval keeps its anchor. */
function sameTimes({ definition }: StoredSchedule, { definition: other }: ReadSchedule): ReadSchedule['definition'] {
  const { text, tz } = definition.when
  return text === other.when.text && tz === other.when.tz ? { ...other, when: definition.when } : other
}
