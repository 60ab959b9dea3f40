/**
 * @module Records as lines of a file that many processes append to: `"\n" + crc32 + " " + json + "\n"`.
 * The leading newline keeps a good record apart from a fragment that a killed process left before it.
 */
import { isUtf8 } from 'node:buffer'
import { crc32 } from 'node:zlib'

/** The longest JSON text of a record, in bytes. */
export const largestRecord = 256 * 1024

const newline = 0x0a
const space = 0x20
/** Eight hex digits and a space stand before the JSON. */
const prefix = 9

const checksum = (data: string | Uint8Array): string => crc32(data).toString(16).padStart(8, '0')

/** One buffer of records, to be appended by one write. */
export function frames(texts: readonly string[]): Buffer {
  let all = ''
  for (const text of texts) all += `\n${checksum(text)} ${text}\n`
  return Buffer.from(all)
}

/** Reads framed records out of the bytes of a file, in whatever pieces they come. */
export class FrameReader {
  /** Lines that were skipped: torn, damaged, or not framed at all. */
  damaged = 0
  /** Where in the file the first byte stands that has not been read as part of a whole line. */
  position: number
  #tail: Buffer = Buffer.alloc(0)
  /** Inside a line too long to be kept. */
  #skipping = false

  constructor(position = 0) {
    this.position = position
  }

  /** Where in the file the next bytes to be pushed stand. */
  get next(): number {
    return this.position + this.#tail.length
  }

  /** Bytes of a line that is not finished: in progress, or torn. */
  get unfinished(): number {
    return this.#tail.length
  }

  /** Skips bytes that are known to be whole lines. Only without an unfinished one. */
  advance(bytes: number): void {
    this.position += bytes
  }

  /**
   * Reads on.
   *
   * @param each Called with the JSON text of each whole record; answers false to end the reading behind it.
   * @returns False when `each` ended it: what follows was not read.
   */
  push(bytes: Buffer, each: (json: string) => boolean): boolean {
    const data = this.#tail.length === 0 ? bytes : Buffer.concat([this.#tail, bytes])
    let start = 0
    for (let end = data.indexOf(newline, start); end >= 0; end = data.indexOf(newline, start)) {
      const json = this.#skipping ? this.#skipped() : this.#read(data, start, end)
      start = end + 1
      if (json === undefined || each(json)) continue
      this.#tail = Buffer.alloc(0)
      this.position += start
      return false
    }
    this.position += start
    this.#keep(data.subarray(start))
    return true
  }

  #read(data: Buffer, start: number, end: number): string | undefined {
    const length = end - start
    if (length === 0) return undefined
    if (length > prefix && length <= prefix + largestRecord && data[start + prefix - 1] === space) {
      const body = data.subarray(start + prefix, end)
      if (data.toString('latin1', start, start + prefix - 1) === checksum(body) && isUtf8(body))
        return data.toString('utf8', start + prefix, end)
    }
    this.damaged += 1
    return undefined
  }

  #skipped(): undefined {
    this.#skipping = false
    this.damaged += 1
  }

  #keep(rest: Buffer): void {
    if (rest.length <= prefix + largestRecord) {
      // the piece it is a view of may be large, and used again
      this.#tail = Buffer.from(rest)
      return
    }
    this.#skipping = true
    this.position += rest.length
    this.#tail = Buffer.alloc(0)
  }
}
