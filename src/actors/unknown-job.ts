/** @module What runs in the place of a handler that nobody knows any more. */
import { OffstageError, show } from '../errors.ts'
import type { StoredTask } from '../machines/store-state.ts'
import type { Job } from './attempt.ts'

export function unknownJob({ spec }: StoredTask): Job {
  return {
    call: () => {
      throw new OffstageError('UNKNOWN_RECIPE', `no handler is known for ${show(spec.recipe ?? spec.name)}`)
    },
  }
}
