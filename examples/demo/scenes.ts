/** @module What happens to the workers: one is killed, the other takes over, and a task is cancelled from here. */
import type { BackgroundRunner, BackgroundTask } from 'offstage'
import type { Crew } from './crew.ts'
import { spin } from './recipes.ts'

/** What the scenes play with. */
export interface Stage {
  readonly runner: BackgroundRunner
  readonly crew: Crew
  readonly digests: readonly BackgroundTask<unknown>[]
  say(text: string): void
}

/** Resolves with what `look` finds; it looks now, and after each event. */
async function until<T>(runner: BackgroundRunner, look: () => Promise<T | undefined>): Promise<T> {
  const events = runner.events()[Symbol.asyncIterator]()
  try {
    for (;;) {
      const next = events.next()
      const found = await look()
      if (found !== undefined) return found
      if ((await next).done) throw new Error('the runner has stopped')
    }
  } finally {
    await events.return?.()
  }
}

/** The worker that holds the task now. */
async function workerOf(task: BackgroundTask<unknown>): Promise<string | undefined> {
  const reason = await task.explain()
  return 'worker' in reason ? reason.worker : undefined
}

/** The tasks that a worker holds. */
async function heldBy(runner: BackgroundRunner, worker: string): Promise<BackgroundTask<unknown>[]> {
  const { tasks } = await runner.list({ status: 'running' })
  const workers = await Promise.all(tasks.map(workerOf))
  return tasks.filter((_, i) => workers[i] === worker)
}

/** A worker that died, and the tasks that it held. */
export interface Death {
  readonly worker: string
  readonly orphans: readonly BackgroundTask<unknown>[]
}

/** Kills the worker that holds `task`, in the middle of a digest if there is one, and sees its tasks taken over. */
export async function killWorker(stage: Stage, task: BackgroundTask<unknown>): Promise<Death> {
  const { runner, crew, digests, say } = stage
  const victim = await until(runner, async () => {
    const worker = await workerOf(task)
    if (worker === undefined) return undefined
    const held = new Set((await heldBy(runner, worker)).map(({ id }) => id))
    const inDigest = digests.some(({ id, progress }) => held.has(id) && progress > 0)
    return inDigest || digests.every(({ isSettled }) => isSettled) ? worker : undefined
  })
  await crew.meet(runner)
  const pid = await crew.kill(victim)
  const killedAt = performance.now()
  const orphans = await heldBy(runner, victim)
  const names = orphans.map(({ name }) => name).join(', ')
  say(`--- kill -9: the ${crew.nameOf(victim)} worker (process ${pid}) died in the middle of: ${names}`)
  await until(runner, async () => ((await heldBy(runner, victim)).length === 0 ? true : undefined))
  const took = (performance.now() - killedAt) / 1_000
  say(`--- ${took.toFixed(1)} s later its heartbeat was missed: what it held is queued again`)
  await until(runner, async () => {
    const again = await Promise.all(orphans.map(async (each) => each.isSettled || (await workerOf(each)) !== undefined))
    return again.every(Boolean) ? true : undefined
  })
  await crew.meet(runner)
  say('--- the other worker has taken all of it over')
  return { worker: victim, orphans }
}

/** Submits a task that would never end, and cancels it while another process runs it. */
export async function cancelEndless({ runner, say }: Stage): Promise<BackgroundTask<unknown>> {
  const task = await runner.submitRecipe(spin, undefined, { name: 'endless thread', priority: 10, timeout: false })
  await until(runner, async () => (task.isRunning ? true : undefined))
  say('--- endless thread runs in the other process; this one cancels it')
  await task.cancel('enough')
  await task.settled({ timeout: '30s' })
  say(`--- endless thread: ${task.status}`)
  return task
}
