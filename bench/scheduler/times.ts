/** @module What it costs to read a schedule, to refuse one, and to find its next slot. */
import { nextSlot, parseSchedule } from 'offstage'
import { type Figure, micros, ms, table } from '../lib/report.ts'

const slots = 5_000
const reads = 300
const slotBar = 0.1
const readBar = 10
const now = Date.UTC(2026, 9, 24)
const texts = [
  '*/15 * * * *',
  '30 1 * * *',
  'weekdays at 9am',
  '0 0 29 2 *',
  '0 0 LW * *',
  'every 2 days at 18:30',
  '5m',
]
const bad = ['evry mondya 9am', '0 0 31 2 *', 'cron:garbage', `${'1,'.repeat(120)}1 * * * *`, '1'.repeat(256), 'at:x']

const middle = (taken: readonly number[]): number => [...taken].sort((a, b) => a - b)[taken.length >> 1] ?? 0

/** The mean of a round of a hundred, and the middle one of the rounds. */
function costOfSlots(text: string, tz: string): number {
  const parsed = parseSchedule(text, { tz, now })
  const rounds: number[] = []
  for (let round = 0; round < slots / 100; round += 1) {
    let at = now
    const start = performance.now()
    for (let i = 0; i < 100; i += 1) at = nextSlot(parsed, at) ?? now
    rounds.push((performance.now() - start) / 100)
  }
  return middle(rounds)
}

function costOfReading(text: string): number {
  const taken: number[] = []
  for (let i = 0; i < reads; i += 1) {
    const start = performance.now()
    try {
      parseSchedule(text, { now })
    } catch {
      // most of them are to be refused
    }
    taken.push(performance.now() - start)
  }
  return middle(taken)
}

/** The next slot, and reading what users write. */
export function times(): Figure[] {
  const costs = texts.map((text) => ({ text, utc: costOfSlots(text, 'UTC'), zone: costOfSlots(text, 'Europe/Berlin') }))
  table(
    ['next slot of', 'UTC', 'Europe/Berlin'],
    costs.map(({ text, utc, zone }) => [text, micros(utc), micros(zone)]),
  )
  const readings = [...texts, ...bad].map((text) => ({ text: text.slice(0, 30), cost: costOfReading(text) }))
  table(
    ['reading', 'median'],
    readings.map(({ text, cost }) => [text, micros(cost)]),
  )
  const slowest = Math.max(...costs.flatMap(({ utc, zone }) => [utc, zone]))
  const longest = Math.max(...readings.map(({ cost }) => cost))
  return [
    { what: 'next slot, the dearest kind', bar: ms(slotBar), figure: micros(slowest), met: slowest <= slotBar },
    { what: 'reading or refusing a schedule', bar: ms(readBar), figure: micros(longest), met: longest <= readBar },
  ]
}
