/** @module Why a task is where it is: what its store knows, and what only its runner knows. */
import type { Supervisor } from '../actors/supervisor.ts'
import { type Reason, sentence } from '../machines/explain.ts'
import { iso } from '../machines/iso.ts'
import type { StoredTask } from '../machines/store-state.ts'
import type { Store, WorkerInfo } from '../store/store.ts'
import type { RecipeBook } from './recipe.ts'
import type { Settings } from './runner-options.ts'
import type { Watchers } from './watchers.ts'

/** What is asked of a runner's parts. */
export interface ExplainHost {
  readonly settings: Settings
  readonly supervisor: Supervisor
  readonly watchers: Watchers
  readonly recipes: RecipeBook
  readonly stopping: boolean
  readonly working: boolean
}

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
/** A loop that has not turned for so long, in ms, while its heart went on, is blocked. */
const blockedFor = 10_000

/** Says why a task is where it is. What its runner knows goes before what the store tells. */
export async function explainHere(host: ExplainHost, task: StoredTask, store: Store): Promise<Explanation> {
  const own = (reason: LocalReason): Explanation => ({ ...reason, sentence: localSentence(reason) })
  if (host.watchers.lossOf(store) !== undefined) return own({ code: 'STORE_LOST', store: store.name })
  const reason = await store.explain(task.id, host.settings.clock.now())
  if (reason === undefined) return own({ code: 'GONE' })
  const more =
    reason.code === 'QUEUED'
      ? await heldBack(host, task, store)
      : reason.code === 'RUNNING'
        ? await blocked(host, reason.worker, store)
        : undefined
  return more === undefined ? { ...reason, sentence: sentence(reason) } : own(more)
}

/** What holds a queued task back: this runner, or where others may run it, them. */
async function heldBack(host: ExplainHost, task: StoredTask, store: Store): Promise<LocalReason | undefined> {
  const own = heldBackHere(host, task)
  if (own === undefined || own.code === 'RATE_LIMITED' || store.workers === undefined) return own
  const { recipe } = task.spec
  const others = (await othersOf(host, store)) ?? []
  if (others.length === 0)
    return host.working && own.code !== 'STOPPED' ? own : { code: 'NO_WORKER', recipe, store: store.name }
  // they have room, or will have
  if (others.some(({ recipes }) => recipe !== undefined && recipes.includes(recipe))) return undefined
  const known = [...new Set(others.flatMap(({ recipes }) => recipes))]
  return recipe === undefined ? own : { code: 'UNKNOWN_RECIPE', recipe, known, workers: others.length }
}

function heldBackHere(host: ExplainHost, task: StoredTask): LocalReason | undefined {
  const { supervisor, settings, recipes } = host
  const { recipe } = task.spec
  if (host.stopping) return { code: 'STOPPED' }
  if (!host.working) return { code: 'NO_WORKER', recipe }
  if (recipe !== undefined && !recipes.has(recipe)) return { code: 'UNKNOWN_RECIPE', recipe, known: recipes.names }
  if (supervisor.state === 'paused') return { code: 'PAUSED' }
  if (supervisor.busy >= settings.slots) {
    const holders = [...supervisor.attempts.values()].filter(({ slot }) => slot).map((each) => each.task.id)
    return { code: 'SLOTS_FULL', slots: settings.slots, holders }
  }
  const until = supervisor.gate.heldUntil(task)
  return until === undefined
    ? undefined
    : { code: 'RATE_LIMITED', recipe: recipe as string, inMs: until - settings.clock.monotonic() }
}

/** Whether who runs the task is another process, and stands still. */
async function blocked(host: ExplainHost, worker: string, store: Store): Promise<LocalReason | undefined> {
  const info = (await othersOf(host, store))?.find(({ id }) => id === worker)
  if (info === undefined || info.beatAt - info.loopAt < blockedFor) return undefined
  return { code: 'WORKER_BLOCKED', worker, pid: info.pid, host: info.host, since: info.loopAt }
}

async function othersOf({ supervisor }: ExplainHost, store: Store): Promise<readonly WorkerInfo[] | undefined> {
  return (await store.workers?.())?.filter(({ id }) => !supervisor.isMine(id))
}

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
        const who = reason.workers === 1 ? 'the one worker there is does' : `none of the ${reason.workers} workers does`
        return `It is queued for a worker that knows the recipe ${reason.recipe}, and ${who} not (known: ${known}).`
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
