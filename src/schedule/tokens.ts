/** @module The words of a schedule, each with its place, read from left to right once. */

/** `end` comes after the last of the words. */
export type TokenKind = 'word' | 'number' | 'sign' | 'end'

/** A piece of the text: letters, digits with at most one point, or one other character. */
export interface Token {
  readonly kind: TokenKind
  /** In lower case. */
  readonly text: string
  /** Where it begins, counted from 0. */
  readonly start: number
  readonly end: number
}

const isSpace = (code: number): boolean => code === 32 || (code >= 9 && code <= 13)
const isDigit = (code: number): boolean => code >= 48 && code <= 57
const isLetter = (code: number): boolean => (code >= 97 && code <= 122) || (code >= 65 && code <= 90)

/** Reads the words of a text. Its cost grows with the length of the text alone. */
export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at < text.length) {
    const start = at
    const code = text.charCodeAt(at)
    at += 1
    if (isSpace(code)) continue
    if (isLetter(code)) {
      while (isLetter(text.charCodeAt(at))) at += 1
      tokens.push(token('word', text, start, at))
    } else if (isDigit(code)) {
      while (isDigit(text.charCodeAt(at))) at += 1
      if (text[at] === '.' && isDigit(text.charCodeAt(at + 1))) {
        at += 1
        while (isDigit(text.charCodeAt(at))) at += 1
      }
      tokens.push(token('number', text, start, at))
    } else tokens.push(token('sign', text, start, at))
  }
  tokens.push(token('end', text, text.length, text.length))
  return tokens
}

function token(kind: TokenKind, text: string, start: number, end: number): Token {
  return { kind, text: text.slice(start, end).toLowerCase(), start, end }
}

/** What is wrong with a text, and at which of its characters. */
export class Misread extends Error {
  readonly start: number
  readonly end: number

  constructor(why: string, { start, end }: { readonly start: number; readonly end: number }) {
    super(why)
    this.start = start
    this.end = end
  }
}

/** Goes through the words of a text, one by one. */
export class Words {
  readonly #tokens: readonly Token[]
  #at = 0

  constructor(text: string) {
    this.#tokens = tokenize(text)
  }

  /** The word that is next, or the one `ahead` of it. */
  peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)] as Token
  }

  /** Takes the next word. */
  take(): Token {
    const token = this.peek()
    this.#at = Math.min(this.#at + 1, this.#tokens.length - 1)
    return token
  }

  /** Takes the next word if it is one of these. */
  skip(...texts: readonly string[]): boolean {
    const { kind, text } = this.peek()
    if (kind === 'end' || !texts.includes(text)) return false
    this.take()
    return true
  }

  /** Stops the reading at a word, the next one unless another is given. */
  fail(wanted: string, token = this.peek()): never {
    throw new Misread(token.kind === 'end' ? `${wanted} is missing at its end` : `there should be ${wanted}`, token)
  }

  /** Nothing may come any more. */
  finish(): void {
    if (this.peek().kind !== 'end') throw new Misread('nothing more should come here', this.peek())
  }
}
