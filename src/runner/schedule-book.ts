/** @module How schedules are read from a store and changed in it, where others change them at the same time. */
import { OffstageError, show, ValidationError } from '../errors.ts'
import type { ScheduleAddRecord, ScheduleCommandRecord, ScheduleUpdateRecord } from '../machines/schedule-records.ts'
import { definitionOf, type StoredSchedule } from '../machines/schedule-state.ts'
import { checkOptions } from '../validate.ts'
import type { RunnerCore } from './core.ts'
import { judge } from './recipe.ts'
import { changedDefinition, type ReadSchedule, readSchedule } from './schedule-options.ts'
import type { ScheduleChanges, ScheduleOptions, ScheduleOwner } from './schedule-types.ts'

const ofOwner = new Set(['owner'])
/** How often a command is meant anew that others were ahead of. */
const mostTries = 5
/** How many schedules are added or changed at the same time. */
const upsertedAtOnce = 1_000

/** What became of a schedule that was to be there. */
export interface Upserted {
  readonly schedule: StoredSchedule
  readonly change: 'added' | 'updated' | 'unchanged'
}

/** The schedules of a runner's store, as they are stored. */
export class ScheduleBook {
  readonly #core: RunnerCore

  constructor(core: RunnerCore) {
    this.#core = core
  }

  /** The schedule of that name or id; undefined if there is none, or if it is another owner's. */
  async find(nameOrId: string, owner: ScheduleOwner): Promise<StoredSchedule | undefined> {
    checkOptions(owner, ofOwner, 'the owner of a schedule')
    if (typeof nameOrId !== 'string') throw new ValidationError('the schedule', 'a name or an id', nameOrId)
    const { store } = this.#core
    const named = await store.scheduleNamed(nameOrId, owner.owner)
    const found = named ?? (await store.schedule(nameOrId))
    if (found === undefined || (owner.owner !== undefined && found.owner !== owner.owner)) return undefined
    return found
  }

  /** @throws {OffstageError} NOT_FOUND */
  async need(nameOrId: string, owner: ScheduleOwner): Promise<StoredSchedule> {
    const found = await this.find(nameOrId, owner)
    if (found === undefined) throw notFound(nameOrId)
    return found
  }

  /** Reads what is asked for, and judges its input where the recipe is known here. */
  async read(options: ScheduleOptions): Promise<ReadSchedule> {
    this.#addRecipe(options)
    const read = readSchedule(options, this.#context())
    await this.#judge(read.definition.target.recipe, read.definition.target.input)
    return read
  }

  /** All are judged before the first is touched. */
  readAll(schedules: readonly ScheduleOptions[]): Promise<ReadSchedule[]> {
    if (!Array.isArray(schedules)) throw new ValidationError('schedules', 'an array', schedules)
    return Promise.all(schedules.map((each) => this.read(each)))
  }

  /** Adds a schedule, or finds the one that has its name. */
  async add(
    { name, owner, isPaused, definition }: ReadSchedule,
    source: string | undefined,
  ): Promise<{ readonly schedule: StoredSchedule; readonly existing: StoredSchedule | undefined }> {
    const core = this.#core
    const record: ScheduleAddRecord = {
      type: 'scheduleAdd',
      uid: core.settings.random.id(),
      at: this.#now(),
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

  /** Adds schedules, or changes those that have their names, in their order; many share a sync. */
  async upsertAll(
    all: readonly ReadSchedule[],
    source: string | undefined,
  ): Promise<Record<Upserted['change'], string[]>> {
    const report = { added: [] as string[], updated: [] as string[], unchanged: [] as string[] }
    for (let i = 0; i < all.length; i += upsertedAtOnce) {
      const some = all.slice(i, i + upsertedAtOnce)
      const done = await Promise.all(some.map((each) => this.upsert(each, source)))
      for (const [at, { change }] of done.entries()) report[change].push(some[at]?.name ?? '')
    }
    return report
  }

  /** @param source Whose it must be where there is one of that name; undefined for a person, who may change any. */
  async upsert(read: ReadSchedule, source: string | undefined): Promise<Upserted> {
    for (let tries = 1; ; tries += 1) {
      const { schedule, existing } = await this.add(read, source)
      if (existing === undefined) return { schedule, change: 'added' }
      if (source !== undefined && existing.source !== source) throw ofOthers(read.name, existing)
      const definition = sameTimes(existing, read)
      if (same(existing, definition)) return { schedule: existing, change: 'unchanged' }
      const { uid, rev } = existing
      const { accepted } = await this.#core.store.append({
        type: 'scheduleUpdate',
        uid,
        rev,
        at: this.#now(),
        ...definition,
      })
      if (accepted) return { schedule: existing, change: 'updated' }
      if (tries === mostTries) throw changedMeanwhile(read.name)
    }
  }

  /** @throws {OffstageError} NOT_FOUND */
  update(nameOrId: string, changes: ScheduleChanges, owner: ScheduleOwner): Promise<StoredSchedule> {
    this.#addRecipe(changes)
    return this.#command(nameOrId, owner, async (schedule) => {
      const definition = changedDefinition(schedule, changes, this.#context())
      await this.#judge(definition.target.recipe, definition.target.input)
      const { uid, rev } = schedule
      return { type: 'scheduleUpdate', uid, rev, at: this.#now(), ...definition }
    })
  }

  /** False when there is none. */
  async remove(nameOrId: string, owner: ScheduleOwner): Promise<boolean> {
    try {
      await this.#command(nameOrId, owner, async ({ uid, rev }) => this.#record('scheduleRemove', uid, rev))
      return true
    } catch (error) {
      if (OffstageError.is(error, 'NOT_FOUND')) return false
      throw error
    }
  }

  /** Pauses or resumes. False where it is not in the state that this needs. @throws {OffstageError} NOT_FOUND */
  async switch(nameOrId: string, owner: ScheduleOwner, type: 'schedulePause' | 'scheduleResume'): Promise<boolean> {
    const from = type === 'schedulePause' ? 'active' : 'paused'
    for (let tries = 1; tries <= mostTries; tries += 1) {
      const { status, uid, rev } = await this.need(nameOrId, owner)
      if (status !== from) return false
      if ((await this.#core.store.append(this.#record(type, uid, rev))).accepted) return true
    }
    throw changedMeanwhile(nameOrId)
  }

  /** A command is meant for what was seen; where others were ahead of it, it is meant anew. */
  async #command(
    nameOrId: string,
    owner: ScheduleOwner,
    make: (schedule: StoredSchedule) => Promise<ScheduleUpdateRecord | ScheduleCommandRecord>,
  ): Promise<StoredSchedule> {
    for (let tries = 1; tries <= mostTries; tries += 1) {
      const schedule = await this.need(nameOrId, owner)
      if (schedule.status === 'exhausted' && tries > 1) break
      const { accepted, reason } = await this.#core.store.append(await make(schedule))
      if (accepted) return schedule
      if (reason === 'UNKNOWN_SCHEDULE' || reason === 'GONE') throw notFound(nameOrId)
    }
    throw changedMeanwhile(nameOrId)
  }

  #record(type: ScheduleCommandRecord['type'], uid: string, rev: number): ScheduleCommandRecord {
    return { type, uid, rev, at: this.#now() }
  }

  #now(): number {
    return this.#core.settings.clock.now()
  }

  #context(): { readonly now: number; readonly tz: string } {
    const { OFFSTAGE_TZ: tz = '' } = process.env
    return { now: this.#now(), tz: tz === '' ? 'UTC' : tz }
  }

  /** A recipe that is given as such is known from then on. */
  #addRecipe(options: ScheduleChanges | undefined): void {
    if (typeof options?.recipe === 'object') this.#core.recipes.add(options.recipe)
  }

  async #judge(recipe: string | undefined, input: unknown): Promise<void> {
    const known = recipe === undefined ? undefined : this.#core.recipes.get(recipe)
    if (known !== undefined) await judge(known.recipe.inputSchema, input, 'input', 'INVALID_INPUT')
  }
}

export const notFound = (nameOrId: string): OffstageError =>
  new OffstageError('NOT_FOUND', `there is no schedule ${show(nameOrId)}`)

const changedMeanwhile = (nameOrId: string): OffstageError =>
  new OffstageError('INVALID_OPTION', `the schedule ${show(nameOrId)} is over, or others change it again and again`)

function ofOthers(name: string, { uid, source }: StoredSchedule): OffstageError {
  const whose = source === undefined ? 'no config declares' : `belongs to ${show(source)}`
  return new OffstageError('DUPLICATE_SCHEDULE', `a schedule named ${show(name)} exists (id: ${uid}), which ${whose}`)
}

const same = ({ definition }: StoredSchedule, other: ReadSchedule['definition']): boolean =>
  JSON.stringify(definitionOf(definition)) === JSON.stringify(definitionOf(other))

/** The same words mean the times that were reckoned first: an interval keeps its anchor. */
function sameTimes({ definition }: StoredSchedule, { definition: other }: ReadSchedule): ReadSchedule['definition'] {
  const { text, tz } = definition.when
  return text === other.when.text && tz === other.when.tz ? { ...other, when: definition.when } : other
}
