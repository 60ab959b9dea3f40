/** @module Inputs and results that are too large for a record: a file each, on the medium before the record names it. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { StoreError, show } from '../../errors.ts'
import type { BlobRef } from '../../machines/records.ts'
import type { Disk, FileHandle } from './disk.ts'
import { replace } from './publish.ts'

/** The largest value, in bytes of JSON. */
export const largestBlob = 64 * 1024 * 1024
const piece = 1024 * 1024
const blobName = /^[0-9a-f]{32}$/
const full: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

/** The values that a store keeps apart. They are data of their tasks, and go with them. */
export class Blobs {
  readonly #disk: Disk
  readonly #folder: string

  /** @param options - `folder`: made when the first blob is written. */
  constructor(options: { disk: Disk; folder: string }) {
    this.#disk = options.disk
    this.#folder = options.folder
  }

  /**
   * Keeps a value.
   *
   * Its name is made of the content as well: what a worker writes that was declared dead, or who submits another input
   * under the same id, must not take the place of what a record names already.
   *
   * @returns When it is on the medium.
   * @throws {StoreError} TOO_LARGE, STORE_FULL, or STORE: then nothing is kept.
   */
  async put(task: string, role: 'input' | 'result', json: string): Promise<BlobRef> {
    const bytes = Buffer.byteLength(json)
    if (bytes > largestBlob) {
      throw new StoreError('TOO_LARGE', `the ${role} of task ${task} has ${bytes} bytes, the limit is ${largestBlob}`)
    }
    const content = Buffer.from(json)
    const hash = await hashOf(content)
    const name = createHash('sha256').update(`${role} ${task} ${hash}`).digest('hex').slice(0, 32)
    try {
      if (this.#disk.lstat(this.#folder) === undefined) this.#disk.makeFolder(this.#folder)
      await replace(this.#disk, this.#pathOf(name), parts(content))
    } catch (error) {
      const code = full.has((error as { code?: unknown } | null)?.code) ? 'STORE_FULL' : 'STORE'
      throw new StoreError(code, `the ${role} of task ${task} could not be kept: ${show(error)}`, { cause: error })
    }
    return { name, hash, bytes }
  }

  /**
   * The value behind a reference.
   *
   * @throws {StoreError} STORE, naming the blob, when it is missing, damaged or cannot be read.
   */
  read(ref: BlobRef): unknown {
    const content = this.#contentOf(ref)
    if (createHash('sha256').update(content).digest('hex') !== ref.hash) throw damaged(ref, 'its content has changed')
    try {
      return JSON.parse(content.toString())
    } catch (error) {
      throw damaged(ref, 'it is not JSON', error)
    }
  }

  /** Whether there is a file for it. One that was put long before its record was written may have been removed. */
  has(ref: BlobRef): boolean {
    return this.#disk.lstat(this.#pathOf(ref.name))?.size === ref.bytes
  }

  /**
   * Removes blobs that no record names.
   *
   * @param kept The names in the references that are left.
   * @param before Only files that have not changed since, in epoch ms: a new one may be named by the next record.
   * @returns How many were removed.
   */
  clean(kept: ReadonlySet<string>, before: number): number {
    let removed = 0
    for (const name of this.#disk.list(this.#folder)) {
      if (kept.has(name) || !blobName.test(name)) continue
      const path = this.#pathOf(name)
      const stat = this.#disk.lstat(path)
      if (stat !== undefined && stat.mtimeMs < before && this.#disk.remove(path)) removed += 1
    }
    return removed
  }

  /** How many bytes all of them take. */
  size(): number {
    let bytes = 0
    for (const name of this.#disk.list(this.#folder)) bytes += this.#disk.lstat(this.#pathOf(name))?.size ?? 0
    return bytes
  }

  #pathOf(name: string): string {
    return join(this.#folder, name)
  }

  #contentOf(ref: BlobRef): Buffer {
    // a reference comes out of a file: it must not lead out of the folder
    const isSound = blobName.test(ref.name) && ref.bytes >= 0 && ref.bytes <= largestBlob
    if (!isSound) throw damaged(ref, 'its reference is not one of this store')
    let file: FileHandle | undefined
    try {
      file = this.#disk.openRead(this.#pathOf(ref.name))
      if (file === undefined) throw new StoreError('STORE', `blob ${ref.name} is missing`)
      if (this.#disk.stat(file).size !== ref.bytes) throw damaged(ref, 'its length has changed')
      const content = Buffer.alloc(ref.bytes)
      for (let read = 0; read < content.length; ) {
        const more = this.#disk.read(file, content.subarray(read), read)
        if (more === 0) throw damaged(ref, 'its length has changed')
        read += more
      }
      return content
    } catch (error) {
      if (StoreError.is(error)) throw error
      throw new StoreError('STORE', `blob ${ref.name} could not be read: ${show(error)}`, { cause: error })
    } finally {
      if (file !== undefined) this.#disk.close(file)
    }
  }
}

function* parts(content: Buffer): Generator<Buffer> {
  for (let from = 0; from < content.length; from += piece) yield content.subarray(from, from + piece)
}

/** Piece by piece: the largest takes longer than an event loop should stand still. */
async function hashOf(content: Buffer): Promise<string> {
  const hash = createHash('sha256')
  for (const part of parts(content)) {
    hash.update(part)
    if (content.length > piece) await turn()
  }
  return hash.digest('hex')
}

function damaged({ name }: BlobRef, why: string, cause?: unknown): StoreError {
  return new StoreError('STORE', `blob ${show(name)} is damaged: ${why}`, { cause })
}
