/** @module Where schedules are: a runner, or a store in one of its forms, on which a runner is made. */
import { ValidationError } from '../errors.ts'
import { BackgroundRunner } from '../runner/runner.ts'
import { FileStore } from '../store/file/store.ts'
import type { Store } from '../store/store.ts'
import { FileScheduleStore } from './file-schedule-store.ts'

/** A store of schedules: as such, as a store of tasks, or as its folder. */
export type ScheduleSource = FileScheduleStore | Store | string

/** @throws {ValidationError} INVALID_OPTION for what is no store. Nothing is opened. */
export function checkSource(source: unknown): void {
  if (typeof source === 'string' && source !== '' && !source.includes('\0')) return
  if (typeof source === 'object' && source !== null) {
    if (source instanceof FileScheduleStore || typeof (source as Partial<Store>).claim === 'function') return
  }
  throw new ValidationError('store', 'a FileScheduleStore, a store, or the path of a folder', source)
}

/** The store that is meant, and whether it was made for the caller, who closes it then. */
export function storeOf(source: ScheduleSource | undefined): { readonly store: Store; readonly owned: boolean } {
  if (source === undefined) return { store: new FileStore(), owned: true }
  checkSource(source)
  if (typeof source === 'string') return { store: new FileStore(source), owned: true }
  return { store: source instanceof FileScheduleStore ? source.store : source, owned: false }
}

/** A runner for the schedules of a store, and how to let go of what was made for it. It only asks and tells: it neither works nor fires. */
export function askingRunner(source: ScheduleSource | BackgroundRunner): {
  readonly runner: BackgroundRunner
  readonly close: () => Promise<void>
} {
  if (source instanceof BackgroundRunner) return { runner: source, close: async () => {} }
  if (source instanceof FileScheduleStore) return { runner: source.runner, close: async () => {} }
  const { store, owned } = storeOf(source)
  const runner = new BackgroundRunner({ store, work: false, schedules: false })
  const close = async (): Promise<void> => {
    await runner.stop()
    if (owned) await store.close()
  }
  return { runner, close }
}
