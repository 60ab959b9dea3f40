/** @module The recipes of the demo: what its workers can run. */
import { defineRecipe, RetryAfterError } from 'offstage'
import type { Study } from './corpus.ts'
import { type Digest, digestOf } from './digest.ts'
import { brokenLinksOf, type LinkReport } from './links.ts'

/** Digests some documents, one after the other. */
export const digest = defineRecipe({
  name: 'digest',
  async run({ paths }: { paths: readonly string[] }, { signal, progress }): Promise<readonly Digest[]> {
    const digests: Digest[] = []
    for (const path of paths) {
      digests.push(await digestOf(path, signal))
      progress(digests.length / paths.length, `${digests.length} of ${paths.length} documents`)
    }
    return digests
  },
  timeout: '30s',
})

/** What a schedule fires every second: it tells when it was due. */
export const pulse = defineRecipe({
  name: 'pulse',
  run: async (_: undefined, { schedule }) => schedule?.scheduledAt.toISOString(),
})

/** Studies all digests together: heavy work, so that it runs in a thread. */
export const study = defineRecipe<undefined, Study>({
  name: 'study',
  thread: new URL('./corpus.js', import.meta.url),
  export: 'study',
})

/** Checks the links of some documents, each an array of the path and the links. */
export const documentLinks = defineRecipe({
  name: 'document-links',
  run: (documents: readonly (readonly [path: string, files: readonly string[]])[], { signal }) =>
    Promise.all(documents.map(([path, files]) => brokenLinksOf(path, files, signal))),
})

/** Checks the links of all documents: a child for the documents of each digest. Its slot is free meanwhile. */
export const links = defineRecipe({
  name: 'links',
  async run(_: undefined, { needs, submitRecipe, progress }): Promise<LinkReport> {
    const shelves = (needs as readonly (readonly Digest[])[])
      .map((digests) => digests.filter(({ files }) => files.length > 0))
      .filter((digests) => digests.length > 0)
    const children = await Promise.all(
      shelves.map((digests, i) => {
        const documents = digests.map(({ path, files }) => [path, files] as const)
        return submitRecipe(documentLinks, documents, { name: `links ${i + 1} of ${shelves.length}` })
      }),
    )
    let done = 0
    const broken = await Promise.all(
      children.map(async (child) => {
        const found = await child.wait()
        progress(++done / children.length, `${done} of ${children.length} children`)
        return found
      }),
    )
    const documents = shelves.flat()
    const found = broken.flat().map((links, i) => ({ path: documents[i]?.path ?? '', links }))
    return {
      documents: documents.length,
      checked: documents.reduce((sum, { files }) => sum + files.length, 0),
      broken: found.filter(({ links }) => links.length > 0),
    }
  },
})

/** Asks a server, and comes back when the server says so. */
export const ask = defineRecipe({
  name: 'ask',
  async run({ url }: { url: string }, { signal }): Promise<string> {
    const response = await fetch(url, { signal })
    const after = response.headers.get('retry-after')
    if (after !== null) throw new RetryAfterError(`${after}s`, `the server asked for ${after} s`)
    return response.text()
  },
})

/** Never returns, never looks at its signal: only the end of its thread ends it. */
export const spin = defineRecipe<undefined, never>({
  name: 'spin',
  thread: new URL('./spin.js', import.meta.url),
  export: 'spin',
})

export const recipes = [pulse, digest, study, documentLinks, links, ask, spin]
