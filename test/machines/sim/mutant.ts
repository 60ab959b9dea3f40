/** @module Copies the charts and the fold, with a text replaced, into a folder of their own. */
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Machines } from './world.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))

/** One part of a mistake that somebody might make. */
export interface Edit {
  /** The file in src/machines. */
  readonly file: string
  /** Text that stands there exactly once. */
  readonly find: string
  readonly replace: string
}

/** Imports the mutant, hands it to `use`, and removes it. @throws when a text is not found exactly once. */
export async function withMutant<T>(edits: readonly Edit[], use: (machines: Machines) => T): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'offstage-mutant-'))
  try {
    await cp(join(root, 'src'), join(folder, 'src'), { recursive: true })
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
    const machines = join(folder, 'src', 'machines')
    for (const edit of edits) await apply(join(machines, edit.file), edit)
    const { foldStore } = await import(join(machines, 'fold-store.ts'))
    const { emptyStore } = await import(join(machines, 'store-state.ts'))
    return use({ foldStore, emptyStore })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function apply(path: string, { file, find, replace }: Edit): Promise<void> {
  const text = await readFile(path, 'utf8')
  const count = text.split(find).length - 1
  if (count !== 1) throw new Error(`${file} has ${count} times, not once: ${find}`)
  await writeFile(
    path,
    text.replace(find, () => replace),
  )
}
