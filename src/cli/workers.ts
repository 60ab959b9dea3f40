/** @module Who works on a store, and how somebody may. */
import { type BackgroundRunner, type BackgroundTask, SystemClock } from '../index.ts'
import type { Output } from './output.ts'
import { styled } from './text.ts'

export type Worker = Awaited<ReturnType<BackgroundRunner['workers']>>[number]

/** Ms of silence after which nobody counts on a worker: the lease, where nobody has set another. */
export const silence = 15_000

/** How long a worker has given no sign of life, and how long its event loop has stood still, in ms. */
export function quietFor({ beatAt, loopAt }: Worker): { readonly heart: number; readonly loop: number } {
  return { heart: new SystemClock().now() - beatAt, loop: beatAt - loopAt }
}

/** Says how to start a worker if none is alive that can run the task. */
export async function tellWorkers(out: Output, runner: BackgroundRunner, task: BackgroundTask<unknown>): Promise<void> {
  if (task.isSettled) return
  const alive = (await runner.workers()).filter((worker) => quietFor(worker).heart < silence)
  const { recipe } = task.toJSON()
  if (alive.some(({ recipes }) => recipe === undefined || recipes.includes(recipe))) return
  const who = alive.length === 0 ? 'no worker is alive' : `no worker that is alive knows ${recipe}`
  out.note(styled('yellow', 'waiting'), `: ${who}; start one with: offstage work`)
}
