/** @module Who works on a store, and how somebody may. */
import { FileStore, type Store } from '../index.ts'
import type { Output } from './output.ts'
import { styled } from './text.ts'

/** Says how to start a worker if none is alive that knows the recipe. */
export async function tellWorkers(out: Output, store: Store, recipe: string | undefined): Promise<void> {
  if (!(store instanceof FileStore)) return
  const workers = await store.workers()
  const able = workers.filter(({ recipes }) => recipe === undefined || recipes.includes(recipe))
  if (able.length > 0) return
  const who = workers.length === 0 ? 'no worker is alive' : `no worker that is alive knows ${recipe}`
  out.note(styled('yellow', 'waiting'), ` ${who} on ${store.path}; start one with: offstage work`)
}
