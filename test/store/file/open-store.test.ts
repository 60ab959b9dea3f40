import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import type { SubmitRecord } from '../../../src/machines/records.ts'
import { FileStore } from '../../../src/store/file/store.ts'

const home = mkdtempSync(join(tmpdir(), 'offstage-open-'))
afterAll(() => rmSync(home, { recursive: true }))

const limits = { timeout: undefined, grace: 0, maxAttempts: 1, maxOrphans: 3 }
const ids = Array.from({ length: 25 }, (_, i) => `t${i}`)
const submitOf = (task: string, i: number): SubmitRecord => ({
  type: 'submit',
  task,
  at: Date.now(),
  name: task,
  recipe: 'r',
  limits,
  ...(i % 5 === 4 && { delay: 1 }),
  ...(i === 24 && { needs: ['t23'] }),
})

async function claimAll(store: FileStore): Promise<string[]> {
  let claims = 0
  const claimed: string[] = []
  for (;;) {
    const won = await store.claim({
      worker: 'w',
      at: Date.now() + 1_000,
      slots: 10,
      claim: () => `c${++claims}`,
      takes: () => true,
      fits: () => true,
    })
    if (won.length === 0) return claimed
    claimed.push(...won.map(({ task }) => task.id))
  }
}

describe('a store that is opened', () => {
  it.each([
    ['in the journal alone', 1_000],
    ['in a snapshot and behind it', 10],
  ])('offers all that is pending, which it finds %s', async (_where, segmentEvents) => {
    const dir = join(home, String(segmentEvents))
    const first = new FileStore({ dir, segmentEvents })
    for (const [i, id] of ids.entries()) await first.submit([submitOf(id, i)])
    if (segmentEvents < ids.length)
      await vi.waitFor(() => expect(readdirSync(join(dir, 'snapshots'))).not.toEqual([]), { timeout: 20_000 })
    await first.close()
    await using store = await new FileStore({ dir, segmentEvents }).open()
    expect(store.counts).toMatchObject({ pending: 25, running: 0 })
    expect((await claimAll(store)).toSorted()).toEqual(ids.slice(0, -1).toSorted())
    expect(store.counts).toMatchObject({ pending: 1, running: 24 })
  })
})
