import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BackgroundRunner, coreOf } from '../../src/runner/runner.ts'
import { FileScheduleStore } from '../../src/schedule/file-schedule-store.ts'
import { askingRunner, checkSource, storeOf } from '../../src/schedule/source.ts'
import { FileStore } from '../../src/store/file/store.ts'
import { MemoryStore } from '../../src/store/memory.ts'

let dir = ''
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'offstage-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

describe('where schedules are', () => {
  it('may be a store, a store of schedules, or a folder; only what was made is closed by who asked', () => {
    const memory = new MemoryStore()
    const schedules = new FileScheduleStore(join(dir, 'a'))
    expect(storeOf(memory)).toEqual({ store: memory, owned: false })
    expect(storeOf(schedules)).toEqual({ store: schedules.store, owned: false })
    const made = storeOf(join(dir, 'b'))
    expect(made.store).toBeInstanceOf(FileStore)
    expect(made.owned).toBe(true)
    expect(storeOf(undefined).owned).toBe(true)
  })

  it('is nothing else', () => {
    for (const wrong of [7, null, true, {}, [], '', 'a\0b', () => {}])
      expect(() => checkSource(wrong)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  })

  it('is not opened by being named', async () => {
    storeOf(join(dir, 'never'))
    await askingRunner(join(dir, 'never')).close()
    expect(await readdir(dir)).not.toContain('never')
  })
})

describe('the runner that asks', () => {
  it('is the given one, or one that neither works nor fires', async () => {
    const given = new BackgroundRunner()
    expect(askingRunner(given).runner).toBe(given)
    const store = new MemoryStore()
    const { runner, close } = askingRunner(store)
    expect(coreOf(runner).store).toBe(store)
    expect(coreOf(runner).settings).toMatchObject({ work: false, schedules: false })
    await close()
    expect(runner.stats.state).toBe('stopped')
    await askingRunner(given).close()
    expect(given.stats.state).toBe('active')
  })
})
