import { describe, expect, it } from 'vitest'
import { largestLine, logLine, readLogLine } from '../../../src/store/file/log-line.ts'
import type { NewStreamEntry } from '../../../src/store/store.ts'

const log = { type: 'log', at: 5, level: 'info', message: 'm' } as const
const bytes = (json: string): number => Buffer.byteLength(json) + 11

describe('logLine', () => {
  it('gives an entry its place, and keeps nothing but what belongs to it', () => {
    const given = { ...log, data: { a: 1 }, secret: 1 } as NewStreamEntry
    const { entry, json } = logLine(given, 3, 7)
    expect(entry).toEqual({ ...log, data: { a: 1 }, version: 3, n: 7 })
    expect(JSON.parse(json)).toEqual(entry)
    expect(logLine({ type: 'output', at: 5, chunk: 'x' }, 1, 1).entry).toEqual({
      type: 'output',
      at: 5,
      version: 1,
      n: 1,
      chunk: 'x',
    })
  })

  it('lets a line grow to 4 KiB, and cuts a longer one with a mark that says how long it was', () => {
    const room = largestLine - bytes(logLine({ type: 'output', at: 5, chunk: '' }, 1, 1).json)
    const fits = logLine({ type: 'output', at: 5, chunk: 'x'.repeat(room) }, 1, 1)
    expect(bytes(fits.json)).toBe(largestLine)
    const cut = logLine({ type: 'output', at: 5, chunk: 'x'.repeat(room + 1) }, 1, 1)
    expect(bytes(cut.json)).toBe(largestLine)
    expect(cut.entry).toMatchObject({ chunk: expect.stringMatching(/^x+ … \[cut: \d+ characters\]$/) })
    expect(JSON.stringify(cut.entry)).toContain(`cut: ${room + 1} characters`)
  })

  it.each([
    ['control characters', '\u0000'.repeat(3_000)],
    ['three bytes a character', '語'.repeat(3_000)],
    ['pairs', '👩'.repeat(3_000)],
    ['half a pair', `${'x'.repeat(5_000)}\ud83d`],
    ['a megabyte', 'y'.repeat(1_000_000)],
  ])('cuts a message of %s within the line, and no character in two', (_, message) => {
    const { entry, json } = logLine({ ...log, message }, 1, 1)
    expect(bytes(json)).toBeLessThanOrEqual(largestLine)
    expect(bytes(json)).toBeGreaterThan(largestLine - 20)
    expect('message' in entry && entry.message.isWellFormed()).toBe(true)
  })

  it('leaves out data that is too large, says so, and keeps the message', () => {
    const { entry, json } = logLine({ ...log, data: 'z'.repeat(5_000) }, 1, 1)
    expect(entry).toMatchObject({ message: 'm', data: '[left out: 5002 bytes]' })
    expect(bytes(json)).toBeLessThan(200)
    const both = logLine({ ...log, message: 'm'.repeat(9_000), data: 'z'.repeat(5_000) }, 1, 1)
    expect(both.entry).toMatchObject({ data: '[left out: 5002 bytes]', message: expect.stringContaining('[cut: 9000') })
    expect(bytes(both.json)).toBeLessThanOrEqual(largestLine)
  })

  it('leaves out what is no JSON', () => {
    expect(logLine({ ...log, data: 1n }, 1, 1).entry).toMatchObject({ data: '[left out: no JSON]' })
  })
})

describe('readLogLine', () => {
  it('reads what logLine wrote', () => {
    for (const given of [log, { ...log, data: null }, { type: 'output', at: 1, chunk: '語\n' }] as NewStreamEntry[]) {
      const { entry, json } = logLine(given, 2, 3)
      expect(readLogLine(json)).toEqual(entry)
    }
  })

  it.each([
    'null',
    '[]',
    '1',
    'x',
    '{}',
    '{"type":"log","at":1,"version":1,"n":0,"level":"info","message":"m"}',
    '{"type":"log","at":1,"version":1,"n":1e300,"level":"info","message":"m"}',
    '{"type":"log","at":"1","version":1,"n":1,"level":"info","message":"m"}',
    '{"type":"log","at":1,"version":1,"n":1,"level":"loud","message":"m"}',
    '{"type":"output","at":1,"version":1,"n":1,"message":"m"}',
    '{"type":"other","at":1,"version":1,"n":1,"message":"m"}',
  ])('takes nothing for an entry that is none: %s', (json) => {
    expect(readLogLine(json)).toBeUndefined()
  })
})
