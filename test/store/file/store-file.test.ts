import { describe, expect, it } from 'vitest'
import { Layout } from '../../../src/store/file/layout.ts'
import { identify } from '../../../src/store/file/store-file.ts'
import { FaultyDisk } from '../../../src/testing/faulty-disk.ts'

const layout = new Layout('/store')
const path = '/store/store.json'

function setUp(content?: string | Buffer) {
  const disk = new FaultyDisk()
  disk.makeFolder(layout.journal)
  if (content !== undefined) disk.put(path, content)
  const warnings: string[] = []
  const ask = (more: { readOnly?: boolean; uid?: number; id?: string } = {}) =>
    identify(disk, layout, more.uid, {
      readOnly: more.readOnly ?? false,
      storeId: () => more.id ?? 'fresh',
      warn: (message) => warnings.push(message),
    })
  const written = (): unknown => JSON.parse(String(disk.get(path)))
  const folder = disk.lstat('/store')?.ino
  return { disk, ask, warnings, written, folder }
}

describe('identify', () => {
  it('gives a new store an id, on the medium', async () => {
    const { disk, ask, written, folder } = setUp()
    await disk.syncFolder('/')
    expect(await ask()).toBe('fresh')
    expect(written()).toEqual({ format: 1, storeId: 'fresh', folder })
    disk.crash({ strict: true })
    expect(disk.get(path)).toBeDefined()
  })

  it('keeps the id that is there', async () => {
    const { ask } = setUp('{"format":1,"storeId":"old"}')
    expect(await ask()).toBe('old')
  })

  it('gives all the id of the first of several', async () => {
    const { ask } = setUp()
    expect(new Set(await Promise.all(['a', 'b', 'c'].map((id) => ask({ id })))).size).toBe(1)
  })

  it('gives none when it may only read', async () => {
    const { disk, ask } = setUp()
    expect(await ask({ readOnly: true })).toBeUndefined()
    expect(disk.list('/store')).toEqual(['journal'])
  })

  it('gives none to a store that has lost its own', async () => {
    const { disk, ask } = setUp()
    disk.put(layout.segment(1), 'x')
    const refusal = { code: 'STORE', message: expect.stringContaining(`${path} is missing, though there is a journal`) }
    await expect(ask()).rejects.toMatchObject(refusal)
    await expect(ask({ readOnly: true })).rejects.toMatchObject(refusal)
  })

  it('forces a name to the medium whose maker has not come so far', async () => {
    const { disk, ask } = setUp()
    await disk.syncFolder('/')
    const file = disk.create('/store/.maker.tmp')
    disk.append(file, Buffer.from('{"format":1,"storeId":"theirs"}'))
    await disk.sync(file)
    disk.link('/store/.maker.tmp', path)
    expect(await ask()).toBe('theirs')
    disk.crash({ strict: true })
    expect(disk.get(path)).toBeDefined()
  })

  it('notes the folder of a copy, warns of it once, and keeps what it does not know', async () => {
    const { ask, warnings, written, folder } = setUp('{"format":1,"storeId":"old","folder":99,"later":[1]}')
    expect([await ask({ readOnly: true }), await ask(), await ask()]).toEqual(['old', 'old', 'old'])
    expect(written()).toEqual({ format: 1, storeId: 'old', folder, later: [1] })
    expect(warnings).toHaveLength(2)
    expect(warnings[0]).toContain('both have the id old: use one of them only')
  })

  it('says of a newer format what to do', async () => {
    const { ask } = setUp('{"format":2,"storeId":{"new":"form"}}')
    await expect(ask()).rejects.toMatchObject({
      code: 'STORE',
      message: `${path} has format 2, and this version of Offstage knows 1; use a newer version`,
    })
  })

  it('refuses a file of another user', async () => {
    const { disk, ask } = setUp('{"format":1,"storeId":"old"}')
    const uid = disk.lstat(path)?.uid ?? 0
    expect(await ask({ uid })).toBe('old')
    await expect(ask({ uid: uid + 1 })).rejects.toMatchObject({
      code: 'STORE',
      message: expect.stringContaining('user'),
    })
  })

  it.each([
    ['nothing', '', 'is not JSON'],
    ['NULs', '\0'.repeat(40), 'is not JSON'],
    ['half of it', '{"format":1,"sto', 'is not JSON'],
    ['a list', '[1]', 'is not an object'],
    ['null', 'null', 'is not an object'],
    ['no format', '{"storeId":"old"}', 'names no format'],
    ['a format that is no number', '{"format":"1","storeId":"old"}', 'names no format'],
    ['a format of 0', '{"format":0,"storeId":"old"}', 'names no format'],
    ['a format beyond all numbers', '{"format":1e400,"storeId":"old"}', 'names no format'],
    ['no id', '{"format":1}', 'names no store'],
    ['an id that is a path', '{"format":1,"storeId":"../x"}', 'names no store'],
    ['an id from a prototype', '{"format":1,"__proto__":{"storeId":"old"}}', 'names no store'],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0]), 'is not JSON'],
    ['a megabyte', ' '.repeat(1024 ** 2), 'has 1048576 bytes'],
  ])('says that a file with %s is damaged, and leaves it', async (_, content, how) => {
    const { disk, ask } = setUp(content)
    const message = expect.stringMatching(`^${path} is damaged: it ${how}; put it back from a backup$`)
    await expect(ask()).rejects.toMatchObject({ code: 'STORE', message })
    expect(disk.get(path)?.equals(Buffer.from(content))).toBe(true)
    expect(disk.openFiles).toBe(0)
  })
})
