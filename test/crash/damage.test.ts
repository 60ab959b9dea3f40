/** B2: a journal that is cut, or damaged, at every byte. */
import { describe, expect, it } from 'vitest'
import { FrameReader, frames } from '../../src/store/file/frame.ts'

const texts = Array.from({ length: 44 }, (_, i) =>
  JSON.stringify({
    e: `w.${i}`,
    type: 'submit',
    task: `t${i}`,
    at: i,
    name: ['plain', 'ünï', '漢字', '🎭'][i % 4],
    n: i * 7,
  }),
)
const journal = frames(texts)
const ends = texts.map((_, i) => frames(texts.slice(0, i + 1)).length)

function read(bytes: Buffer): { found: string[]; reader: FrameReader } {
  const reader = new FrameReader()
  const found: string[] = []
  reader.push(bytes, (json) => found.push(json) > 0)
  return { found, reader }
}

describe('a journal', () => {
  it.each([0, 37])('gives back every whole record when it is cut at any byte, with %i NULs behind the cut', (nuls) => {
    let cuts = 0
    for (let cut = 0; cut <= journal.length; cut += 1) {
      const whole = ends.filter((end) => end <= cut).length
      const bytes = Buffer.concat([journal.subarray(0, cut), Buffer.alloc(nuls)])
      const { found } = read(bytes)
      expect(found).toEqual(texts.slice(0, whole))
      // and what is appended then is found, too
      const after = read(Buffer.concat([bytes, frames(['{"new":true}'])])).found
      const glued = nuls === 0 && ends.includes(cut + 1)
      expect(after).toEqual([...texts.slice(0, whole + Number(glued)), '{"new":true}'])
      cuts += 1
    }
    expect(cuts).toBe(journal.length + 1)
  })

  it('forges nothing and loses one record at most when two bits of any byte are turned', () => {
    const known = new Set(texts)
    let flips = 0
    for (let at = 0; at < journal.length; at += 1) {
      for (const mask of [0b0000_0011, 0b0100_0001, 0b1000_0100]) {
        const byte = journal[at] as number
        journal[at] = byte ^ mask
        const { found } = read(journal)
        journal[at] = byte
        for (const json of found) if (!known.has(json)) throw new Error(`forged at byte ${at}: ${json}`)
        if (found.length < texts.length - 1)
          throw new Error(`${texts.length - found.length} records lost at byte ${at}`)
        flips += 1
      }
    }
    expect(flips).toBe(3 * journal.length)
  })
})
