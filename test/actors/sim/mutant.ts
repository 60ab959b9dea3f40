/** @module Copies the sources, with a text replaced, into a folder of their own. */
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Parts } from './world.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))

/** A mistake that somebody might make. */
export interface Edit {
  /** The file in src. */
  readonly file: string
  /** Text that stands there exactly once. */
  readonly find: string
  readonly replace: string
}

/** Imports the mutant, hands it to `use`, and removes it. @throws when the text is not found exactly once. */
export async function withMutant({ file, find, replace }: Edit, use: (parts: Parts) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'offstage-mutant-'))
  try {
    for (const part of ['actors', 'machines', 'store']) {
      await cp(join(root, 'src', part), join(folder, 'src', part), { recursive: true })
    }
    for (const leaf of [
      'errors',
      'heap',
      'json',
      'linked-list',
      'clock',
      'random',
      'duration',
      'validate',
      'turnover-map',
    ])
      await cp(join(root, 'src', `${leaf}.ts`), join(folder, 'src', `${leaf}.ts`))
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
    const path = join(folder, 'src', file)
    const text = await readFile(path, 'utf8')
    const count = text.split(find).length - 1
    if (count !== 1) throw new Error(`${file} has ${count} times, not once: ${find}`)
    await writeFile(
      path,
      text.replace(find, () => replace),
    )
    const { Scheduler } = await import(join(folder, 'src', 'actors', 'scheduler.ts'))
    const { MemoryStore } = await import(join(folder, 'src', 'store', 'memory.ts'))
    await use({ Scheduler, MemoryStore })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
