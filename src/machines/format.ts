/** @module The numbers of a journal: who may read it, and who may write to it. */

/** How a journal is laid out. Raised when an older version could not read it. */
export const format = 1
/** How records make a state. Raised whenever any sequence of records can fold to another result. */
export const foldNumber = 1
/** The oldest format that understands how a journal of this version is read, and written. */
export const minReader = 1
export const minWriter = 1

/** The first record of each segment. */
export interface SegmentHeader {
  readonly type: 'header'
  readonly format: number
  readonly fold: number
  readonly minReader: number
  readonly minWriter: number
  readonly storeId: string
}

/** What this version may do with a segment. */
export type HeaderVerdict =
  | { readonly verdict: 'write' }
  | { readonly verdict: 'read' | 'refuse'; readonly reason: string }

/** Judges a header: of its own fold a version reads and writes, of another it only reads, of a newer one neither. */
export function judgeHeader(header: SegmentHeader): HeaderVerdict {
  if (header.minReader > format)
    return {
      verdict: 'refuse',
      reason: `it was written by a newer version (format ${header.format}), which this one cannot read`,
    }
  if (header.minWriter > format)
    return {
      verdict: 'read',
      reason: `it was written by a newer version (format ${header.format}): this one may only read it`,
    }
  if (header.fold !== foldNumber)
    return {
      verdict: 'read',
      reason: `its records are folded by rule ${header.fold}, this version folds by ${foldNumber}: it may only read it`,
    }
  return { verdict: 'write' }
}
