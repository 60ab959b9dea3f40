/** @module Stores that are named by a text. */
import { resolve } from 'node:path'
import { ValidationError } from '../errors.ts'
import { FileStore } from '../store/file/store.ts'
import type { Store } from '../store/store.ts'

const schemes = "'file:' and a folder, such as 'file:./.offstage'"

/**
 * The store that a text means.
 *
 * @param from What a folder is relative to. `@default` the working directory
 * @throws {ValidationError} INVALID_OPTION, telling what is known.
 */
export function storeFrom(text: string, from = ''): Store {
  if (text.startsWith('file:')) {
    const dir = text.slice('file:'.length).replace(/^\/\/(?=\/)/, '')
    return dir === '' ? new FileStore() : new FileStore(resolve(from, dir))
  }
  // what stands there may hold a password
  throw new ValidationError('store', `a store, or ${schemes}`, /^[a-z]+:/.exec(text)?.[0] ?? 'another text')
}
