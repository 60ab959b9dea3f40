import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../src/random.ts'
import { publish, removeTemporary, replace, temporaryName } from '../../../src/store/file/publish.ts'
import type { Fault } from '../../../src/testing/faults.ts'
import { FaultyDisk } from '../../../src/testing/faulty-disk.ts'

const whole = 'one two three'
const pieces = ['one ', 'two ', 'three'].map((text) => Buffer.from(text))
const read = (disk: FaultyDisk): string | undefined => disk.get('/x/a')?.toString('latin1')

async function setUp(old?: string): Promise<FaultyDisk> {
  const disk = new FaultyDisk({ seed: 3 })
  disk.makeFolder('/x')
  await disk.syncFolder('/')
  if (old !== undefined) disk.put('/x/a', old)
  return disk
}

/** How many operations a piece of work takes. */
async function stepsOf(work: (disk: FaultyDisk) => Promise<unknown>): Promise<number> {
  const disk = await setUp('old')
  const before = disk.operations
  await work(disk)
  return disk.operations - before
}

describe('publish', () => {
  it('makes a file that is on the medium, and leaves nothing else', async () => {
    const disk = await setUp()
    expect(await publish(disk, '/x/a', pieces)).toBe(true)
    expect([disk.list('/x'), disk.openFiles]).toEqual([['a'], 0])
    disk.crash({ strict: true })
    expect(read(disk)).toBe(whole)
  })

  it('takes all bytes at once, or none', async () => {
    const disk = await setUp()
    await publish(disk, '/x/a', Buffer.from(whole))
    await publish(disk, '/x/b', [])
    expect([read(disk), disk.get('/x/b')?.length]).toEqual([whole, 0])
  })

  it('leaves a file that is there as it is, and its name is on the medium', async () => {
    const disk = await setUp()
    const file = disk.create('/x/a')
    disk.append(file, Buffer.from('first'))
    await disk.sync(file)
    disk.close(file)
    expect(await publish(disk, '/x/a', pieces)).toBe(false)
    expect(disk.list('/x')).toEqual(['a'])
    disk.crash({ strict: true })
    expect(read(disk)).toBe('first')
  })

  it('lets one of several win', async () => {
    const disk = await setUp()
    const all = [1, 2, 3, 4].map((n) => publish(disk.process(), '/x/a', Buffer.from(String(n))))
    const won = await Promise.all(all)
    expect(won.filter(Boolean)).toEqual([true])
    expect(read(disk)).toBe(String(won.indexOf(true) + 1))
  })

  it('names the temporary file by the randomness that it is given', async () => {
    const disk = await setUp()
    disk.failAt(3, 'EIO', { forever: true })
    await expect(publish(disk, '/x/a', pieces, seededRandom(9))).rejects.toMatchObject({ code: 'EIO' })
    disk.heal()
    expect(disk.list('/x')).toEqual([temporaryName(seededRandom(9))])
  })

  it('gives others a turn between the pieces', async () => {
    const disk = await setUp()
    let turns = 0
    const many = function* () {
      for (let i = 0; i < 20; i += 1) yield Buffer.from('x')
    }
    const publishing = publish(disk, '/x/a', many())
    let isOver = false
    const over = publishing.finally(() => {
      isOver = true
    })
    while (!isOver) {
      await new Promise(setImmediate)
      turns += 1
    }
    await over
    expect(turns).toBeGreaterThanOrEqual(20)
  })

  it('keeps a second name until the first is on the medium', async () => {
    const disk = await setUp()
    const other = disk.process()
    // create, append, stat, sync, link: killed before it has forced the names to the medium
    other.killAt(6)
    await expect(publish(other, '/x/a', Buffer.from(whole))).rejects.toMatchObject({ code: 'KILLED' })
    expect(disk.lstat('/x/a')?.nlink).toBe(2)
    expect(removeTemporary(disk, '/x', 1)).toBe(1)
    expect(disk.lstat('/x/a')?.nlink).toBe(1)
  })
})

describe('replace', () => {
  it('puts a file in the place of another, on the medium', async () => {
    const disk = await setUp('old')
    await replace(disk, '/x/a', pieces)
    expect([disk.list('/x'), disk.openFiles]).toEqual([['a'], 0])
    disk.crash({ strict: true })
    expect(read(disk)).toBe(whole)
  })

  it('makes a file that was not there', async () => {
    const disk = await setUp()
    await replace(disk, '/x/a', pieces)
    expect(read(disk)).toBe(whole)
  })
})

describe.each([
  { name: 'publish', work: publish, old: undefined },
  { name: 'replace', work: replace, old: 'old' },
])('$name, on a disk that fails', ({ work, old }) => {
  const faults: Fault[] = ['ENOSPC', 'EIO', 'EROFS', 'EMFILE', 'EACCES', 'short', 'split']

  it.each(faults)('succeeds whole or throws, and leaves no temporary file, whatever fails with %s', async (fault) => {
    const steps = await stepsOf((disk) => work(disk, '/x/b', pieces))
    for (let n = 1; n <= steps; n += 1) {
      const disk = await setUp(old)
      disk.failAt(n, fault)
      const error = await work(disk, '/x/a', pieces).then(
        () => undefined,
        (thrown: { code: string }) => thrown.code,
      )
      disk.heal()
      expect([undefined, fault, fault === 'short' ? 'STORE' : fault]).toContain(error)
      expect([old, whole]).toContain(read(disk))
      expect(disk.list('/x').filter((name) => name !== 'a')).toEqual([])
      expect(disk.openFiles).toBe(0)
      disk.crash()
      expect(error === undefined ? [whole] : [old, whole]).toContain(read(disk))
    }
  })

  it('leaves the old or the new when it is killed at any step, or the power fails', async () => {
    const steps = await stepsOf((disk) => work(disk, '/x/b', pieces))
    for (let n = 1; n <= steps; n += 1) {
      const disk = await setUp(old)
      const victim = disk.process()
      victim.killAt(n)
      await expect(work(victim, '/x/a', pieces)).rejects.toMatchObject({ code: 'KILLED' })
      expect([old, whole]).toContain(read(disk))
      disk.crash()
      expect([old, whole]).toContain(read(disk))
      removeTemporary(disk, '/x', 1)
      expect(disk.list('/x').filter((name) => name !== 'a')).toEqual([])
    }
  })

  it('says how much the disk has kept when an append was short', async () => {
    const disk = await setUp(old)
    disk.failAt(4, 'short')
    await expect(work(disk, '/x/a', pieces)).rejects.toThrow(/^\/x\/a: the disk kept \d+ of 13 bytes$/)
  })
})

describe('removeTemporary', () => {
  it('removes old temporary files, and nothing else', () => {
    const disk = new FaultyDisk()
    const names = [temporaryName(), temporaryName(seededRandom(1)), 'a.tmp', '.hidden', '00000001.jsonl', '.a-b.tmp']
    for (const name of names) disk.put(`/x/${name}`, 'x')
    disk.makeFolder('/x/.folder.tmp')
    disk.touch(`/x/${names[0]}`, 1_000)
    disk.touch(`/x/${names[1]}`, 2_000)
    expect(removeTemporary(disk, '/x', 2_000)).toBe(1)
    expect(disk.list('/x').sort()).toEqual([...names.slice(1), '.folder.tmp'].sort())
    expect(removeTemporary(disk, '/missing', 2_000)).toBe(0)
  })
})
