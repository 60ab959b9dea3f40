import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { OffstageError } from '../../src/errors.ts'
import { MemoryStore } from '../../src/index.ts'
import { lookEvery, StoreWatch } from '../../src/inspect/store-watch.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'

class Folder extends MemoryStore {
  readonly path = join(mkdtempSync(join(tmpdir(), 'offstage-watch-')), 'store')
  lose: (error: OffstageError) => void = () => {}
  onLost(listener: (error: OffstageError) => void): () => void {
    this.lose = listener
    return () => {
      this.lose = () => {}
    }
  }
}

function watching(): {
  store: Folder
  clock: VirtualClock
  watch: StoreWatch
  said: string[]
  pass: () => Promise<void>
} {
  const store = new Folder()
  mkdirSync(store.path)
  const clock = new VirtualClock()
  const said: string[] = []
  const watch = new StoreWatch(store, clock, (message) => said.push(message))
  onTestFinished(() => {
    watch.stop()
    rmSync(join(store.path, '..'), { recursive: true, force: true })
  })
  const pass = async (): Promise<void> => {
    const arm = vi.spyOn(clock, 'setTimeout')
    const before = said.length
    await clock.advance(lookEvery)
    // the file system answers when it likes
    await expect.poll(() => arm.mock.calls.length + said.length).toBeGreaterThan(before)
    arm.mockRestore()
  }
  return { store, clock, watch, said, pass }
}

it('tells once that the folder was taken away', async () => {
  const { store, clock, watch, said, pass } = watching()
  watch.start()
  rmSync(store.path, { recursive: true })
  await pass()
  expect(said).toEqual(['The folder of the store was taken away.'])
  await clock.advance(10 * lookEvery)
  expect(said).toHaveLength(1)
})

it('takes a folder in the same place for another one', async () => {
  const { store, watch, said, pass } = watching()
  watch.start()
  await pass()
  renameSync(store.path, `${store.path}-old`)
  mkdirSync(store.path)
  await pass()
  expect(said).toHaveLength(1)
})

it('waits for a folder that is not there yet', async () => {
  const { store, watch, said, pass } = watching()
  rmSync(store.path, { recursive: true })
  watch.start()
  await pass()
  mkdirSync(store.path)
  await pass()
  expect(said).toEqual([])
})

it('tells that the process has lost the store', () => {
  const { store, said } = watching()
  store.lose(new OffstageError('STORE_LOST', 'the disk is full'))
  expect(said).toEqual(['The store is lost: the disk is full'])
})

it('rests while nobody looks', async () => {
  const { store, clock, watch, said } = watching()
  watch.start()
  watch.rest()
  rmSync(store.path, { recursive: true })
  await clock.advance(10 * lookEvery)
  expect(said).toEqual([])
})
