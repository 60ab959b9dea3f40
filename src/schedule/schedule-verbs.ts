/** @module What the schedule tools do, for one owner, answered in words. */
import { OffstageError, show } from '../errors.ts'
import type { Schedule } from '../runner/schedule.ts'
import type { Schedules } from '../runner/schedules.ts'
import { jsonInput } from './task-tools.ts'
import * as told from './tool-messages.ts'

export interface ScheduleVerbsOptions {
  readonly schedules: Schedules
  /** Undefined stands for the schedules that have no owner. */
  readonly owner: string | undefined
  readonly tz: string | undefined
  /** The recipes that may be scheduled. */
  readonly recipes: readonly string[]
  readonly maxSchedules: number
}

export interface Timing {
  readonly tz: string | null
  readonly max_runs: number | null
  readonly until: string | null
}
export interface Addition extends Timing {
  readonly name: string
  readonly schedule: string
  readonly message: string | null
  readonly recipe?: string | null
  readonly input?: string | null
}
export interface Change extends Timing {
  readonly name: string
  readonly schedule: string | null
  readonly message: string | null
}

export class ScheduleVerbs {
  readonly #options: ScheduleVerbsOptions
  readonly #schedules: Schedules
  readonly #mine: { readonly owner?: string }

  constructor(options: ScheduleVerbsOptions) {
    this.#options = options
    this.#schedules = options.schedules
    this.#mine = options.owner === undefined ? {} : { owner: options.owner }
  }

  async add({ name, schedule: when, message, recipe = null, input = null, ...timing }: Addition): Promise<string> {
    const { maxSchedules, recipes, tz: usual } = this.#options
    if (recipe !== null && !recipes.includes(recipe))
      return told.failed('adding schedule', `recipe must be one of ${recipes.join(', ')}, got ${show(recipe)}`)
    const present = await this.#all()
    if (present.length >= maxSchedules && !present.some((each) => each.name === name))
      return told.failed('adding schedule', `there may be ${maxSchedules} schedules at once; remove one first`)
    const tz = timing.tz ?? usual
    try {
      const { id } = await this.#schedules.add({
        name,
        when,
        ...(message === null ? {} : { message }),
        ...(recipe === null ? {} : { recipe }),
        ...(input === null ? {} : { input: jsonInput(input) }),
        ...(tz === undefined ? {} : { tz }),
        ...(timing.max_runs === null ? {} : { maxRuns: timing.max_runs }),
        ...(timing.until === null ? {} : { until: timing.until }),
        ...this.#mine,
      })
      return told.added(name, id, when, timing.tz)
    } catch (error) {
      if (!OffstageError.is(error, 'DUPLICATE_SCHEDULE')) throw error
      const first = await this.#find(name)
      if (first === undefined) throw error
      return told.alreadyExists(name, first.id)
    }
  }

  async list(): Promise<string> {
    const schedules = await this.#all()
    return told.listed(
      schedules.map(({ name, id, enabled, when, tz, next, message, recipe }) => ({
        ...{ name, id, enabled, when: String(when), tz, next },
        what: message ?? `recipe ${recipe}`,
      })),
    )
  }

  async remove(name: string): Promise<string> {
    const found = await this.#find(name)
    const done = found !== undefined && (await this.#schedules.remove(found.id, this.#mine))
    return done ? told.removed(found.name) : told.notFound(name)
  }

  async pause(name: string): Promise<string> {
    const found = await this.#find(name)
    if (found === undefined) return told.notFound(name)
    return (await this.#schedules.pause(found.id, this.#mine))
      ? told.paused(found.name)
      : told.alreadyPaused(found.name)
  }

  async resume(name: string): Promise<string> {
    const found = await this.#find(name)
    if (found === undefined) return told.notFound(name)
    return (await this.#schedules.resume(found.id, this.#mine))
      ? told.resumed(found.name)
      : told.alreadyActive(found.name)
  }

  async update({ name, schedule, message, tz, max_runs: maxRuns, until }: Change): Promise<string> {
    const found = await this.#find(name)
    if (found === undefined) return told.notFound(name)
    if (message !== null && found.message === undefined)
      return told.failed('updating schedule', `${show(found.name)} runs a recipe and has no message`)
    const changes = [
      ['schedule', 'when', schedule, found.when],
      ['message', 'message', message, found.message],
      ['tz', 'tz', tz, found.tz],
      ['max_runs', 'maxRuns', maxRuns, found.maxRuns],
      ['until', 'until', until, found.until?.toISOString()],
    ].filter(([, , value, old]) => value !== null && value !== old)
    if (changes.length > 0) {
      const options = Object.fromEntries(changes.map(([, option, value]) => [option, value]))
      await this.#schedules.update(found.id, options, this.#mine)
    }
    return told.updated(
      found.name,
      changes.map(([field]) => String(field)),
    )
  }

  /** Those of this owner that are not over. */
  async #all(): Promise<Schedule[]> {
    const schedules = await this.#schedules.list(this.#mine)
    return schedules.filter((each) => this.#isMine(each))
  }

  async #find(nameOrId: string): Promise<Schedule | undefined> {
    const found = await this.#schedules.get(nameOrId, this.#mine)
    return found !== undefined && this.#isMine(found) ? found : undefined
  }

  #isMine({ owner, status }: Schedule): boolean {
    return owner === this.#options.owner && (status === 'active' || status === 'paused')
  }
}
