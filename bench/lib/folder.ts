/** @module Folders for one run, on the disk that the project stands on, gone with the process. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const made: string[] = []

/** An empty folder. OFFSTAGE_BENCH_DIR says where: it should be a disk, for memory syncs in no time. */
export function temporary(name: string): string {
  if (made.length === 0) process.once('exit', () => made.forEach(remove))
  const folder = mkdtempSync(join(process.env.OFFSTAGE_BENCH_DIR ?? tmpdir(), `offstage-bench-${name}-`))
  made.push(folder)
  return folder
}

/** Removes one before the end. */
export function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
}
