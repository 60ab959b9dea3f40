import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { StoreError } from '../../../src/errors.ts'
import type { BlobRef } from '../../../src/machines/records.ts'
import { Blobs, largestBlob } from '../../../src/store/file/blobs.ts'
import { failure, SmallDisk } from './small-disk.ts'

function setUp() {
  const disk = new SmallDisk()
  return { disk, blobs: new Blobs({ disk, folder: '/blobs' }) }
}
const path = ({ name }: BlobRef): string => `/blobs/${name}`
const json = JSON.stringify({ text: '語'.repeat(1_000), __proto__: 1 })
const told = (act: () => unknown): string => {
  try {
    act()
  } catch (error) {
    return StoreError.is(error) ? `${error.code}: ${error.message}` : String(error)
  }
  return 'nothing was thrown'
}

describe('Blobs', () => {
  it('gives back the value that was put', async () => {
    const { disk, blobs } = setUp()
    const ref = await blobs.put('a', 'input', json)
    expect(blobs.read(ref)).toEqual(JSON.parse(json))
    expect(ref).toEqual({
      name: expect.stringMatching(/^[0-9a-f]{32}$/),
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      bytes: 3_011,
    })
    expect(disk.open.size).toBe(0)
  })

  it('resolves when the content, and then the name, is on the medium', async () => {
    const { disk, blobs } = setUp()
    const { name } = await blobs.put('a', 'input', json)
    expect(disk.done.map((each) => each.replace(/\.\w+\.tmp/, 'one beside'))).toEqual([
      'makeFolder blobs',
      'create one beside',
      'append one beside',
      'sync one beside',
      `rename ${name}`,
      'syncFolder blobs',
    ])
  })

  it('keeps what a task, a role and a content make apart, so that nothing a record names is ever replaced', async () => {
    const { disk, blobs } = setUp()
    const first = await blobs.put('a', 'result', '1')
    await blobs.put('a', 'input', '1')
    await blobs.put('b', 'result', '1')
    await blobs.put('a', 'result', '2')
    expect([disk.files.size, blobs.read(first)]).toEqual([4, 1])
    expect(await blobs.put('a', 'result', '1')).toEqual(first)
    expect(disk.files.size).toBe(4)
  })

  it('puts many at once, equal ones too', async () => {
    const { disk, blobs } = setUp()
    const refs = await Promise.all(['1', '1', '2', '1'].map((each) => blobs.put('a', 'input', each)))
    expect(refs.map((ref) => blobs.read(ref))).toEqual([1, 1, 2, 1])
    expect(disk.files.size).toBe(2)
  })

  it('lets the event loop turn while it writes a large value', async () => {
    const { blobs } = setUp()
    let turns = 0
    let done = false
    const put = blobs.put('a', 'input', JSON.stringify('x'.repeat(8 * 1024 * 1024))).then(() => (done = true))
    while (!done) {
      await turn()
      turns += 1
    }
    await put
    expect(turns).toBeGreaterThan(10)
  })

  it('refuses more than 64 MiB before it writes anything', async () => {
    const { disk, blobs } = setUp()
    const refused = blobs.put('a', 'result', 'x'.repeat(largestBlob + 1))
    await expect(refused).rejects.toMatchObject({ code: 'TOO_LARGE', message: expect.stringContaining('67108865') })
    expect(disk.done).toEqual([])
  })

  it('names a blob that is missing', async () => {
    const { disk, blobs } = setUp()
    const ref = await blobs.put('a', 'input', json)
    disk.remove(path(ref))
    expect(told(() => blobs.read(ref))).toBe(`STORE: blob ${ref.name} is missing`)
  })

  it.each([
    ['a byte has changed', (bytes: Buffer) => Buffer.from(bytes.toString().replace('text', 'test'))],
    ['its end is missing', (bytes: Buffer) => bytes.subarray(0, -1)],
    ['something follows', (bytes: Buffer) => Buffer.concat([bytes, Buffer.from(' ')])],
    ['it is empty', () => Buffer.alloc(0)],
  ])('names a blob that is damaged: %s', async (_, damage) => {
    const { disk, blobs } = setUp()
    const ref = await blobs.put('a', 'input', json)
    const file = disk.files.get(path(ref))
    if (file !== undefined) file.bytes = damage(file.bytes)
    expect(told(() => blobs.read(ref))).toMatch(`STORE: blob "${ref.name}" is damaged`)
    expect(disk.open.size).toBe(0)
  })

  it.each(['../store.json', '/etc/passwd', '', `.${'0'.repeat(22)}.tmp`, '0'.repeat(31)])(
    'follows no forged name: %j',
    (name) => {
      const { disk, blobs } = setUp()
      expect(told(() => blobs.read({ name, hash: '', bytes: 1 }))).toContain('is damaged: its reference')
      expect(disk.done).toEqual([])
    },
  )

  it('allocates nothing for a forged length', () => {
    const { blobs } = setUp()
    const forged = { name: '0'.repeat(32), hash: '', bytes: 1e12 }
    expect(told(() => blobs.read(forged))).toContain('is damaged: its reference')
  })

  it('removes what no record names, once it is old', async () => {
    const { disk, blobs } = setUp()
    const kept = await blobs.put('a', 'input', '1')
    const orphan = await blobs.put('b', 'input', '2')
    disk.put('/blobs/notes.txt', 'mine')
    expect(blobs.size()).toBe(1 + 1 + 4)
    expect(blobs.clean(new Set([kept.name]), 1_000)).toBe(0)
    expect(blobs.clean(new Set([kept.name]), 1_001)).toBe(1)
    expect([blobs.has(kept), blobs.has(orphan)]).toEqual([true, false])
    expect(disk.list('/blobs').sort()).toEqual([kept.name, 'notes.txt'].sort())
  })
})

describe('Blobs, on a disk that fails', () => {
  it.each([
    ['makeFolder', 'EACCES', 'STORE'],
    ['create', 'EMFILE', 'STORE'],
    ['append', 'ENOSPC', 'STORE_FULL'],
    ['append', 'EDQUOT', 'STORE_FULL'],
    ['sync', 'EIO', 'STORE'],
    ['rename', 'EROFS', 'STORE'],
  ])('keeps nothing when %s fails with %s', async (broken, code, expected) => {
    const { disk, blobs } = setUp()
    disk.fault = (operation) => {
      if (operation === broken) throw failure(code)
    }
    await expect(blobs.put('a', 'input', json)).rejects.toMatchObject({ code: expected, cause: { code } })
    expect([disk.files.size, disk.open.size]).toEqual([0, 0])
  })

  it('refuses when the name is not on the medium', async () => {
    const { disk, blobs } = setUp()
    disk.fault = (operation) => {
      if (operation === 'syncFolder') throw failure('EIO')
    }
    await expect(blobs.put('a', 'input', json)).rejects.toMatchObject({ code: 'STORE' })
  })

  it('notices a write that was cut short without an error', async () => {
    const { disk, blobs } = setUp()
    disk.written = (bytes) => bytes.subarray(1)
    await expect(blobs.put('a', 'input', json)).rejects.toMatchObject({ code: 'STORE' })
    expect(disk.files.size).toBe(0)
  })

  it('says which blob could not be read', async () => {
    const { disk, blobs } = setUp()
    const ref = await blobs.put('a', 'input', json)
    disk.fault = () => {
      throw failure('EACCES')
    }
    expect(told(() => blobs.read(ref))).toContain(`blob ${ref.name} could not be read: Error: EACCES`)
  })
})
