import { execFile } from 'node:child_process'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundleLibrary } from '../../bundle.ts'

const run = promisify(execFile)
let folder = ''

/** The store as it is published: beside it stands the program of the thread. */
beforeAll(async () => {
  folder = await bundleLibrary({
    store: 'src/store/file/store.ts',
    'store/file/snapshot-thread': 'src/store/file/snapshot-thread.ts',
  })
}, 60_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Ends with what the process printed; one that ends before its last line fails with code 13. */
async function printed(name: string, program: string): Promise<string> {
  const whole = `import { FileStore } from './store.js'
    const limits = { timeout: undefined, grace: 0, maxAttempts: 1, maxOrphans: 1 }
    const store = new FileStore({ dir: ${JSON.stringify(name)}, segmentBytes: 10_000 })
    const submit = (from, n) => store.submit(Array.from({ length: n }, (_, i) =>
      ({ type: 'submit', task: 't' + (from + i), at: Date.now(), name: 'a', recipe: 'r', input: { i }, limits })))
    await submit(0, 200)
    await submit(200, 1)
    ${program}
    process.stdout.write('over')`
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', whole], { cwd: folder, timeout: 20_000 })
  return stdout
}

describe('the thread that makes a snapshot', () => {
  it.each([
    ['closes', 'await store.close()'],
    ['tidies', 'await store.tidy({ olderThan: 0 })'],
  ])('keeps the process alive while somebody %s the store', async (name, program) => {
    expect(await printed(name, program)).toBe('over')
    expect(await readdir(join(folder, name, 'snapshots'))).toHaveLength(1)
  })

  it('does not hold up a process that ends', async () => {
    expect(await printed('leaves', '')).toBe('over')
    expect(await readdir(join(folder, 'leaves', 'journal'))).not.toHaveLength(1)
  })
})
