/** @module What users wrote, as it is shown: bounded, and without secrets. */

import { namesSecret } from '../../redact.ts'

type Redact = (text: string) => string

/** The longest value that is shown, in characters of its JSON. */
const longestValue = 65_536
const deepest = 32
const longestName = 200

/** A text that is shown, with what is too long cut. */
export function shown(text: string, redact: Redact, most = longestName): string {
  // what is cut may be half a secret: first it is hidden
  const plain = redact(text.length > 4 * most ? text.slice(0, 4 * most) : text)
  return plain.length <= most ? plain : `${plain.slice(0, most - 1)}…`
}

/** A value that is shown: JSON, its secrets hidden, by their look and by the names of their members. */
export function shownValue(value: unknown, redact: Redact): unknown {
  if (value === undefined) return undefined
  let json: string | undefined
  try {
    json = JSON.stringify(value)
  } catch {
    return 'not shown: it is no JSON'
  }
  if (json === undefined) return undefined
  if (json.length > longestValue) return `not shown: its JSON has ${json.length.toLocaleString('en')} characters`
  return hide(JSON.parse(json), redact, deepest)
}

function hide(value: unknown, redact: Redact, left: number): unknown {
  if (typeof value === 'string') return redact(value)
  if (typeof value !== 'object' || value === null) return value
  if (left === 0) return '…'
  if (Array.isArray(value)) return value.map((each) => hide(each, redact, left - 1))
  const copy: [string, unknown][] = Object.entries(value).map(([key, each]) => {
    const isNamed = typeof each !== 'object' && namesSecret(key, redact)
    return [redact(key), isNamed ? '***' : hide(each, redact, left - 1)]
  })
  return Object.fromEntries(copy)
}
