/** @module Checks the links between documents: a task with a child for every document that has some. */
import { access } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import type { TaskContext } from 'offstage'
import type { Digest } from './digest.ts'
import { titleOf } from './text.ts'

/** What became of the links to files. */
export interface LinkReport {
  /** How many documents have such links; each was the work of one child. */
  readonly documents: number
  readonly checked: number
  /** Those that lead nowhere, by the document that has them. */
  readonly broken: readonly { readonly path: string; readonly links: readonly string[] }[]
}

/** Submits a child for each document and waits for all of them; its slot is free meanwhile. */
export async function checkLinks({ needs, submit, progress }: TaskContext<readonly Digest[]>): Promise<LinkReport> {
  const documents = needs.filter(({ files }) => files.length > 0)
  let done = 0
  const onComplete = (): void => progress(++done / documents.length, `${done} of ${documents.length} documents`)
  const children = documents.map(({ path, files }) => {
    return submit(brokenLinks, { args: [path, files], name: titleOf(path), onComplete })
  })
  const broken = await Promise.all(children.map((child) => child.wait()))
  return {
    documents: documents.length,
    checked: documents.reduce((sum, { files }) => sum + files.length, 0),
    broken: documents.map(({ path }, i) => ({ path, links: broken[i] ?? [] })).filter(({ links }) => links.length > 0),
  }
}

async function brokenLinks(path: string, files: readonly string[], { signal }: TaskContext): Promise<string[]> {
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
