import { describe, expect, it } from 'vitest'
import { beatBytes, beatLine } from '../../../src/store/file/heartbeat.ts'
import {
  aboutLine,
  infoAt,
  isWorkerFile,
  sightAt,
  workerFile,
  writeWorker,
} from '../../../src/store/file/worker-file.ts'
import { FaultyDisk } from '../../../src/testing/faulty-disk.ts'

const path = '/w/worker.json'

const about = (id: string, recipes: readonly string[]) => aboutLine({ id, recipes, startedAt: 7, lease: 1_000 })

function written(recipes: readonly string[] = []): FaultyDisk {
  const disk = new FaultyDisk()
  disk.makeFolder('/w')
  writeWorker(disk, path, about('worker', recipes), 9)
  return disk
}

describe('the name of the file', () => {
  it('is the id where that is plain, and a hash that is no plain id otherwise', () => {
    expect(workerFile('D6ullwbTEh0scMgJwTxRZ8')).toBe('D6ullwbTEh0scMgJwTxRZ8.json')
    for (const id of ['', '..', 'a/b', 'CON', '-rf', `${'a'.repeat(65)}`, '_0123456789abcdef0123456789abcdef'])
      expect(workerFile(id)).toMatch(/^_[0-9a-f]{32}\.json$/)
    expect([isWorkerFile(workerFile('x')), isWorkerFile('x.tmp')]).toEqual([true, false])
  })
})

describe('what stands in it', () => {
  it('is a line for people and the line of a beat', () => {
    const disk = written(['a'])
    const [first = '', beat] = String(disk.get(path)).split('\n')
    expect(JSON.parse(first)).toMatchObject({
      id: 'worker',
      pid: process.pid,
      startedAt: 7,
      lease: 1_000,
      recipes: ['a'],
    })
    expect(`${beat}\n`).toBe(beatLine(0, 0, 9))
    expect(infoAt(disk, path)).toMatchObject({ id: 'worker', startedAt: 7, recipes: ['a'] })
  })

  it('names some recipes only where they are many or long', () => {
    const bytes = (recipes: readonly string[]) => about('worker', recipes).length
    expect(bytes(Array.from({ length: 10_000 }, () => 'recipe'))).toBeLessThan(2_000)
    expect(bytes(['r'.repeat(1e6)])).toBeLessThan(1_000)
  })

  it('replaces what was there', () => {
    const disk = written()
    writeWorker(disk, path, about('other', []), 9)
    expect(infoAt(disk, path)?.id).toBe('other')
  })
})

describe('a look at it', () => {
  it('shows another count after each beat, and its turns', () => {
    const disk = written()
    const before = sightAt(disk, path)
    const head = about('worker', [])
    disk.put(path, `${head}${beatLine(3, 2, 9)}`)
    const after = sightAt(disk, path)
    expect(after).not.toEqual(before)
    expect(after).toMatchObject({ turns: '000000000000002' })
    expect(infoAt(disk, path)?.loopAt).toBe(9)
  })

  it('needs nothing of the first line', () => {
    const disk = written()
    disk.put(path, `\0\0{${beatLine(3, 2, 9)}`)
    expect(sightAt(disk, path)).toMatchObject({ turns: '000000000000002' })
    expect(infoAt(disk, path)).toBeUndefined()
  })

  it('shows nothing where there is no file, or something else', () => {
    const disk = written()
    expect(sightAt(disk, '/w/none.json')).toBe('nothing')
    expect(sightAt(disk, '/w')).toBe('nothing')
  })

  it('is none when this process cannot look, and leaves nothing open', () => {
    for (const fault of ['EMFILE', 'EIO', 'EACCES'] as const) {
      const disk = written()
      disk.failAt(1, fault)
      expect(sightAt(disk, path)).toBe('unseen')
      disk.failAt(2, 'EIO')
      expect(sightAt(disk, path)).toBe('unseen')
      expect(disk.openFiles).toBe(0)
    }
  })

  it('reads files of any length', () => {
    const disk = written()
    for (const size of [0, 1, beatBytes - 1, beatBytes, beatBytes + 1, 3_000_000]) {
      disk.put(path, 'x'.repeat(size))
      expect(sightAt(disk, path)).toMatchObject({ turns: '0' })
      expect(infoAt(disk, path)).toBeUndefined()
    }
  })
})
