import { describe, expect, it } from 'vitest'
import type { Disk, FileHandle } from '../../src/store/file/disk.ts'
import type { Fault } from '../../src/testing/faults.ts'
import { FaultyDisk, type FaultyDiskOptions } from '../../src/testing/faulty-disk.ts'
import { diskContract } from '../store/file/disk-contract.ts'

diskContract('FaultyDisk', () => {
  const disk = new FaultyDisk()
  disk.makeFolder('/home')
  return { disk, home: '/home' }
})

const failsWith = (code: string) => expect.objectContaining({ code })
const write = (disk: Disk, path: string, text: string): FileHandle => {
  const file = disk.create(path)
  disk.append(file, Buffer.from(text))
  return file
}
const read = (disk: FaultyDisk, path: string): string | undefined => disk.get(path)?.toString('latin1')

/** A disk with a file that is safe, and a few bytes of it that are not. */
async function halfSafe(options?: FaultyDiskOptions): Promise<FaultyDisk> {
  const disk = new FaultyDisk(options)
  const file = write(disk, '/a', 'safe')
  await disk.sync(file)
  await disk.syncFolder('/')
  disk.append(file, Buffer.from('-unsafe'))
  return disk
}

/** What a crash left, over many seeds. */
async function outcomes(look: (disk: FaultyDisk) => unknown, make = halfSafe): Promise<Set<unknown>> {
  const seen = new Set<unknown>()
  for (let seed = 0; seed < 200; seed += 1) {
    const disk = await make({ seed })
    disk.crash()
    seen.add(look(disk))
  }
  return seen
}

describe('a power cut', () => {
  it('leaves what was synced', async () => {
    const disk = await halfSafe()
    disk.crash({ strict: true })
    expect(read(disk, '/a')).toBe('safe')
  })

  it('leaves any beginning of what was not, and perhaps NULs behind it', async () => {
    const seen = (await outcomes((disk) => read(disk, '/a'))) as Set<string>
    for (const text of seen) expect(text).toMatch(/^safe(|-|-u|-un|-uns|-unsa|-unsaf|-unsafe)\0*$/)
    for (const text of seen) expect(text.length).toBeLessThanOrEqual('safe-unsafe'.length)
    expect([seen.has('safe'), seen.has('safe-unsafe'), seen.has('safe-u\0'), seen.size > 20]).toEqual(
      Array.from({ length: 4 }, () => true),
    )
  })

  it('may take names whose folder was not synced, and may bring back those that were removed', async () => {
    const make = async (options?: FaultyDiskOptions): Promise<FaultyDisk> => {
      const disk = await halfSafe(options)
      disk.remove('/a')
      await disk.sync(write(disk, '/b', 'new'))
      return disk
    }
    const seen = await outcomes((disk) => disk.list('/').sort().join(), make)
    expect([...seen].sort()).toEqual(['', 'a', 'a,b', 'b'])
    const disk = await make()
    disk.crash({ strict: true })
    expect(disk.list('/')).toEqual(['a'])
  })

  it('takes a folder with all that is in it when the folder above was not synced', async () => {
    const disk = new FaultyDisk()
    disk.makeFolder('/x/y')
    await disk.sync(write(disk, '/x/y/a', 'one'))
    await disk.syncFolder('/x/y')
    await disk.syncFolder('/x')
    disk.crash({ strict: true })
    expect(disk.lstat('/x')).toBeUndefined()
  })

  it('leaves a name without its bytes when only the folder was synced', async () => {
    const disk = new FaultyDisk()
    write(disk, '/a', 'one')
    await disk.syncFolder('/')
    disk.crash({ strict: true })
    expect(read(disk, '/a')).toBe('')
  })

  it('kills all processes, and their syncs have not happened; the disk goes on with new files', async () => {
    const disk = await halfSafe()
    const other = disk.process()
    const [mine, theirs] = [disk.openAppend('/a'), other.openAppend('/a')] as [FileHandle, FileHandle]
    const syncs = [disk.sync(mine), other.sync(theirs)]
    disk.crash({ strict: true })
    for (const sync of syncs) await expect(sync).rejects.toMatchObject({ code: 'KILLED' })
    expect(() => other.list('/')).toThrow(failsWith('KILLED'))
    expect(() => disk.stat(mine)).toThrow(failsWith('EBADF'))
    expect([read(disk, '/a'), disk.list('/'), disk.openFiles]).toEqual(['safe', ['a'], 0])
  })

  it('leaves what the next one leaves, too', async () => {
    for (let seed = 0; seed < 20; seed += 1) {
      const disk = await halfSafe({ seed })
      write(disk, '/b', 'other')
      disk.crash()
      const left = disk.list('/').map((name) => [name, read(disk, `/${name}`)])
      disk.crash({ strict: true })
      expect(disk.list('/').map((name) => [name, read(disk, `/${name}`)])).toEqual(left)
    }
  })

  it('leaves a file with the names that it still has, and room for what is gone', async () => {
    const disk = await halfSafe({ space: 11 })
    disk.link('/a', '/b')
    expect(disk.lstat('/a')?.nlink).toBe(2)
    disk.crash({ strict: true })
    expect(disk.lstat('/a')?.nlink).toBe(1)
    write(disk, '/c', 'seventh')
    expect(() => write(disk, '/d', 'x')).toThrow(failsWith('ENOSPC'))
  })

  it('is the same for the same seed', async () => {
    const run = async (): Promise<unknown> => {
      const disk = await halfSafe({ seed: 5 })
      disk.crash()
      return read(disk, '/a')
    }
    expect(await run()).toBe(await run())
  })
})

describe('a sync', () => {
  it('saves what was written when it began', async () => {
    const disk = await halfSafe()
    const file = disk.openAppend('/a') as FileHandle
    const sync = disk.sync(file)
    disk.append(file, Buffer.from('-later'))
    await sync
    disk.crash({ strict: true })
    expect(read(disk, '/a')).toBe('safe-unsafe')
  })

  it('that failed has lost the bytes, though they can be read and the next sync succeeds', async () => {
    const disk = await halfSafe()
    const file = disk.openAppend('/a') as FileHandle
    disk.failAt(1, 'EIO')
    await expect(disk.sync(file)).rejects.toMatchObject({ code: 'EIO' })
    await disk.sync(file)
    expect(read(disk, '/a')).toBe('safe-unsafe')
    disk.crash({ strict: true })
    expect(read(disk, '/a')).toBe(`safe${'\0'.repeat(7)}`)
  })
})

describe('processes', () => {
  it('share the files, each with its own handles', () => {
    const disk = new FaultyDisk()
    const [one, two] = [disk.process(), disk.process()]
    const file = write(one, '/a', 'one')
    expect([two.list('/'), one.openFiles, two.openFiles]).toEqual([['a'], 1, 0])
    expect(() => two.stat(file)).toThrow(failsWith('EBADF'))
  })

  it('are dead once killed: their files are closed, others go on', async () => {
    const disk = new FaultyDisk()
    const one = disk.process()
    const file = write(one, '/a', 'one')
    one.kill()
    expect(() => one.append(file, Buffer.from('more'))).toThrow(failsWith('KILLED'))
    expect(() => one.lstat('/a')).toThrow(failsWith('KILLED'))
    await expect(one.sync(file)).rejects.toMatchObject({ code: 'KILLED' })
    await expect(one.syncFolder('/')).rejects.toMatchObject({ code: 'KILLED' })
    expect(() => one.close(file)).not.toThrow()
    expect([read(disk, '/a'), one.openFiles]).toEqual(['one', 0])
  })

  it('are killed before the step that a test names, and an append is torn', () => {
    const seen = new Set<string | undefined>()
    for (let seed = 0; seed < 100; seed += 1) {
      const disk = new FaultyDisk({ seed })
      const one = disk.process()
      one.killAt(2)
      expect(() => write(one, '/a', 'abc')).toThrow(failsWith('KILLED'))
      expect(() => one.list('/')).toThrow(failsWith('KILLED'))
      seen.add(read(disk, '/a'))
    }
    expect(seen).toEqual(new Set(['', 'a', 'ab']))
  })

  it('die at a step of the whole disk, whoever takes it', () => {
    const disk = new FaultyDisk()
    const [one, two] = [disk.process(), disk.process()]
    disk.killAt(2)
    one.list('/')
    expect(() => two.remove('/a')).toThrow(failsWith('KILLED'))
    expect(one.list('/')).toEqual([])
  })

  it('fail, whichever it is, when the fault is of the disk', () => {
    const disk = new FaultyDisk()
    const [one, two] = [disk.process(), disk.process()]
    disk.failAt(2, 'EIO')
    one.list('/')
    expect(() => two.list('/')).toThrow(failsWith('EIO'))
    expect(disk.list('/')).toEqual([])
  })

  it('fail alone when the fault is theirs', () => {
    const disk = new FaultyDisk()
    const [one, two] = [disk.process(), disk.process()]
    one.failAt(1, 'EMFILE', { forever: true })
    expect(() => one.create('/a')).toThrow(failsWith('EMFILE'))
    expect(() => two.create('/a')).not.toThrow()
  })
})

describe('faults', () => {
  it('count the operations, closing excepted', async () => {
    const disk = new FaultyDisk()
    const other = disk.process()
    const file = write(disk, '/a', 'one')
    await disk.sync(file)
    disk.close(file)
    other.list('/')
    expect([disk.operations, other.operations]).toEqual([4, 1])
  })

  it('hit the nth operation from now on, once', () => {
    const disk = new FaultyDisk()
    disk.list('/')
    disk.failAt(2, 'EIO')
    disk.list('/')
    expect(() => disk.list('/')).toThrow(failsWith('EIO'))
    expect(disk.list('/')).toEqual([])
  })

  it('go on for ever when told, until the disk is healed', () => {
    const disk = new FaultyDisk()
    disk.failAt(1, 'EIO', { forever: true })
    for (let i = 0; i < 3; i += 1) expect(() => disk.list('/')).toThrow(failsWith('EIO'))
    disk.heal()
    expect(disk.list('/')).toEqual([])
  })

  it('change nothing but appends', () => {
    const disk = new FaultyDisk()
    write(disk, '/a', 'one')
    disk.failAt(1, 'EIO', { forever: true })
    const attempts = [
      () => disk.create('/b'),
      () => disk.link('/a', '/b'),
      () => disk.rename('/a', '/b'),
      () => disk.remove('/a'),
      () => disk.makeFolder('/b'),
      () => disk.touch('/a', 5),
    ]
    for (const attempt of attempts) expect(attempt).toThrow(failsWith('EIO'))
    disk.heal()
    expect([disk.list('/'), disk.lstat('/a')?.mtimeMs]).toEqual([['a'], 0])
  })

  it.each<[Fault, string]>([
    ['ENOSPC', 'create append sync link rename makeFolder'],
    ['EROFS', 'create openAppend append sync link rename remove makeFolder touch'],
    ['EMFILE', 'create openAppend openRead syncFolder list'],
    ['EACCES', 'create openAppend openRead lstat syncFolder list link rename remove makeFolder touch realpath'],
    [
      'EIO',
      'create openAppend openRead read append stat lstat sync syncFolder list link rename remove makeFolder touch realpath',
    ],
  ])('of the kind %s hit where the system has it: %s', async (fault, expected) => {
    const failed: string[] = []
    for (const [name, operation] of Object.entries(everyOperation)) {
      const disk = new FaultyDisk()
      const file = write(disk, '/a', 'one')
      disk.failAt(1, fault)
      try {
        await operation(disk, file)
      } catch (error) {
        expect(error).toMatchObject({ code: fault })
        failed.push(name)
      }
    }
    expect(failed.join(' ')).toBe(expected)
  })

  it('let an append write a part before it fails, or none', () => {
    const seen = new Set<string | undefined>()
    for (let seed = 0; seed < 100; seed += 1) {
      const disk = new FaultyDisk({ seed })
      disk.failAt(1, 'ENOSPC')
      expect(() => disk.create('/a')).toThrow(failsWith('ENOSPC'))
      disk.failAt(2, 'ENOSPC')
      expect(() => write(disk, '/a', 'abc')).toThrow(failsWith('ENOSPC'))
      seen.add(read(disk, '/a'))
    }
    expect(seen).toEqual(new Set(['', 'a', 'ab']))
  })

  it('let an append be short without a word', () => {
    const seen = new Set<string | undefined>()
    for (let seed = 0; seed < 100; seed += 1) {
      const disk = new FaultyDisk({ seed })
      disk.failAt(1, 'short')
      write(disk, '/a', 'abc')
      seen.add(read(disk, '/a'))
    }
    expect(seen).toEqual(new Set(['', 'a', 'ab']))
  })

  it('split an append around what another process writes', () => {
    const seen = new Set<string | undefined>()
    for (let seed = 0; seed < 100; seed += 1) {
      const disk = new FaultyDisk({ seed })
      const other = disk.process()
      const file = disk.create('/a')
      const theirs = other.openAppend('/a') as FileHandle
      disk.failAt(1, 'split', { between: () => other.append(theirs, Buffer.from('|')) })
      disk.append(file, Buffer.from('abc'))
      seen.add(read(disk, '/a'))
    }
    expect(seen).toEqual(new Set(['|abc', 'a|bc', 'ab|c']))
  })

  it('split every append for ever without splitting what comes between', () => {
    const disk = new FaultyDisk()
    const file = disk.create('/a')
    disk.failAt(1, 'split', { forever: true, between: () => disk.append(file, Buffer.from('|')) })
    disk.append(file, Buffer.from('abc'))
    expect(read(disk, '/a')).toHaveLength(4)
  })

  it('are refused when they are unknown, or hit nothing', () => {
    const disk = new FaultyDisk()
    expect(() => disk.failAt(1, 'EFUN' as Fault)).toThrow(/fault must be one of .*got "EFUN"/)
    expect(() => disk.failAt(0, 'EIO')).toThrow(failsWith('INVALID_OPTION'))
    expect(() => disk.killAt(1.5)).toThrow(failsWith('INVALID_OPTION'))
  })
})

describe('a full disk', () => {
  it('takes what fits, then none; reads go on', () => {
    const disk = new FaultyDisk({ space: 5 })
    const file = write(disk, '/a', 'abc')
    expect(() => disk.append(file, Buffer.from('defg'))).toThrow(failsWith('ENOSPC'))
    expect(() => disk.append(file, Buffer.from('h'))).toThrow(failsWith('ENOSPC'))
    expect(disk.read(file, Buffer.alloc(9), 0)).toBe(5)
    expect(read(disk, '/a')).toBe('abcde')
  })

  it('has room again when a file has neither name nor reader left', () => {
    const disk = new FaultyDisk({ space: 3 })
    const file = write(disk, '/a', 'abc')
    disk.remove('/a')
    expect(() => write(disk, '/b', 'x')).toThrow(failsWith('ENOSPC'))
    disk.close(file)
    write(disk, '/c', 'xyz')
    disk.space += 1
    write(disk, '/d', 'x')
    expect([read(disk, '/c'), read(disk, '/d')]).toEqual(['xyz', 'x'])
  })
})

describe('what a test puts there', () => {
  it('is on the medium, with its folders', () => {
    const disk = new FaultyDisk()
    disk.put('/x/x/a', 'one')
    disk.put('/x/x/a', Buffer.from('two'))
    disk.crash({ strict: true })
    expect(read(disk, '/x/x/a')).toBe('two')
    expect(disk.operations).toBe(0)
    expect(disk.get('/x')).toBeUndefined()
  })
})

const everyOperation: Record<string, (disk: Disk, file: FileHandle) => unknown> = {
  create: (disk) => disk.create('/new'),
  openAppend: (disk) => disk.openAppend('/a'),
  openRead: (disk) => disk.openRead('/a'),
  read: (disk, file) => disk.read(file, Buffer.alloc(1), 0),
  append: (disk, file) => disk.append(file, Buffer.from('x')),
  stat: (disk, file) => disk.stat(file),
  lstat: (disk) => disk.lstat('/a'),
  sync: (disk, file) => disk.sync(file),
  syncFolder: (disk) => disk.syncFolder('/'),
  list: (disk) => disk.list('/'),
  link: (disk) => disk.link('/a', '/new'),
  rename: (disk) => disk.rename('/a', '/new'),
  remove: (disk) => disk.remove('/a'),
  makeFolder: (disk) => disk.makeFolder('/new'),
  touch: (disk) => disk.touch('/a', 1),
  realpath: (disk) => disk.realpath?.('/a'),
}
