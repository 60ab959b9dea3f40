/** @module Fresh processes, for what can be measured once in a process. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** What a program of `bench/child` prints. @throws When it fails. */
export async function printed(name: string, args: readonly string[], flags: readonly string[] = []): Promise<string> {
  const file = fileURLToPath(new URL(`../child/${name}.js`, import.meta.url))
  const { stdout } = await run(process.execPath, [...flags, file, ...args])
  return stdout.trim()
}
