import { execFileSync } from 'node:child_process'
import { linkSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { NodeDisk } from '../../../src/store/file/node-disk.ts'
import { diskContract } from './disk-contract.ts'

const home = realpathSync(mkdtempSync(join(tmpdir(), 'offstage-disk-')))
let made = 0
const folder = (): string => {
  const path = join(home, String(++made))
  mkdirSync(path)
  return path
}
afterAll(() => rmSync(home, { recursive: true }))

describe('NodeDisk, before anything else', () => {
  it('loads nothing heavy until a folder is made', () => {
    const isLoaded = () => Object.keys(createRequire(import.meta.url).cache).some((path) => path.includes('fs-extra'))
    const disk = new NodeDisk()
    disk.list(home)
    expect(isLoaded()).toBe(false)
    disk.makeFolder(join(home, 'made'))
    expect(isLoaded()).toBe(true)
  })
})

diskContract('NodeDisk', () => ({ disk: new NodeDisk(), home: folder() }))

describe('NodeDisk', () => {
  const disk = new NodeDisk()
  const refusal = (what: string) =>
    expect.objectContaining({ name: 'StoreError', code: 'STORE', message: expect.stringContaining(what) })
  const refuses = (path: string, what: string): void => {
    expect(() => disk.openRead(path)).toThrow(refusal(what))
    expect(() => disk.openAppend(path)).toThrow(refusal(what))
    expect(() => disk.openRead(path)).toThrow(refusal(path))
  }

  it('opens no file through a symbolic link, not even one that leads nowhere', () => {
    const at = folder()
    writeFileSync(join(at, 'real'), 'secret')
    symlinkSync(join(at, 'real'), join(at, 'link'))
    symlinkSync(join(at, 'missing'), join(at, 'dangling'))
    refuses(join(at, 'link'), 'is a symbolic link')
    refuses(join(at, 'dangling'), 'is a symbolic link')
    expect(() => disk.create(join(at, 'dangling'))).toThrow(expect.objectContaining({ code: 'EEXIST' }))
    expect(disk.lstat(join(at, 'link'))?.kind).toBe('link')
  })

  it('does not wait for the other end of a FIFO', () => {
    const path = join(folder(), '00000001.jsonl')
    execFileSync('mkfifo', [path])
    refuses(path, 'is a FIFO')
    expect(disk.lstat(path)?.kind).toBe('other')
  })

  it('opens neither a device nor a socket', async () => {
    refuses('/dev/null', 'is a FIFO, a socket or a device')
    const path = join(folder(), 'socket')
    const server = createServer().listen(path)
    await new Promise((listening) => server.once('listening', listening))
    refuses(path, 'is a socket')
    server.close()
  })

  it('tells that a file has another name', () => {
    const at = folder()
    writeFileSync(join(at, 'a'), 'one')
    linkSync(join(at, 'a'), join(at, 'b'))
    expect(disk.lstat(join(at, 'a'))?.nlink).toBe(2)
  })

  it('touches a link, not what it leads to', () => {
    const at = folder()
    writeFileSync(join(at, 'a'), 'one')
    symlinkSync(join(at, 'a'), join(at, 'link'))
    disk.touch(join(at, 'link'), 5_000)
    expect(disk.lstat(join(at, 'link'))?.mtimeMs).toBe(5_000)
    expect(disk.lstat(join(at, 'a'))?.mtimeMs).not.toBe(5_000)
  })

  it('resolves a path through the links above it', () => {
    const at = folder()
    mkdirSync(join(at, 'real'))
    symlinkSync(join(at, 'real'), join(at, 'link'))
    expect(disk.realpath(join(at, 'link'))).toBe(join(at, 'real'))
  })
})
