/** @module Digests one Markdown document: most of the work of the demo. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { setImmediate as breathe } from 'node:timers/promises'
import { type MarkedToken, marked, type Token } from 'marked'

/** What is known of one document. */
export interface Digest {
  readonly path: string
  /** Of the text: documents of the same hash are copies. */
  readonly hash: string
  readonly words: number
  readonly headings: number
  readonly links: number
  readonly codeBlocks: number
  /** The hosts that it links to, one for each link. */
  readonly hosts: readonly string[]
  /** Links to files beside it. */
  readonly files: readonly string[]
  /** How often each term occurs in it. */
  readonly terms: readonly (readonly [term: string, times: number])[]
}

const words = new Intl.Segmenter('und', { granularity: 'word' })
/** How long a document may keep the other tasks from running, in ms. */
const slice = 8

/** Reads a document and counts what is in it, block by block, so that others have their turns. */
export async function digestOf(path: string, signal: AbortSignal): Promise<Digest> {
  const text = await readFile(path, { encoding: 'utf8', signal })
  const sheet = new Sheet()
  let since = performance.now()
  for (const block of marked.lexer(text)) {
    marked.walkTokens([block], (token) => sheet.add(token))
    if (performance.now() - since < slice) continue
    await breathe(undefined, { signal })
    since = performance.now()
  }
  const hash = createHash('sha256').update(text).digest('base64url')
  return { path, hash, ...sheet.counts() }
}

/** Counts the tokens of one document. */
class Sheet {
  words = 0
  #headings = 0
  #codeBlocks = 0
  readonly #links: string[] = []
  readonly #terms = new Map<string, number>()

  add(given: Token): void {
    const token = given as MarkedToken
    if (token.type === 'heading') this.#headings += 1
    if (token.type === 'code') this.#codeBlocks += 1
    if (token.type === 'link') this.#links.push(token.href)
    if (token.type === 'text' && token.tokens === undefined) this.#read(token.text)
  }

  counts(): Omit<Digest, 'path' | 'hash'> {
    return {
      words: this.words,
      headings: this.#headings,
      links: this.#links.length,
      codeBlocks: this.#codeBlocks,
      hosts: this.#links.flatMap(hostOf),
      files: this.#links.filter((link) => !URL.canParse(link) && !/^(#|\/|$)/.test(link)),
      terms: [...this.#terms],
    }
  }

  #read(text: string): void {
    for (const { segment, isWordLike } of words.segment(text.replace(/&#?\w+;/g, ' '))) {
      if (!isWordLike) continue
      this.words += 1
      const term = segment
        .normalize('NFKC')
        .toLowerCase()
        .replace(/['’]s$/, '')
      if (isTerm(term)) this.#terms.set(term, (this.#terms.get(term) ?? 0) + 1)
    }
  }
}

/** Words of letters; two will do where a letter is a syllable or more. */
const isTerm = (word: string): boolean =>
  /^[\p{L}\p{M}'’-]{3,40}$/u.test(word) || /^[\p{Script=Han}\p{Script=Hangul}\p{Script=Kana}]{2,}$/u.test(word)

function hostOf(link: string): string[] {
  if (!/^https?:/i.test(link) || !URL.canParse(link)) return []
  return [new URL(link).host.replace(/^www\./, '')]
}
