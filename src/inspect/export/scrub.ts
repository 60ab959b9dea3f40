/**
 * @module Records without secrets, and not longer than a test should be. Names stay apart that were apart, and the same
 * where they were the same, so that the fold makes the same of them.
 */
import { recipeKey, scheduleKey, userKey } from '../../machines/keys.ts'
import { isFields } from '../../machines/read-record.ts'
import { namesSecret } from '../../redact.ts'

/** The longest value that is written, in characters. */
export const longestValue = 16_384
const hidden = '***'
type Fields = Readonly<Record<string, unknown>>
type Handle = (value: unknown) => unknown

/** What was taken out. */
export interface Scrubbed {
  readonly hidden: number
  readonly cut: number
  /** Values that stand in files of their own, and stay there. */
  readonly elsewhere: number
}

/** Members that say what the fold does: words of ours. */
const words = new Set(['type', 'leaf', 'scope', 'kind', 'status', 'misfire', 'overlap', 'backoff'])

export class Scrubber {
  readonly #redact: (text: string) => string
  readonly #shown = new Map<string, string>()
  readonly #taken = new Set<string>()
  readonly #fingerprints = new Map<string, string>()
  #hidden = 0
  #cut = 0
  #elsewhere = 0
  readonly #handlers: ReadonlyMap<string, Handle>

  constructor(redact: (text: string) => string) {
    this.#redact = redact
    const name: Handle = (value) => (typeof value === 'string' ? this.name(value) : value)
    const names: Handle = (value) => (Array.isArray(value) ? value.map(name) : value)
    const known: Handle = (value) => (isFields(value) ? this.known(value) : name(value))
    const list: Handle = (value) => (Array.isArray(value) ? value.map(known) : value)
    const whole: Handle = (value) => this.#whole(value)
    const same: Handle = (value) => value
    const blob: Handle = (value) => {
      this.#elsewhere += 1
      return value
    }
    const all = (handle: Handle, members: string): [string, Handle][] => members.split(' ').map((m) => [m, handle])
    this.#handlers = new Map([
      ...all(name, 'task claim worker owner recipe idempotencyKey retryOf uid name child key sessionId'),
      ...all(names, 'needs expired forgotten'),
      ...all(known, 'spec context parent schedule wait outcome zombie'),
      ...all(list, 'keys waits'),
      ...all(whole, 'input config metadata result value'),
      ...all(blob, 'inputBlob resultBlob blob'),
      ...all(same, 'limits retry'),
      // a name that the journal gives to each record, for its own use
      ['e', () => undefined],
      ['fingerprint', (value) => (typeof value === 'string' ? this.#fingerprint(value) : value)],
      ['transitions', (rows) => this.#rows(rows, 5)],
      ['history', (rows) => this.#rows(rows, 2)],
      ['stop', (value) => (isFields(value) ? { ...(this.#value(value) as Fields), cause: value.cause } : value)],
    ])
  }

  get counts(): Scrubbed {
    return { hidden: this.#hidden, cut: this.#cut, elsewhere: this.#elsewhere }
  }

  /** A record, or a line of a snapshot. */
  known(fields: Fields): Fields {
    const members = Object.entries(fields).map(([member, value]): [string, unknown] => {
      const handle = this.#handlers.get(member)
      if (handle !== undefined) return [member, handle(value)]
      return [member, words.has(member) && typeof value === 'string' ? value : this.#value(value)]
    })
    return Object.fromEntries(members)
  }

  /** What tells one thing from another. */
  name(text: string): string {
    const prefix = [userKey, recipeKey, scheduleKey].find((each) => text.startsWith(each))
    if (prefix !== undefined) return prefix + this.name(text.slice(prefix.length))
    const known = this.#shown.get(text)
    if (known !== undefined) return known
    const plain = this.#text(text)
    let shown = plain
    for (let n = 2; this.#taken.has(shown); n += 1) shown = `${plain}~${n}`
    this.#shown.set(text, shown)
    this.#taken.add(shown)
    return shown
  }

  /** It tells equal work from other work, and holds the input: a number does the first, and not the second. */
  #fingerprint(text: string): string {
    const known = this.#fingerprints.get(text)
    if (known !== undefined) return known
    const shown = `fingerprint-${this.#fingerprints.size + 1}`
    this.#fingerprints.set(text, shown)
    return shown
  }

  #rows(rows: unknown, place: number): unknown {
    if (!Array.isArray(rows)) return rows
    return rows.map((row) =>
      Array.isArray(row)
        ? row.map((cell, i) => (i === place && typeof cell === 'string' ? this.name(cell) : this.#value(cell)))
        : row,
    )
  }

  /** A value whose form nobody looks at. */
  #whole(value: unknown): unknown {
    const shown = this.#value(value)
    const { length } = JSON.stringify(shown) ?? ''
    if (typeof shown !== 'object' || shown === null || length <= longestValue) return shown
    this.#cut += 1
    return { cut: `${length.toLocaleString('en')} characters of JSON` }
  }

  #value(value: unknown): unknown {
    if (typeof value === 'string') return this.#text(value)
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) return value.map((each) => this.#value(each))
    const members = Object.entries(value).map(([member, each]): [string, unknown] => {
      const isNamed = typeof each !== 'object' && each !== undefined && namesSecret(member, this.#redact)
      if (isNamed) this.#hidden += 1
      return [this.#redact(member), isNamed ? hidden : this.#value(each)]
    })
    return Object.fromEntries(members)
  }

  #text(text: string): string {
    // what is cut may be half a secret: first it is hidden
    const shown = this.#redact(text)
    if (shown !== text) this.#hidden += 1
    if (shown.length <= longestValue) return shown
    this.#cut += 1
    return `${shown.slice(0, longestValue)}… (cut: ${shown.length.toLocaleString('en')} characters)`
  }
}
