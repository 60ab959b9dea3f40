/** A real disk that is full: a tmpfs of a few pages, which only root may mount. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, realpathSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import type { FileHandle } from '../../../src/store/file/disk.ts'
import { openFolder } from '../../../src/store/file/folder.ts'
import { NodeDisk } from '../../../src/store/file/node-disk.ts'
import { publish, replace } from '../../../src/store/file/publish.ts'

const size = 256 * 1024
const home = realpathSync(mkdtempSync(join(tmpdir(), 'offstage-full-')))
const isMounted = mount()

function mount(): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=0700`, 'tmpfs', home], { stdio: 'pipe' })
    return true
  } catch (error) {
    const why = error instanceof Error ? error.message.trim().replaceAll('\n', ' ') : String(error)
    console.log(`\n!! SKIPPED test/store/file/full-disk.test.ts: no tmpfs can be mounted (${why})\n`)
    return false
  }
}

afterAll(() => {
  if (isMounted) execFileSync('umount', [home])
  rmdirSync(home)
})

describe.runIf(isMounted)('a disk that is full', () => {
  const disk = new NodeDisk()
  const at = (name: string): string => join(home, name)
  const page = Buffer.alloc(4_096, 'x')
  const full = expect.objectContaining({ code: 'ENOSPC' })
  let filler: FileHandle

  beforeEach(() => {
    for (const name of disk.list(home)) if (disk.lstat(at(name))?.kind === 'file') disk.remove(at(name))
  })

  const fill = (): void => {
    filler = disk.create(at('filler'))
    try {
      for (;;) disk.append(filler, page)
    } catch (error) {
      expect(error).toEqual(full)
    }
  }
  const makeRoom = (): void => {
    disk.close(filler)
    disk.remove(at('filler'))
  }

  it('takes no more bytes, gives those that it has, and goes on when there is room', async () => {
    const file = disk.create(at('a'))
    disk.append(file, page)
    fill()
    expect(() => disk.append(file, page)).toThrow(full)
    const into = Buffer.alloc(page.length * 2)
    expect([disk.read(file, into, 0), into.subarray(0, page.length).equals(page)]).toEqual([page.length, true])
    await disk.sync(file)
    makeRoom()
    disk.append(file, page)
    expect(disk.stat(file).size).toBe(page.length * 2)
    disk.close(file)
  })

  it.each([
    { name: 'publish', work: publish },
    { name: 'replace', work: replace },
  ])('lets $name fail without a trace', async ({ work }) => {
    await replace(disk, at('a'), Buffer.from('old'))
    fill()
    await expect(work(disk, at('a'), [page, page])).rejects.toThrow(full)
    expect(disk.list(home).sort()).toEqual(['a', 'filler'])
    expect(disk.lstat(at('a'))?.size).toBe(3)
    makeRoom()
  })

  it('still lets a store be opened, and makes no new one', async () => {
    const warnings: string[] = []
    const open = (name: string) =>
      openFolder(disk, at(name), { storeId: () => 'fresh', warn: (message) => warnings.push(message) })
    const store = await open('store')
    expect(warnings).toEqual([expect.stringContaining('is on tmpfs, in memory')])
    fill()
    expect(await open('store')).toEqual(store)
    expect(warnings.at(-1)).toContain('is full')
    await expect(open('other')).rejects.toMatchObject({ code: 'STORE_FULL' })
    makeRoom()
  })
})
