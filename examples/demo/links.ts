/** @module Checks the links between documents. */
import { access } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'

/** What became of the links to files. */
export interface LinkReport {
  /** How many documents have such links. */
  readonly documents: number
  readonly checked: number
  /** Those that lead nowhere, by the document that has them. */
  readonly broken: readonly { readonly path: string; readonly links: readonly string[] }[]
}

/** The links of a document that lead nowhere. */
export async function brokenLinksOf(path: string, files: readonly string[], signal: AbortSignal): Promise<string[]> {
  const broken: string[] = []
  for (const link of files) {
    signal.throwIfAborted()
    if (!(await exists(targetOf(path, link)))) broken.push(link)
  }
  return broken
}

/** The file that a link means, without its anchor. */
function targetOf(path: string, link: string): string {
  const file = link.replace(/[?#].*$/s, '')
  try {
    return relative('', join(dirname(path), decodeURIComponent(file)))
  } catch {
    return join(dirname(path), file)
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path || '.').then(
    () => true,
    () => false,
  )
