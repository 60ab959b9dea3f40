/** @module Records as they come out of a journal: whatever stands there, the fold gets only what has the shape of a record. */
import type { SegmentHeader } from './format.ts'
import type { StoreRecord } from './records.ts'

type Check = (value: unknown) => boolean
type Shape = readonly (readonly [field: string, check: Check])[]

const text: Check = (value) => typeof value === 'string'
const number: Check = (value) => typeof value === 'number'
const maybe =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value)
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check)
const object: Check = (value) => typeof value === 'object' && value !== null && !Array.isArray(value)
const like =
  (shape: Shape): Check =>
  (value) =>
    object(value) && fits(value as Record<string, unknown>, shape)
const oneOf =
  (...values: readonly string[]): Check =>
  (value) =>
    values.includes(value as string)

function fits(value: Record<string, unknown>, shape: Shape): boolean {
  for (const [field, check] of shape) if (!check(Object.hasOwn(value, field) ? value[field] : undefined)) return false
  return true
}

const blob = like([
  ['name', text],
  ['hash', text],
  ['bytes', number],
])
const ofTask: Shape = [
  ['task', text],
  ['at', number],
]
const ofClaim: Shape = [...ofTask, ['claim', text]]
const limits = like([
  ['timeout', maybe(number)],
  ['grace', number],
  ['maxAttempts', number],
  ['maxOrphans', number],
])
const key = like([
  ['key', text],
  ['limit', number],
])
const failure: Check = (value) =>
  like([
    ['code', text],
    ['message', text],
    ['stack', maybe(text)],
    ['cause', maybe(object)],
  ])(value)
const waitFor: Check = (value) => {
  if (!object(value)) return false
  const { kind, child, prompt } = value as Record<string, unknown>
  return kind === 'child' ? text(child) : kind === 'input' && maybe(text)(prompt)
}

const shapes: ReadonlyMap<unknown, Shape> = new Map<string, Shape>([
  [
    'submit',
    [
      ...ofTask,
      ['name', text],
      ['limits', limits],
      ['recipe', maybe(text)],
      ['inputBlob', maybe(blob)],
      ['sessionId', maybe(text)],
      ['owner', maybe(text)],
      ['tags', maybe(listOf(text))],
      ['metadata', maybe(object)],
      ['priority', maybe(number)],
      ['delay', maybe(number)],
      ['deadline', maybe(number)],
      ['keys', maybe(listOf(key))],
      ['needs', maybe(listOf(text))],
      ['needNames', maybe(listOf(text))],
      ['idempotencyKey', maybe(text)],
      ['fingerprint', maybe(text)],
      [
        'parent',
        maybe(
          like([
            ['task', text],
            ['claim', text],
          ]),
        ),
      ],
      ['retryOf', maybe(text)],
      ['trace', maybe(text)],
      // a function has no place in a journal
      ['local', (value) => value === undefined],
    ],
  ],
  ['start', [...ofClaim, ['run', number], ['worker', text]]],
  ['progress', [...ofClaim, ['fraction', number], ['message', maybe(text)]]],
  ['ask', [...ofClaim, ['ask', number], ['wait', waitFor]]],
  ['answer', [...ofClaim, ['ask', number]]],
  ['complete', [...ofClaim, ['resultBlob', maybe(blob)]]],
  ['fail', [...ofClaim, ['error', failure], ['retryAt', maybe(number)]]],
  ['cancel', [...ofTask, ['reason', maybe(text)], ['by', maybe(text)]]],
  ['shutdown', ofClaim],
  ['ended', ofClaim],
  ['abandon', ofClaim],
  ['release', ofClaim],
  ['freed', ofClaim],
  ['forget', ofTask],
  [
    'expire',
    [
      ['worker', text],
      ['at', number],
    ],
  ],
  [
    'header',
    [
      ['format', number],
      ['fold', number],
      ['minReader', number],
      ['minWriter', number],
      ['storeId', text],
    ],
  ],
])
const scope = oneOf('attempt', 'deadline')

/**
 * Tells what a parsed line is.
 *
 * @returns The record; `'unknown'` for a type that this version does not know; undefined for a known type that is damaged.
 */
export function readRecord(value: unknown): StoreRecord | SegmentHeader | 'unknown' | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const line = value as Record<string, unknown>
  const { type } = line
  if (type === 'timeout') {
    const isWhole = scope(line['scope']) && fits(line, line['scope'] === 'attempt' ? timeoutOfAttempt : ofTask)
    return isWhole ? (value as StoreRecord) : undefined
  }
  const shape = shapes.get(type)
  if (shape === undefined) return typeof type === 'string' ? 'unknown' : undefined
  return fits(line, shape) ? (value as StoreRecord | SegmentHeader) : undefined
}

const timeoutOfAttempt: Shape = [...ofClaim, ['retryAt', maybe(number)]]
