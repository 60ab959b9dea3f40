/** @module The store that is measured. */
import { FileStore, type FileStoreOptions, type Store } from 'offstage'

/** A file store in a folder. */
export function openStore(dir: string, options: Omit<FileStoreOptions, 'dir'> = {}): Store {
  return new FileStore({ dir, ...options })
}
