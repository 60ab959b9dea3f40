/** @module The schedule that was probably meant by one that cannot be read. */
import { looksLikeCron } from './cron-line.ts'
import { tokenize } from './tokens.ts'
import { vocabulary } from './units.ts'

const cronExample = 'cron:0 9 * * 1-5'
const examples = [
  'hourly',
  'daily',
  '*/30m',
  'every 5 minutes',
  'every day at 9am',
  'weekdays at 9am',
  'every monday at 9am',
  'every 2 days at 18:30',
  'on the 1st at 9am',
  'at 9am',
  'tomorrow at 5pm',
  'in 20 minutes',
  'at:2030-01-01T09:00',
  cronExample,
]
const mostRepairs = 6
const longest = 64

/**
 * Looks for a valid schedule near a text.
 *
 * @param text What cannot be read.
 * @param isValid Whether a text can.
 * @returns The text with misspelt words mended, if that helps; otherwise the example that is most like it.
 */
export function nearestSchedule(text: string, isValid: (text: string) => boolean): string {
  const start = text.trim().slice(0, longest)
  return mended(start, isValid) ?? likest(start, isValid)
}

function mended(text: string, isValid: (text: string) => boolean): string | undefined {
  const pieces = tokenize(text).filter(({ kind }) => kind !== 'end')
  const words = pieces.map((token) => ({ ...token, text: token.kind === 'word' ? meant(token.text) : token.text }))
  const plain = words.reduce(
    (all, { text: word, start }, index) => all + (index > 0 && pieces[index - 1]?.end !== start ? ' ' : '') + word,
    '',
  )
  const unsigned = plain.split('-').join('')
  const tries = [plain, `at ${plain}`, `every ${plain}`, `every day at ${plain}`, `cron:${plain}`, unsigned]
  return tries.slice(0, mostRepairs).find((attempt) => attempt !== text && isValid(attempt))
}

function meant(word: string): string {
  if (word.length < 3 || word.length > 12 || vocabulary.includes(word)) return word
  const near = vocabulary
    .filter((known) => Math.abs(known.length - word.length) <= 2 && known.length > 2)
    .map((known) => ({ known, away: distance(word, known) }))
    .sort((a, b) => a.away - b.away)[0]
  return near !== undefined && near.away <= (word.length < 5 ? 1 : 2) ? near.known : word
}

/** Examples that begin alike come before those that are alike as a whole. */
function likest(text: string, isValid: (text: string) => boolean): string {
  const lower = text.toLowerCase()
  const scored = examples.filter(isValid).map((known) => ({
    known,
    away:
      distance(lower, known) -
      (beginning(known) === beginning(looksLikeCron(text) ? cronExample : lower) ? longest : 0),
  }))
  return scored.sort((a, b) => a.away - b.away)[0]?.known ?? cronExample
}

function beginning(text: string): string {
  const [first, second] = tokenize(text)
  return `${first?.text}${second?.text === ':' ? ':' : ''}`
}

/** How many letters have to be changed, added or left out to make one text of another. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (let i = 1; i <= one.length; i++) {
    const next = [i]
    for (let j = 1; j <= other.length; j++) {
      const changed = (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1)
      next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[other.length] ?? 0
}
