/** @module What stood against a submit, as an error. */
import { OffstageError, show } from '../errors.ts'
import type { Verdict } from '../machines/fold-store.ts'
import type { SubmitRecord } from '../machines/records.ts'

/** What stood against a submit. */
export function refusal(record: SubmitRecord, { reason, detail, task }: Verdict): OffstageError {
  const what = `${show(record.name)} (${record.task})`
  switch (reason) {
    case 'KEY_CONFLICT':
      return new OffstageError(
        'KEY_CONFLICT',
        `idempotencyKey ${show(record.idempotencyKey)} belongs to the task ${task?.id}, which has another input`,
      )
    case 'ID_CONFLICT':
      return new OffstageError('ID_CONFLICT', `id ${show(record.task)} belongs to another task`)
    case 'UNKNOWN_DEPENDENCY':
      return new OffstageError(
        'UNKNOWN_DEPENDENCY',
        `${what} needs the task ${show(detail)}, which this store does not keep`,
      )
    case 'CYCLIC_DEPENDENCY':
      return new OffstageError('CYCLIC_DEPENDENCY', `${what} needs itself`)
    case 'PARENT_ENDED':
      return new OffstageError(
        'PARENT_ENDED',
        `${what} has a parent that does not run any more: ${record.parent?.task}`,
      )
    case 'GONE':
      return new OffstageError('GONE', `id ${show(record.task)} belonged to a task that was forgotten`)
    default:
      return new OffstageError('STORE', `${what} was refused: ${reason}`)
  }
}
