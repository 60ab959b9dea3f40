import { tmpdir } from 'node:os'
import { describe, expect, it } from 'vitest'
import { fileSystemOf, fileSystemOfType } from '../../../src/store/file/file-system.ts'

describe('fileSystemOfType', () => {
  it.each([
    [0xef53, 'ext4', 'local'],
    [0x58465342, 'xfs', 'local'],
    [0x9123683e, 'btrfs', 'local'],
    [0x794c7630, 'overlay', 'local'],
    [0x01021994, 'tmpfs', 'memory'],
    [0x6969, 'nfs', 'network'],
    [0xff534d42, 'cifs', 'network'],
    [0xfe534d42, 'smb2', 'network'],
    [0x01021997, '9p', 'network'],
    [0x65735546, 'fuse', 'user-space'],
    [0x12345678, 'unknown', 'unknown'],
  ])('knows %i as %s, which is %s', (type, name, kind) => {
    expect(fileSystemOfType(type, 'linux')).toEqual({ name, kind })
  })

  it('knows numbers that a system of 32 bits gives as negative ones', () => {
    expect(fileSystemOfType(0x9123683e - 2 ** 32, 'linux').name).toBe('btrfs')
  })

  it('takes no number of another system for one of Linux', () => {
    expect(fileSystemOfType(0x6969, 'darwin')).toEqual({ name: 'unknown', kind: 'unknown' })
    expect(fileSystemOfType(0x6969, 'win32').kind).toBe('unknown')
  })
})

describe('fileSystemOf', () => {
  it.runIf(process.platform === 'linux')('asks the system', async () => {
    expect((await fileSystemOf('/dev/shm')).kind).toBe('memory')
    expect((await fileSystemOf(tmpdir())).kind).not.toBe('network')
  })

  it('fails for a path that is not there', async () => {
    await expect(fileSystemOf('/missing')).rejects.toMatchObject({ code: 'ENOENT' })
  })
})
