/** @module Why a task is where it is, as users get it: what its store tells, and what only its runner knows. */
import type { Reason } from '../machines/explain.ts'
import { iso } from '../machines/iso.ts'

/** What only the runner knows: what holds a queued task back there, or that the store has forgotten the task. */
export type LocalReason =
  | { readonly code: 'GONE' }
  | { readonly code: 'PAUSED' }
  | { readonly code: 'STOPPED' }
  /** Nobody runs tasks there. `store` is told where other processes could. */
  | { readonly code: 'NO_WORKER'; readonly recipe: string | undefined; readonly store?: string }
  /** `workers`: how many there are in other processes, none of which knows it; undefined = this runner does not. */
  | {
      readonly code: 'UNKNOWN_RECIPE'
      readonly recipe: string
      readonly known: readonly string[]
      readonly workers?: number
    }
  | { readonly code: 'SLOTS_FULL'; readonly slots: number; readonly holders: readonly string[] }
  | { readonly code: 'RATE_LIMITED'; readonly recipe: string; readonly inMs: number }
  /** It runs elsewhere, in a process whose event loop stands still. `since`: epoch ms. */
  | {
      readonly code: 'WORKER_BLOCKED'
      readonly worker: string
      readonly pid: number
      readonly host: string
      readonly since: number
    }
  /** Nothing can be read or recorded any more. */
  | { readonly code: 'STORE_LOST'; readonly store: string }

/** Why a task is where it is, in one sentence and as data. */
export type Explanation = (Reason | LocalReason) & { readonly sentence: string }

const named = 5

/** Says a reason of the runner in one plain sentence. */
export function localSentence(reason: LocalReason): string {
  switch (reason.code) {
    case 'GONE':
      return 'It has ended, and the store has forgotten it.'
    case 'PAUSED':
      return 'It is queued, and this runner is paused: resume() lets it start.'
    case 'STOPPED':
      return 'It is queued, and this runner has stopped: another runner on the same store must run it.'
    case 'NO_WORKER':
      if (reason.store !== undefined)
        return `It is queued, and no worker is alive on ${reason.store}: start one with: npx offstage work`
      return 'It is queued, and this runner does not work: call start(), or run a worker on the same store.'
    case 'UNKNOWN_RECIPE': {
      const known = reason.known.length === 0 ? 'none' : reason.known.slice(0, named).join(', ')
      if (reason.workers !== undefined) {
        const who =
          reason.workers === 1 ? 'the one worker there is does not' : `none of the ${reason.workers} workers does`
        return `It is queued for a worker that knows the recipe ${reason.recipe}, and ${who} (known: ${known}).`
      }
      return `It is queued, and this runner does not know the recipe ${reason.recipe} (it knows: ${known}).`
    }
    case 'SLOTS_FULL': {
      const more = reason.holders.length > named ? ` and ${reason.holders.length - named} more` : ''
      const holders = reason.holders.slice(0, named).join(', ')
      return `It is queued, and all ${reason.slots} slots of this runner are taken, by ${holders}${more}.`
    }
    case 'RATE_LIMITED':
      return `It is queued, and the rate limit of the recipe ${reason.recipe} lets the next task start in ${Math.ceil(reason.inMs)} ms.`
    case 'WORKER_BLOCKED':
      return `It runs on the worker ${reason.worker} (process ${reason.pid} on ${reason.host}), whose process has not turned its event loop since ${iso(reason.since)}.`
    case 'STORE_LOST':
      return `Nobody knows here: ${reason.store} is lost to this process, which has to begin again.`
  }
}
