/** @module What the disk itself can do: no store is faster than that. */
import { closeSync, fdatasync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const sync = promisify(fdatasync)
/** About what a submit is in the journal. */
const record = Buffer.alloc(400, 'a')

/** Appends records one by one, each forced to the medium before the next. */
export async function appendAndSync(dir: string, count: number): Promise<void> {
  const file = openSync(join(dir, 'raw'), 'a')
  for (let i = 0; i < count; i += 1) {
    writeSync(file, record)
    await sync(file)
  }
  closeSync(file)
}
