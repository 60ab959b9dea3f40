/** @module What files and folders in memory keep when the power fails. */
import type { Random } from '../random.ts'

/** What a file is apart from its names. */
export interface MemoryFile {
  readonly kind: 'file'
  readonly ino: number
  readonly mode: number
  data: Buffer
  size: number
  /** How many bytes are on the medium. */
  synced: number
  /** Bytes that a failed sync has lost, though they can still be read: from, to. */
  readonly lost: [number, number][]
  nlink: number
  handles: number
  mtimeMs: number
}

export interface MemoryFolder {
  readonly kind: 'folder'
  readonly ino: number
  readonly mode: number
  entries: Map<string, MemoryNode>
  /** The entries on the medium. */
  synced: Map<string, MemoryNode>
  mtimeMs: number
}

export type MemoryNode = MemoryFile | MemoryFolder

/**
 * Leaves what was synced and, by the randomness, some of the rest; without it, nothing of the rest.
 *
 * @returns The files that are left.
 */
export function cutPower(root: MemoryFolder, random: Random | undefined): ReadonlySet<MemoryFile> {
  const files = new Set<MemoryFile>()
  crashFolder(root, files, random)
  for (const file of files) crashFile(file, random)
  return files
}

function crashFolder(folder: MemoryFolder, files: Set<MemoryFile>, random: Random | undefined): void {
  for (const name of new Set([...folder.synced.keys(), ...folder.entries.keys()])) {
    const synced = folder.synced.get(name)
    const latest = folder.entries.get(name)
    const node = synced !== latest && random !== undefined && random.next() < 0.5 ? latest : synced
    if (node === undefined) folder.entries.delete(name)
    else folder.entries.set(name, node)
    if (node?.kind === 'folder') crashFolder(node, files, random)
    if (node?.kind !== 'file') continue
    node.nlink = files.has(node) ? node.nlink + 1 : 1
    node.handles = 0
    files.add(node)
  }
  folder.synced = new Map(folder.entries)
}

function crashFile(file: MemoryFile, random: Random | undefined): void {
  const below = (n: number): number => Math.floor((random?.next() ?? 0) * n)
  for (const [from, to] of file.lost.splice(0)) file.data.fill(0, from, to)
  const kept = file.synced + below(file.size - file.synced + 1)
  // a file may have got its length before its bytes
  const zeros = below(2) * below(file.size - kept + 1)
  file.data.fill(0, kept)
  file.size = kept + zeros
  file.synced = file.size
}
