/** @module A log line or a piece of output as one line of a file: what it may hold, and how it is read again. */
import type { NewStreamEntry, StreamEntry } from '../store.ts'

/** The longest line of a log file, in bytes, with its frame. */
export const largestLine = 4 * 1024
/** Newlines, checksum and a space. */
const frame = 11
const levels: ReadonlySet<unknown> = new Set(['debug', 'info', 'warn', 'error'])

/** An entry that fits on a line, and the JSON text of it. */
export interface LogLine {
  readonly entry: StreamEntry
  readonly json: string
}

/** Gives an entry its place. What is too long for a line is cut, and says so. */
export function logLine(given: NewStreamEntry, version: number, n: number): LogLine {
  const entry = placed(given, version, n)
  const whole = fitting(entry)
  if (whole !== undefined) return whole
  if (entry.type === 'output') return cut(entry.chunk, (chunk) => ({ ...entry, chunk }))
  if (entry.data === undefined) return cut(entry.message, (message) => ({ ...entry, message }))
  const noted: StreamEntry = { ...entry, data: leftOut(entry.data) }
  return fitting(noted) ?? cut(entry.message, (message) => ({ ...noted, message }))
}

/** Reads a line again; undefined when it is not of this kind. */
export function readLogLine(json: string): StreamEntry | undefined {
  try {
    const value = JSON.parse(json) as Record<keyof StreamEntry | 'level' | 'message' | 'data' | 'chunk', unknown> | null
    if (typeof value !== 'object' || value === null) return undefined
    const { type, at, version, n, level, message, chunk } = value
    if (!isCount(n) || n === 0 || !isCount(version) || typeof at !== 'number') return undefined
    const known =
      type === 'output' ? typeof chunk === 'string' : type === 'log' && levels.has(level) && typeof message === 'string'
    return known ? placed(value as unknown as NewStreamEntry, version, n) : undefined
  } catch {
    return undefined
  }
}

function placed(entry: NewStreamEntry, version: number, n: number): StreamEntry {
  const { at } = entry
  if (entry.type === 'output') return { type: 'output', at, version, n, chunk: entry.chunk }
  const { level, message, data } = entry
  return data === undefined
    ? { type: 'log', at, version, n, level, message }
    : { type: 'log', at, version, n, level, message, data }
}

function fitting(entry: StreamEntry): LogLine | undefined {
  const json = textOf(entry)
  return json !== undefined && bytesOf(json) <= largestLine - frame ? { entry, json } : undefined
}

/** The longest beginning of a text that fits, with a mark behind it. */
function cut(text: string, having: (text: string) => StreamEntry): LogLine {
  const mark = ` … [cut: ${text.length} characters]`
  const upTo = (length: number): LogLine | undefined => fitting(having(whole(text.slice(0, length)) + mark))
  let fits = 0
  let last = upTo(0)
  let over = Math.min(text.length, largestLine)
  while (over - fits > 1) {
    const middle = (fits + over) >> 1
    const line = upTo(middle)
    if (line === undefined) over = middle
    else {
      fits = middle
      last = line
    }
  }
  const entry = having(mark)
  return last ?? { entry, json: JSON.stringify(entry) }
}

/** Without half a character at the end. */
function whole(text: string): string {
  const last = text.charCodeAt(text.length - 1)
  return last >= 0xd800 && last <= 0xdbff ? text.slice(0, -1) : text
}

function leftOut(data: unknown): string {
  const json = textOf(data)
  return json === undefined ? '[left out: no JSON]' : `[left out: ${bytesOf(json)} bytes]`
}

function textOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}

const bytesOf = (text: string): number => Buffer.byteLength(text)
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
