/** A project with a store whose records are written one by one, as workers would. */
import { join } from 'node:path'
import { FileStore } from '../../src/index.ts'
import type { SubmitRecord } from '../../src/machines/records.ts'
import type { OneRecord } from '../../src/store/store.ts'
import { project } from './kit.ts'

export const limits = { timeout: undefined, grace: 0, maxAttempts: 2, maxOrphans: 1 }
export const submitOf = (task: string, rest: Partial<SubmitRecord> = {}): SubmitRecord => {
  return { type: 'submit', task, at: 1_000, name: `name of ${task}`, limits, ...rest }
}

/** What is recorded, in its order; a function may do something else between. */
export type Deed = SubmitRecord | OneRecord | ((store: FileStore) => unknown)

export async function storeOf(deeds: readonly Deed[], options: object = {}): Promise<string> {
  const cwd = project()
  const store = new FileStore({ dir: join(cwd, '.offstage'), durability: 'os', ...options })
  for (const deed of deeds) {
    if (typeof deed === 'function') await deed(store)
    else if (deed.type === 'submit') await store.submit([deed])
    else await store.append(deed)
  }
  await store.close()
  return cwd
}
