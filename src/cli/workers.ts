/** @module Who works on a store, and how somebody may. */
import { FileStore, type Store, SystemClock } from '../index.ts'
import type { Output } from './output.ts'
import { styled } from './text.ts'

export type Worker = Awaited<ReturnType<FileStore['workers']>>[number]

/** Ms of silence after which nobody counts on a worker: the lease, where nobody has set another. */
export const silence = 15_000

/** How long a worker has given no sign of life, and how long its event loop has stood still, in ms. */
export function quietFor({ beatAt, loopAt }: Worker): { readonly heart: number; readonly loop: number } {
  const now = new SystemClock().now()
  return { heart: now - beatAt, loop: beatAt - loopAt }
}

/** Says how to start a worker if none is alive that knows the recipe. */
export async function tellWorkers(out: Output, store: Store, recipe: string | undefined): Promise<void> {
  if (!(store instanceof FileStore)) return
  const alive = (await store.workers()).filter((worker) => quietFor(worker).heart < silence)
  if (alive.some(({ recipes }) => recipe === undefined || recipes.includes(recipe))) return
  const who = alive.length === 0 ? 'no worker is alive' : `no worker that is alive knows ${recipe}`
  out.note(styled('yellow', 'waiting'), `: ${who} on ${store.path}; start one with: offstage work`)
}
