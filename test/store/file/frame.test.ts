import { describe, expect, it } from 'vitest'
import { FrameReader, frames, largestRecord } from '../../../src/store/file/frame.ts'

const read = (bytes: Buffer, reader = new FrameReader()): string[] => {
  const found: string[] = []
  reader.push(bytes, (json) => found.push(json) > 0)
  return found
}

describe('frames', () => {
  it('come out as they went in, whatever the text', () => {
    const texts = ['{}', '{"a":"ü 漢字 🎭"}', JSON.stringify({ text: '\n\r\u2028 "quoted"' })]
    expect(read(frames(texts))).toEqual(texts)
  })

  it('are lines that a person can read', () => {
    expect(frames(['{"type":"seal"}']).toString()).toMatch(/^\n[0-9a-f]{8} \{"type":"seal"\}\n$/)
  })

  it('are found in whatever pieces they come', () => {
    const texts = Array.from({ length: 20 }, (_, i) => JSON.stringify({ i, text: 'é'.repeat(i) }))
    const bytes = frames(texts)
    for (let size = 1; size < 40; size += 1) {
      const reader = new FrameReader()
      const found: string[] = []
      for (let at = 0; at < bytes.length; at += size) {
        reader.push(bytes.subarray(at, at + size), (json) => found.push(json) > 0)
      }
      expect(found).toEqual(texts)
      expect([reader.position, reader.next, reader.damaged]).toEqual([bytes.length, bytes.length, 0])
    }
  })

  it('are not acted on before their line is finished', () => {
    const reader = new FrameReader()
    const bytes = frames(['{"a":1}'])
    expect(read(bytes.subarray(0, -1), reader)).toEqual([])
    expect([reader.position, reader.unfinished, reader.damaged]).toEqual([1, bytes.length - 2, 0])
    expect(read(bytes.subarray(-1), reader)).toEqual(['{"a":1}'])
  })

  it('survive a fragment before them', () => {
    const torn = frames(['{"a":1}']).subarray(0, 12)
    const reader = new FrameReader()
    expect(read(Buffer.concat([torn, frames(['{"b":2}'])]), reader)).toEqual(['{"b":2}'])
    expect(reader.damaged).toBe(1)
  })

  it('are skipped when a byte of them is not what it was, and counted', () => {
    const bytes = frames(['{"a":1}', '{"b":2}'])
    bytes[14] = 0x39
    const reader = new FrameReader()
    expect(read(bytes, reader)).toEqual(['{"b":2}'])
    expect(reader.damaged).toBe(1)
  })

  it('end where the reader is told to', () => {
    const bytes = frames(['1', '2', '3'])
    const reader = new FrameReader()
    const found: string[] = []
    expect(reader.push(bytes, (json) => found.push(json) < 2)).toBe(false)
    expect(found).toEqual(['1', '2'])
    expect(reader.position).toBe(frames(['1', '2']).length)
  })

  it('are refused above the largest size, without being kept in memory', () => {
    const reader = new FrameReader()
    const huge = Buffer.from(`\n00000000 ${'x'.repeat(largestRecord * 3)}`)
    expect(read(huge, reader)).toEqual([])
    expect(reader.unfinished).toBeLessThan(largestRecord)
    expect(read(frames(['{"b":2}']), reader)).toEqual(['{"b":2}'])
    expect(reader.damaged).toBe(1)
  })
})
