/** @module Finds Markdown files. */
import type { Dirent } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'

const markdown = /\.(md|markdown)$/i

/** The Markdown files below a folder and in the packages installed there, as paths from the working folder, sorted. */
export async function findDocuments(folder: string): Promise<string[]> {
  const found: string[] = []
  const open = [folder]
  for (let here = open.pop(); here !== undefined; here = open.pop()) {
    for (const entry of await entriesOf(here)) {
      const path = join(here, entry.name)
      if (entry.isDirectory() && entry.name !== '.git') open.push(path)
      if (entry.isFile() && markdown.test(entry.name)) found.push(relative('', path))
    }
  }
  return found.sort()
}

/** Links are not followed, so nothing is found twice. A folder that does not exist, or not any more, is empty. */
async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** Parts of about equal length, in order. */
export function shelve(paths: readonly string[], shelves: number): string[][] {
  const n = Math.min(shelves, paths.length)
  return Array.from({ length: n }, (_, i) => {
    return paths.slice(Math.floor((i * paths.length) / n), Math.floor(((i + 1) * paths.length) / n))
  })
}
