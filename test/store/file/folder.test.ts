import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  cpSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import type { FileSystem } from '../../../src/store/file/file-system.ts'
import { type FolderOptions, openFolder, type StoreFolder } from '../../../src/store/file/folder.ts'
import { NodeDisk } from '../../../src/store/file/node-disk.ts'
import type { Fault } from '../../../src/testing/faults.ts'
import { FaultyDisk } from '../../../src/testing/faulty-disk.ts'

const home = realpathSync(mkdtempSync(join(tmpdir(), 'offstage-folder-')))
afterAll(() => rmSync(home, { recursive: true }))

const subFolders = ['blobs', 'journal', 'logs', 'snapshots', 'workers']
const ok: FileSystem = { name: 'ext4', kind: 'local' }
/** The machine that runs the tests may keep its temporary files anywhere. */
const fileSystem = async (): Promise<FileSystem> => ok

let ids = 0
let warnings: string[] = []
let dir = ''
beforeEach(() => {
  warnings = []
  ids += 1
  dir = join(home, String(ids), '.offstage')
})

const options = (more: Partial<FolderOptions> = {}): FolderOptions => ({
  fileSystem,
  storeId: () => `store-${++ids}`,
  warn: (message) => warnings.push(message),
  ...more,
})
const open = (path = dir, more?: Partial<FolderOptions>): Promise<StoreFolder> =>
  openFolder(new NodeDisk(), path, options(more))
const refused = (message: string) => ({
  name: 'StoreError',
  code: 'STORE',
  message: expect.stringContaining(message),
})
const modeOf = (path: string): number => lstatSync(path).mode & 0o777

describe('openFolder, where nothing is', () => {
  it('makes the folder, for its owner alone, and gives the store an id', async () => {
    const { path, storeId } = await open()
    expect(path).toBe(dir)
    expect(readdirSync(dir).sort()).toEqual([...subFolders, 'store.json'].sort())
    expect([dir, ...subFolders.map((name) => join(dir, name))].map(modeOf)).toEqual(Array(6).fill(0o700))
    expect(modeOf(join(dir, 'store.json'))).toBe(0o600)
    const written: unknown = JSON.parse(readFileSync(join(dir, 'store.json'), 'utf8'))
    expect(written).toEqual({ format: 1, storeId, folder: lstatSync(dir).ino })
    expect(warnings).toEqual([])
  })

  it('opens the same store again, with what is missing made anew', async () => {
    const first = await open()
    rmSync(join(dir, 'logs'), { recursive: true })
    expect(await open()).toEqual(first)
    expect(readdirSync(dir).sort()).toEqual([...subFolders, 'store.json'].sort())
  })

  it('takes an empty folder that is there', async () => {
    mkdirSync(dir, { recursive: true })
    chmodSync(dir, 0o755)
    expect((await open()).path).toBe(dir)
  })

  it('makes nothing when it may only read', async () => {
    const refusal = refused(`there is no store at ${dir}; \`offstage init\` or the first submit makes one`)
    await expect(open(dir, { readOnly: true })).rejects.toMatchObject(refusal)
    expect(() => lstatSync(dir)).toThrow('ENOENT')
    mkdirSync(dir, { recursive: true })
    await expect(open(dir, { readOnly: true })).rejects.toMatchObject(refusal)
    expect(readdirSync(dir)).toEqual([])
  })

  it('lets all of several that make it at once agree on one id', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => open()))
    expect(new Set(all.map(({ storeId }) => storeId)).size).toBe(1)
    expect(readdirSync(dir).sort()).toEqual([...subFolders, 'store.json'].sort())
  })
})

describe('openFolder, to read', () => {
  it('changes nothing', async () => {
    const { storeId } = await open()
    rmSync(join(dir, 'logs'), { recursive: true })
    const before = lstatSync(dir).mtimeMs
    expect(await open(dir, { readOnly: true })).toEqual({ path: dir, storeId })
    expect(lstatSync(dir).mtimeMs).toBe(before)
  })
})

describe('openFolder, on what may not be trusted', () => {
  it('refuses a folder that is a symbolic link, but follows links above it', async () => {
    await open()
    symlinkSync(dir, join(home, `${ids}-link`))
    await expect(open(join(home, `${ids}-link`))).rejects.toMatchObject(refused('is a symbolic link'))
    await expect(open(`${join(home, `${ids}-link`)}/`)).rejects.toMatchObject(refused('is a symbolic link'))
    symlinkSync(join(dir, '..'), join(home, `${ids}-above`))
    expect((await open(join(home, `${ids}-above`, '.offstage'))).path).toBe(dir)
  })

  it('refuses what is no folder', async () => {
    mkdirSync(join(dir, '..'), { recursive: true })
    writeFileSync(dir, '')
    await expect(open()).rejects.toMatchObject(refused(`${dir} is not a folder`))
  })

  it("refuses another user's folder", async () => {
    await open()
    const me = process.geteuid?.() ?? 0
    await expect(open(dir, { uid: me + 1 })).rejects.toMatchObject(
      refused(`${dir} belongs to user ${me}, but this process runs as user ${me + 1}`),
    )
  })

  it.each([0o770, 0o777, 0o702])('refuses a folder that others can write, and says what helps (%o)', async (mode) => {
    await open()
    chmodSync(dir, mode)
    await expect(open()).rejects.toMatchObject(refused(`with: chmod go-w ${dir}`))
    execFileSync('chmod', ['go-w', dir])
    expect((await open()).path).toBe(dir)
  })

  it('names a folder so that a shell understands it', async () => {
    const odd = join(home, "it's odd")
    await open(odd)
    chmodSync(odd, 0o770)
    await expect(open(odd)).rejects.toMatchObject(refused(`chmod go-w '${home}/it'\\''s odd'`))
  })

  it.each(subFolders)('refuses the same of %s in it', async (name) => {
    await open()
    const path = join(dir, name)
    chmodSync(path, 0o770)
    await expect(open()).rejects.toMatchObject(refused(`chmod go-w ${path}`))
    renameSync(path, join(dir, 'elsewhere'))
    symlinkSync(join(dir, 'elsewhere'), path)
    await expect(open()).rejects.toMatchObject(refused(`${path} is a symbolic link`))
    await expect(open(dir, { readOnly: true })).rejects.toMatchObject(refused(`${path} is a symbolic link`))
  })

  it('refuses a store.json that is a symbolic link, a FIFO or a folder', async () => {
    await open()
    const file = join(dir, 'store.json')
    renameSync(file, join(dir, 'real'))
    symlinkSync(join(dir, 'real'), file)
    await expect(open()).rejects.toMatchObject(refused(`${file} is a symbolic link`))
    rmSync(file)
    execFileSync('mkfifo', [file])
    await expect(open()).rejects.toMatchObject(refused(`${file} is a FIFO`))
    rmSync(file)
    mkdirSync(file)
    await expect(open()).rejects.toMatchObject(refused(`${file} is a folder`))
  })

  it('takes a store.json that has a second name: its maker was killed', async () => {
    const { storeId } = await open()
    linkSync(join(dir, 'store.json'), join(dir, '.killed.tmp'))
    expect((await open()).storeId).toBe(storeId)
  })
})

describe.runIf(process.geteuid?.() === 0)('openFolder, as a user who is not root', () => {
  const nobody = 65_534
  const asNobody = async <T>(work: () => Promise<T>): Promise<T> => {
    chmodSync(home, 0o711)
    chmodSync(join(dir, '..'), 0o711)
    process.seteuid?.(nobody)
    try {
      return await work()
    } finally {
      process.seteuid?.(0)
    }
  }
  const own = (path: string): void => {
    for (const name of readdirSync(path)) chownSync(join(path, name), nobody, nobody)
    chownSync(path, nobody, nobody)
  }

  it('refuses the folder of root', async () => {
    await open()
    chmodSync(dir, 0o755)
    await expect(asNobody(() => open())).rejects.toMatchObject(refused(`${dir} belongs to user 0`))
  })

  it('refuses a store.json of root', async () => {
    await open()
    own(dir)
    chownSync(join(dir, 'store.json'), 0, 0)
    chmodSync(join(dir, 'store.json'), 0o644)
    await expect(asNobody(() => open())).rejects.toMatchObject(refused('store.json belongs to user 0'))
  })

  it('says of a folder that it may not write how to look at it, and opens it so', async () => {
    const { storeId } = await open()
    own(dir)
    chmodSync(dir, 0o500)
    await expect(asNobody(() => open())).rejects.toMatchObject(refused('cannot be written (EACCES)'))
    await expect(asNobody(() => open())).rejects.toThrow('readOnly: true')
    expect((await asNobody(() => open(dir, { readOnly: true }))).storeId).toBe(storeId)
  })

  it('says where it may make no folder', async () => {
    mkdirSync(join(dir, '..'))
    await expect(asNobody(() => open())).rejects.toMatchObject(
      refused(`the store at ${dir} cannot be written (EACCES)`),
    )
  })
})

describe('openFolder, by file system', () => {
  const on = (name: string, kind: FileSystem['kind']): Partial<FolderOptions> => ({
    fileSystem: async () => ({ name, kind }),
  })

  it.each([
    ['nfs', 'network'],
    ['fuse', 'user-space'],
  ] as const)('refuses %s unless it is forced, and makes nothing there', async (name, kind) => {
    await expect(open(dir, on(name, kind))).rejects.toMatchObject(refused(`is on ${name}`))
    await expect(open(dir, on(name, kind))).rejects.toThrow('force: true')
    expect(() => lstatSync(dir)).toThrow('ENOENT')
    expect((await open(dir, { ...on(name, kind), force: true })).path).toBe(dir)
    expect(warnings).toEqual([])
  })

  it('warns of memory', async () => {
    await open(dir, on('tmpfs', 'memory'))
    expect(warnings).toEqual([expect.stringContaining('is on tmpfs, in memory')])
  })

  it('takes a file system that it does not know', async () => {
    await open(dir, on('unknown', 'unknown'))
    expect(warnings).toEqual([])
  })

  it('asks for the folder, or the lowest above it that is there', async () => {
    const asked: string[] = []
    const asking = {
      fileSystem: async (path: string): Promise<FileSystem> => {
        asked.push(path)
        return ok
      },
    }
    await open(dir, asking)
    await open(dir, asking)
    expect(asked).toEqual([home, dir])
  })

  it('asks the disk when it is not told', async () => {
    const disk = Object.assign(new FaultyDisk(), { fileSystem: async () => ({ name: '9p', kind: 'network' }) })
    const { fileSystem: _, ...bare } = options()
    await expect(openFolder(disk, '/store', bare)).rejects.toMatchObject(refused('is on 9p'))
  })
})

describe('openFolder, on a copy', () => {
  it('warns once, of both', async () => {
    const { storeId } = await open()
    const copy = `${dir}-copy`
    cpSync(dir, copy, { recursive: true })
    expect((await open(copy, { readOnly: true })).storeId).toBe(storeId)
    expect((await open(copy)).storeId).toBe(storeId)
    const warning = `${copy} is a copy of a store, or was moved here from another disk; both have the id ${storeId}`
    expect(warnings).toEqual([expect.stringContaining(warning), expect.stringContaining(warning)])
    await open(copy)
    await open()
    expect(warnings).toHaveLength(2)
  })

  it('does not mind that the folder has another name', async () => {
    await open()
    renameSync(dir, `${dir}-moved`)
    await open(`${dir}-moved`)
    expect(warnings).toEqual([])
  })
})

describe('openFolder, on a disk that fails', () => {
  const simulated = (disk: FaultyDisk) => openFolder(disk.process(), '/a/store', options())
  const made = async (): Promise<FaultyDisk> => {
    const disk = new FaultyDisk()
    await simulated(disk)
    return disk
  }
  const faults: Fault[] = ['ENOSPC', 'EIO', 'EROFS', 'EMFILE', 'EACCES', 'short', 'split']
  const cases = faults.flatMap((fault) => [true, false].map((isNew) => ({ fault, isNew })))

  it.each(cases)('opens or says why, whatever fails with $fault (a new store: $isNew)', async ({ fault, isNew }) => {
    for (const forever of [false, true]) {
      for (let n = 1, reached = true; reached; n += 1) {
        const disk = isNew ? new FaultyDisk({ seed: n }) : await made()
        const before = disk.operations
        disk.failAt(n, fault, { forever })
        const result = await simulated(disk).catch((error: unknown) => error)
        reached = disk.operations - before >= n
        disk.heal()
        if (result instanceof Error) {
          expect(result).toMatchObject({ name: 'StoreError' })
          expect(result.message).toContain('/a/store')
        }
        disk.crash({ strict: true })
        const { storeId } = await simulated(disk)
        if (!(result instanceof Error)) expect(result).toEqual({ path: '/a/store', storeId })
      }
    }
  })

  it('opens after it was killed at any step, or the power failed there', async () => {
    for (let n = 1, isKilled = true; isKilled; n += 1) {
      const disk = new FaultyDisk({ seed: n })
      disk.killAt(n)
      isKilled = await simulated(disk).then(
        () => false,
        () => true,
      )
      disk.heal()
      const { storeId } = await simulated(disk)
      disk.crash()
      expect((await simulated(disk)).storeId).toBe(storeId)
    }
  })

  it('keeps what it makes beside another process that has not come so far yet', async () => {
    const disk = new FaultyDisk()
    disk.makeFolder('/a')
    await disk.syncFolder('/')
    disk.makeFolder('/a/store')
    const { storeId } = await simulated(disk)
    disk.crash({ strict: true })
    expect(disk.list('/a/store')).toEqual(expect.arrayContaining([...subFolders, 'store.json']))
    expect((await simulated(disk)).storeId).toBe(storeId)
  })

  it('opens a folder that was made for this user where it may not look', async () => {
    const disk = new FaultyDisk()
    disk.makeFolder('/a/store')
    const hidden = Object.assign(disk.process(), {
      syncFolder: async (path: string) => {
        if (path === '/a') throw Object.assign(new Error('EACCES'), { code: 'EACCES' })
      },
    })
    expect((await openFolder(hidden, '/a/store', options())).path).toBe('/a/store')
  })

  it('opens when the disk is full, to let others make room, and says so', async () => {
    const disk = await made()
    disk.space = 1
    await simulated(disk)
    expect(warnings).toEqual([expect.stringContaining('/a/store is full')])
    expect(disk.list('/a/store').sort()).toEqual([...subFolders, 'store.json'].sort())
  })

  it('makes no new store on a disk that is full', async () => {
    await expect(simulated(new FaultyDisk({ space: 1 }))).rejects.toMatchObject({ code: 'STORE_FULL' })
  })
})
