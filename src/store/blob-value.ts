/** @module Values that stand in files of their own: who holds a reference can read the value behind it. */
import { StoreError } from '../errors.ts'
import type { BlobRef } from '../machines/records.ts'

const readers = new WeakMap<BlobRef, (ref: BlobRef) => unknown>()

/** Says how the value behind a reference is read. */
export function readsBlob(ref: BlobRef | undefined, read: (ref: BlobRef) => unknown): void {
  if (ref !== undefined) readers.set(ref, read)
}

/** The value behind a reference. It is read each time: it is large. @throws {StoreError} STORE */
export function blobValue(ref: BlobRef): unknown {
  const read = readers.get(ref)
  if (read === undefined)
    throw new StoreError('STORE', `the value ${ref.name} belongs to a store that is not open here`)
  return read(ref)
}
