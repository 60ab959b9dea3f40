/** What every disk keeps, the machine's and the simulated one. */
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Disk, FileHandle } from '../../../src/store/file/disk.ts'

export interface DiskSetUp {
  readonly disk: Disk
  /** An empty folder. */
  readonly home: string
}

const bytes = (text: string): Buffer => Buffer.from(text)

/** @param makeSetUp A fresh disk and folder for each test. */
export function diskContract(name: string, makeSetUp: () => DiskSetUp): void {
  describe(`${name}, as a disk`, () => {
    let disk: Disk
    let at: (name: string) => string
    beforeEach(() => {
      const { disk: made, home } = makeSetUp()
      disk = made
      at = (name) => join(home, name)
    })

    const open = (name: string): FileHandle => {
      const file = disk.openRead(at(name))
      if (file === undefined) throw new Error(`${name} is missing`)
      return file
    }
    const text = (file: FileHandle): string => {
      const into = Buffer.alloc(1_000)
      return into.toString('utf8', 0, disk.read(file, into, 0))
    }
    const write = (name: string, content: string): FileHandle => {
      const file = disk.create(at(name))
      disk.append(file, bytes(content))
      return file
    }

    it('makes a file once, to be written and read by its owner alone', () => {
      const file = write('a', 'one')
      expect(text(file)).toBe('one')
      expect(() => disk.create(at('a'))).toThrow(expect.objectContaining({ code: 'EEXIST' }))
      expect(disk.stat(file).mode & 0o777).toBe(0o600)
    })

    it('makes no file in a folder that is missing, or is a file', () => {
      write('a', 'one')
      expect(() => disk.create(at('missing/a'))).toThrow(expect.objectContaining({ code: 'ENOENT' }))
      expect(() => disk.create(at('a/b'))).toThrow(expect.objectContaining({ code: 'ENOTDIR' }))
    })

    it('opens nothing where nothing is', () => {
      expect([disk.openRead(at('a')), disk.openAppend(at('a')), disk.openRead(at('missing/a'))]).toEqual([
        undefined,
        undefined,
        undefined,
      ])
      expect(disk.lstat(at('a'))).toBeUndefined()
    })

    it('opens no folder as a file', () => {
      disk.makeFolder(at('folder'))
      const refusal = expect.objectContaining({ code: 'STORE', message: expect.stringContaining('is a folder') })
      expect(() => disk.openRead(at('folder'))).toThrow(refusal)
      expect(() => disk.openAppend(at('folder'))).toThrow(refusal)
    })

    it('appends at the end, whoever else has written', () => {
      const first = write('a', 'one ')
      const second = disk.openAppend(at('a')) as FileHandle
      disk.append(second, bytes('two '))
      disk.append(first, bytes('three'))
      expect(text(second)).toBe('one two three')
      expect(disk.stat(first).size).toBe(13)
    })

    it('refuses to append through a file that was opened to read', () => {
      write('a', 'one')
      expect(() => disk.append(open('a'), bytes('two'))).toThrow(expect.objectContaining({ code: 'EBADF' }))
    })

    it('reads from a position as much as there is, and nothing behind the end', () => {
      const file = write('a', 'abcdef')
      const into = Buffer.alloc(4)
      expect([disk.read(file, into, 1), into.toString()]).toEqual([4, 'bcde'])
      expect([disk.read(file, into, 5), into.toString('utf8', 0, 1)]).toEqual([1, 'f'])
      expect([disk.read(file, into, 6), disk.read(file, into, 99)]).toEqual([0, 0])
    })

    it('refuses a file that was closed', () => {
      const file = write('a', 'one')
      disk.close(file)
      expect(() => disk.stat(file)).toThrow(expect.objectContaining({ code: 'EBADF' }))
    })

    it('gives a file a second name, unless that is taken', () => {
      const file = write('a', 'one')
      write('c', 'other')
      expect(disk.link(at('a'), at('b'))).toBe(true)
      expect(disk.link(at('a'), at('c'))).toBe(false)
      expect([text(open('b')), text(open('c'))]).toEqual(['one', 'other'])
      expect(disk.stat(file).nlink).toBe(2)
      expect(disk.lstat(at('b'))?.ino).toBe(disk.stat(file).ino)
      expect(() => disk.link(at('missing'), at('d'))).toThrow(expect.objectContaining({ code: 'ENOENT' }))
    })

    it('moves a file over another, which lives on while it is open', () => {
      write('a', 'new')
      const old = write('b', 'old')
      disk.rename(at('a'), at('b'))
      expect([disk.lstat(at('a')), text(open('b')), text(old)]).toEqual([undefined, 'new', 'old'])
      expect(disk.stat(old).nlink).toBe(0)
      expect(() => disk.rename(at('a'), at('b'))).toThrow(expect.objectContaining({ code: 'ENOENT' }))
    })

    it('leaves two names of one file as they are when one is moved over the other', () => {
      write('a', 'one')
      disk.link(at('a'), at('b'))
      disk.rename(at('a'), at('b'))
      expect(disk.list(at('.')).sort()).toEqual(['a', 'b'])
    })

    it('takes a name away from a file, which lives on while it is open', () => {
      const file = write('a', 'one')
      expect([disk.remove(at('a')), disk.remove(at('a')), disk.remove(at('missing/a'))]).toEqual([true, false, false])
      disk.append(file, bytes(' more'))
      expect([text(file), disk.stat(file).nlink, disk.openRead(at('a'))]).toEqual(['one more', 0, undefined])
    })

    it('removes no folder', () => {
      disk.makeFolder(at('folder'))
      expect(() => disk.remove(at('folder'))).toThrow()
      expect(disk.lstat(at('folder'))?.kind).toBe('folder')
    })

    it('makes folders that are missing, for their owner alone, and lists what is in them', () => {
      disk.makeFolder(at('x/y'))
      disk.makeFolder(at('x/y'))
      disk.close(write('x/a', 'one'))
      expect(disk.list(at('x')).sort()).toEqual(['a', 'y'])
      const { kind, mode } = disk.lstat(at('x/y')) ?? {}
      expect([kind, (mode ?? 0) & 0o777]).toEqual(['folder', 0o700])
      expect(disk.list(at('missing'))).toEqual([])
      expect(() => disk.list(at('x/a'))).toThrow(expect.objectContaining({ code: 'ENOTDIR' }))
      expect(() => disk.makeFolder(at('x/a'))).toThrow(expect.objectContaining({ code: 'EEXIST' }))
    })

    it('says what stands at a path, and what is open', () => {
      const file = write('a', 'one')
      expect(disk.lstat(at('a'))).toEqual(disk.stat(file))
      expect(disk.stat(file)).toMatchObject({ kind: 'file', size: 3, nlink: 1 })
    })

    it('sets the time at which a file changed', () => {
      const file = write('a', 'one')
      disk.touch(at('a'), 1_700_000_000_123)
      expect(Math.round(disk.stat(file).mtimeMs)).toBe(1_700_000_000_123)
      expect(() => disk.touch(at('missing'), 1)).toThrow(expect.objectContaining({ code: 'ENOENT' }))
    })

    it('forces files and folders to the medium', async () => {
      const file = write('a', 'one')
      await disk.sync(file)
      await disk.syncFolder(at('.'))
      expect(text(file)).toBe('one')
      await expect(disk.syncFolder(at('missing'))).rejects.toMatchObject({ code: 'ENOENT' })
    })
  })
}
