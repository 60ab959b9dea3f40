import { describe, expect, it } from 'vitest'
import { probe } from '../../../src/store/file/probe.ts'
import { FaultyDisk } from '../../../src/testing/faulty-disk.ts'

const warnings: string[] = []
const run = (disk: FaultyDisk): void => probe(disk, '/', { warn: (message) => warnings.push(message) })
const failing = (code: string) => (): never => {
  throw Object.assign(new Error(code), { code })
}

describe('probe', () => {
  it('takes a folder that can do it all, and leaves nothing', () => {
    const disk = new FaultyDisk()
    run(disk)
    expect([disk.list('/'), disk.openFiles, warnings]).toEqual([[], 0, []])
  })

  it.each<[string, Partial<FaultyDisk>]>([
    ['appends cannot be read back', { append: () => undefined }],
    ['appends cannot be read back', { read: (_, into) => into.fill(0).length - 1 }],
    ['a file cannot get a second name', { link: () => false }],
    ['a file cannot get a second name', { link: failing('EPERM') }],
    ['a file cannot get a second name', { link: failing('ENOTSUP') }],
    ['files cannot be renamed', { rename: () => undefined }],
  ])('says what a folder cannot do: %s', (what, broken) => {
    const disk = Object.assign(new FaultyDisk(), broken)
    expect(() => run(disk)).toThrow(expect.objectContaining({ code: 'STORE', message: expect.stringContaining(what) }))
    expect([disk.list('/'), disk.openFiles]).toEqual([[], 0])
  })

  it('throws what the disk throws', () => {
    const disk = Object.assign(new FaultyDisk(), { link: failing('EIO') })
    expect(() => run(disk)).toThrow('EIO')
    expect(disk.list('/')).toEqual([])
  })

  it('finds an append that is short', () => {
    const disk = new FaultyDisk()
    disk.failAt(1, 'short')
    expect(() => run(disk)).toThrow('appends cannot be read back')
  })

  it.each(['ENOSPC', 'EDQUOT'])('warns when the disk is full (%s)', (code) => {
    warnings.length = 0
    const disk = Object.assign(new FaultyDisk(), { append: failing(code) })
    run(disk)
    expect(warnings).toEqual(['the disk of / is full: the store can be read, but not much can be recorded'])
    expect([disk.list('/'), disk.openFiles]).toEqual([[], 0])
  })
})
