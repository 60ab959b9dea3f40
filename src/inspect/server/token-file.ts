/** @module A token that outlives the process, so that a bookmark does: in a file that its owner alone can read. */
import { lstat, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Token, tokenForm } from './token.ts'

const fileName = 'inspector.token'
const ownerOnly = 0o600
const othersMay = 0o077

/**
 * The token that is kept in a folder; a fresh one where none is, or one that others could have read or put there.
 *
 * @throws Whatever the file system says.
 */
export async function keptToken(folder: string): Promise<string> {
  const path = join(folder, fileName)
  const kept = await trusted(path)
  if (kept !== undefined) return kept
  const { text } = new Token()
  await rm(path, { force: true })
  // made anew or not at all: never through a link, never into a file that somebody holds open
  await writeFile(path, `${text}\n`, { flag: 'wx', mode: ownerOnly })
  return text
}

async function trusted(path: string): Promise<string | undefined> {
  const found = await lstat(path).catch(() => undefined)
  if (found?.isFile() !== true || found.nlink !== 1 || found.size > 200) return undefined
  const isOurs = process.getuid === undefined || (found.uid === process.getuid() && (found.mode & othersMay) === 0)
  const text = isOurs ? (await readFile(path, 'utf8')).trim() : ''
  return tokenForm.test(text) ? text : undefined
}
