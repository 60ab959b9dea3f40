/** @module What kind of file system a path stands on: a journal needs one whose appends are atomic among processes. */
import { statfs } from 'node:fs/promises'

/** A file system, as far as it matters to a store. */
export interface FileSystem {
  /** `ext4`, `nfs` and so on; `unknown` without a better name. */
  readonly name: string
  /** Who serves it: this machine's disk, its memory, another machine, or a program. */
  readonly kind: 'local' | 'memory' | 'network' | 'user-space' | 'unknown'
}

const unknown: FileSystem = Object.freeze({ name: 'unknown', kind: 'unknown' })

/** The numbers by which Linux names its file systems (`f_type` of statfs). */
const linux: ReadonlyMap<number, FileSystem> = new Map<number, FileSystem>(
  (
    [
      [0xef53, 'ext4', 'local'],
      [0x58465342, 'xfs', 'local'],
      [0x9123683e, 'btrfs', 'local'],
      [0x2fc12fc1, 'zfs', 'local'],
      [0xca451a4e, 'bcachefs', 'local'],
      [0xf2f52010, 'f2fs', 'local'],
      [0x794c7630, 'overlay', 'local'],
      [0x52654973, 'reiserfs', 'local'],
      [0x3153464a, 'jfs', 'local'],
      [0x4d44, 'vfat', 'local'],
      [0x2011bab0, 'exfat', 'local'],
      [0x7366746e, 'ntfs3', 'local'],
      [0xf15f, 'ecryptfs', 'local'],
      [0x01021994, 'tmpfs', 'memory'],
      [0x858458f6, 'ramfs', 'memory'],
      [0x6969, 'nfs', 'network'],
      [0x517b, 'smb', 'network'],
      [0xff534d42, 'cifs', 'network'],
      [0xfe534d42, 'smb2', 'network'],
      [0x01021997, '9p', 'network'],
      [0x00c36400, 'ceph', 'network'],
      [0x5346414f, 'afs', 'network'],
      [0x6b414653, 'kafs', 'network'],
      [0x73757245, 'coda', 'network'],
      [0x0bd00bd0, 'lustre', 'network'],
      [0x01161970, 'gfs2', 'network'],
      [0x7461636f, 'ocfs2', 'network'],
      [0x47504653, 'gpfs', 'network'],
      [0x65735546, 'fuse', 'user-space'],
    ] as const
  ).map(([type, name, kind]) => [type, Object.freeze({ name, kind })]),
)

/**
 * Names a file system by the number that `statfs` gives. Only Linux' numbers mean the same everywhere.
 *
 * @param type The number; a system of 32 bits gives some as negative ones.
 */
export function fileSystemOfType(type: number, platform: NodeJS.Platform): FileSystem {
  return (platform === 'linux' ? linux.get(type >>> 0) : undefined) ?? unknown
}

/** What a path stands on. @throws What the system throws, such as ENOENT. */
export async function fileSystemOf(path: string): Promise<FileSystem> {
  const { type } = await statfs(path)
  return fileSystemOfType(type, process.platform)
}
