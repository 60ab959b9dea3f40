/** @module Asks a runner and its store why a task is where it is. */
import type { Supervisor } from '../actors/supervisor.ts'
import { sentence } from '../machines/explain.ts'
import type { StoredTask } from '../machines/store-state.ts'
import type { Store, WorkerInfo } from '../store/store.ts'
import { type Explanation, type LocalReason, localSentence } from './explain.ts'
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
