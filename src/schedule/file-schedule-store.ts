/** @module Schedules in a folder: a short face over the same journal that tasks are in. */
import { BackgroundRunner } from '../runner/runner.ts'
import type { Schedule } from '../runner/schedule.ts'
import type { ScheduleChanges, ScheduleFilter, ScheduleOptions, ScheduleOwner } from '../runner/schedule-types.ts'
import type { FileStoreOptions } from '../store/file/options.ts'
import { FileStore } from '../store/file/store.ts'

/**
 * Schedules in a folder, for any number of processes. `runner.schedules` on the same folder sees the same ones.
 *
 * @example
 * ```ts
 * import { FileScheduleStore } from 'offstage'
 *
 * const schedules = new FileScheduleStore('./.offstage')
 * await schedules.add({ name: 'mail', when: 'every day at 7am', tz: 'Europe/Rome', message: 'Check email' })
 * const mail = await schedules.getByName('mail')
 * mail?.next // a Date: the next 7 o'clock in Rome
 * await schedules.close()
 * ```
 */
export class FileScheduleStore {
  /** The store of tasks that it is part of: hand it to a runner that works on the same folder. */
  readonly store: FileStore
  #runner: BackgroundRunner | undefined

  /**
   * @param options The folder, or the options of a `FileStore`. `@default` where a `FileStore` is
   * @throws {ValidationError} INVALID_OPTION or UNKNOWN_OPTION.
   */
  constructor(options: string | FileStoreOptions = {}) {
    this.store = new FileStore(options)
  }

  /** The runner that asks and tells for it: it neither works nor fires. */
  get runner(): BackgroundRunner {
    this.#runner ??= new BackgroundRunner({ store: this.store, work: false, schedules: false })
    return this.#runner
  }

  /**
   * Adds a schedule. Resolves when it is on disk.
   *
   * @throws {ValidationError} INVALID_SCHEDULE or INVALID_OPTION, naming option, rule and value.
   * @throws {OffstageError} DUPLICATE_SCHEDULE, naming the id of the one that has the name.
   */
  add(options: ScheduleOptions): Promise<Schedule> {
    return this.runner.schedules.add(options)
  }

  list(filter: ScheduleFilter = {}): Promise<Schedule[]> {
    return this.runner.schedules.list(filter)
  }

  /** The schedule of that id; undefined if there is none, or if it is another owner's. */
  async get(id: string, owner: ScheduleOwner = {}): Promise<Schedule | undefined> {
    const found = await this.runner.schedules.get(id, owner)
    return found?.id === id ? found : undefined
  }

  /** The schedule of that name; undefined if there is none, or if it is another owner's. */
  async getByName(name: string, owner: ScheduleOwner = {}): Promise<Schedule | undefined> {
    const found = await this.runner.schedules.get(name, owner)
    return found?.name === name ? found : undefined
  }

  /** Changes a schedule. @throws {OffstageError} NOT_FOUND, and what {@link add} throws. */
  update(nameOrId: string, changes: ScheduleChanges, owner: ScheduleOwner = {}): Promise<Schedule> {
    return this.runner.schedules.update(nameOrId, changes, owner)
  }

  /** Removes a schedule: false if there is none. */
  remove(nameOrId: string, owner: ScheduleOwner = {}): Promise<boolean> {
    return this.runner.schedules.remove(nameOrId, owner)
  }

  /** Lets go of the folder. */
  async close(): Promise<void> {
    await this.#runner?.stop()
    await this.store.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
