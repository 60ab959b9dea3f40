/** @module The numbers of a journal: who may read it, and who may write to it. */

/** How a journal is laid out. Raised when an older version could not read it. */
export const format = 1
/** How records make a state. Raised whenever any sequence of records can fold to another result. */
export const foldNumber = 1
/** The lowest format that a version must understand to read what this one writes, and to write to it. */
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

/** What this version may do with a segment, and why no more. */
export type HeaderVerdict =
  | { readonly verdict: 'write' }
  | {
      readonly verdict: 'read' | 'refuse'
      readonly code: 'DAMAGED' | 'NEWER_FORMAT' | 'OTHER_FOLD'
      readonly reason: string
    }

/** Judges a header: of its own fold a version reads and writes, of another it only reads, of a newer format perhaps neither. */
export function judgeHeader(header: SegmentHeader): HeaderVerdict {
  const { format: written, fold, minReader: reader, minWriter: writer } = header
  if (![written, fold, reader, writer].every((each) => Number.isSafeInteger(each) && each >= 1))
    return { verdict: 'refuse', code: 'DAMAGED', reason: 'its header does not say which format it has' }
  if (reader > format)
    return {
      verdict: 'refuse',
      code: 'NEWER_FORMAT',
      reason: `it was written by a newer version (format ${written}), which this one cannot read`,
    }
  if (writer > format)
    return {
      verdict: 'read',
      code: 'NEWER_FORMAT',
      reason: `it was written by a newer version (format ${written}): this one may only read it`,
    }
  if (fold !== foldNumber)
    return {
      verdict: 'read',
      code: 'OTHER_FOLD',
      reason: `its records are folded by rule ${fold}, this version folds by ${foldNumber}: it may only read it`,
    }
  return { verdict: 'write' }
}
