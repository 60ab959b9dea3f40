import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, it } from 'vitest'
import { FileStore } from '../../../src/store/file/store.ts'
import { storeContract } from '../../../src/testing/store-contract.ts'

const home = mkdtempSync(join(tmpdir(), 'offstage-contract-'))
let made = 0
const folders = new WeakMap<object, string>()

const open = (dir: string): FileStore => {
  const store = new FileStore(dir)
  folders.set(store, dir)
  return store
}
const again = (store: object): FileStore => open(folders.get(store) ?? '')

afterAll(() => rmSync(home, { recursive: true }))

storeContract('FileStore', {
  describe,
  it,
  makeStore: () => open(join(home, String(++made))),
  peer: again,
  reopen: again,
})
