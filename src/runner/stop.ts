/** @module How a runner ends: it drains, asks, waits for the grace, and gives up on what still runs. */
import type { StoredTask } from '../machines/store-state.ts'
import type { RunnerCore } from './core.ts'
import { type TaskInfo, taskInfo } from './info.ts'

/** What a stop left behind. */
export interface StopReport {
  /** Tasks in memory that were cancelled, for nobody could run them any more. */
  readonly cancelled: number
  /** Tasks whose handlers ignored the request to stop and still run. Nothing of theirs counts any more. */
  readonly zombies: readonly TaskInfo[]
}

/** How long a store has for the last words of a runner, in ms. */
const lastWords = 5_000

/** A stop that is under way. */
export interface Stopping {
  readonly report: Promise<StopReport>
  /** Lets running tasks go on for at most so many ms from now. */
  hurry(drain: number): void
}

/** @param drain How long running tasks may go on before they are asked to stop, in ms. */
export function stopRunner(core: RunnerCore, drain: number): Stopping {
  let drained = (): void => {}
  const enough = new Promise<void>((resolve) => {
    drained = resolve
  })
  let draining = true
  const hurry = (ms: number): void => {
    if (draining) core.timers.after(ms, drained)
  }
  const begin = async (): Promise<StopReport> => {
    core.stopping = true
    core.supervisor.live.root.send({ type: 'stop' })
    if (drain > 0) await orAfter(core, drain, Promise.race([core.supervisor.whenEmpty(), enough]))
    draining = false
    return endRunner(core)
  }
  return { report: begin(), hurry }
}

async function endRunner(core: RunnerCore): Promise<StopReport> {
  const { supervisor, settings, local } = core
  core.scheduler.stop()
  supervisor.shutdown()
  if (!supervisor.isEmpty) await orAfter(core, settings.limits.grace, supervisor.whenEmpty())
  await core.jobs.close()
  const { left, recorded } = supervisor.abandon()
  await orAfter(core, lastWords, recorded)
  await orAfter(core, lastWords, core.scheduler.whenQuiet())
  await orAfter(core, lastWords, supervisor.leave())
  const cancelled = settings.store === local ? 0 : await cancelPending(core)
  supervisor.live.root.send({ type: 'drained' })
  const zombies = left.map((task) => taskInfo(task))
  for (const { id, name } of zombies)
    core.warn(`${name} (${id}) was told to stop and still runs; the runner does not wait for it`)
  core.warnUnobserved()
  core.close()
  if (settings.ownsStore) await core.store.close()
  return { cancelled, zombies }
}

/** Neither a handler that goes on nor a store that does not answer holds a stop up for longer than `ms`. */
async function orAfter(core: RunnerCore, ms: number, done: Promise<void>): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = core.timers.after(ms, resolve)
    void done.then(() => {
      core.timers.cancel(timer)
      resolve()
    })
  })
}

async function cancelPending(core: RunnerCore): Promise<number> {
  // the last first: what needs another is cancelled before that could fail it
  const open: StoredTask[] = [...core.local.known()].filter((task) => !task.settled).reverse()
  const answers = await Promise.all(
    open.map((task) => core.handles.cancel(task, core.local, 'the runner was stopped', 'runner')),
  )
  return answers.filter(Boolean).length
}
