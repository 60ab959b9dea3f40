/** B1, B3: processes that are killed and stopped at random moments, and writes that come short. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FileStore } from '../../src/store/file/store.ts'
import { readWorld, violations } from './checker.ts'
import { bundle, crash, notesIn, type RunOptions } from './harness.ts'

const home = mkdtempSync(join(tmpdir(), 'offstage-crash-'))
const kills = Number(process.env['OFFSTAGE_KILLS'] ?? 1_000)
const seed = Number(process.env['OFFSTAGE_SEED'] ?? Date.now() % 1_000_000)
/** How many torn lines there must be for a run to prove something about them. */
const tornLines = 10
let program = ''
let made = 0

beforeAll(async () => {
  program = await bundle()
})
afterAll(() => {
  rmSync(home, { recursive: true, force: true })
  rmSync(program, { force: true })
})

async function outcomeOf(options: Omit<RunOptions, 'folder' | 'seed'>) {
  made += 1
  const folder = join(home, String(made))
  const run = await crash(program, { folder, seed, ...options })
  const notes = notesIn(run.logs)
  const world = readWorld(run.dir)
  return { run, notes, world, wrong: violations(world, notes) }
}

const count = (notes: readonly object[], what: string): number => notes.filter((note) => what in note).length

describe(`four processes on one store, seed ${seed}`, () => {
  it(`lose nothing that was acknowledged, and do nothing twice, in ${kills} kills`, {
    timeout: kills * 400 + 60_000,
  }, async () => {
    const { run, notes, world, wrong } = await outcomeOf({ kills })
    expect(wrong).toEqual([])
    console.log(
      `${run.kills} kills, ${run.stops} stops: ${count(notes, 'submit')} submits, ${count(notes, 'begin')} starts and ` +
        `${count(notes, 'complete')} completions acknowledged; ${world.records} records in ${world.segments} segments, ` +
        `${world.damaged} torn lines, ${world.void} void; 0 lost, 0 done twice`,
    )
    expect(count(notes, 'complete')).toBeGreaterThan(kills / 2)
    expect(world.segments).toBeGreaterThan(kills / 100)
    await agrees(run.dir, world)
    expect(temporaryIn(run.dir)).toEqual([])
  })

  it('lose nothing when one write in fifteen comes short', { timeout: kills * 400 + 120_000 }, async () => {
    const { wrong, world } = await outcomeOf({
      kills: Math.max(kills / 10, 20),
      shortOneIn: 15,
      enough: ({ dir }) => readWorld(dir).damaged >= tornLines,
    })
    expect(wrong).toEqual([])
    expect(world.damaged).toBeGreaterThanOrEqual(tornLines)
  })

  it.each(['read-back', 'newline'] as const)(
    'are caught when the %s is taken out',
    { timeout: 120_000 },
    async (without) => {
      const { wrong } = await outcomeOf({
        kills: 30,
        shortOneIn: 5,
        without,
        enough: ({ dir, logs }) => violations(readWorld(dir), notesIn(logs)).length > 0,
      })
      expect(wrong.length).toBeGreaterThan(0)
    },
  )
})

/** A process that opens the store afterwards sees the same world as the judge. */
async function agrees(dir: string, world: ReturnType<typeof readWorld>): Promise<void> {
  await using store = await new FileStore({ dir, lease: '1s' }).open()
  for (const [id, life] of world.tasks) {
    const task = await store.get(id)
    if (life.forgotten) expect(task, id).toBeUndefined()
    else if (life.end !== undefined) expect([id, task?.status]).toEqual([id, life.end])
    else expect([id, task?.snapshot.context.claim]).toEqual([id, life.claim])
  }
  await store.tidy({ olderThan: 0 })
}

const temporaryIn = (dir: string): string[] =>
  ['', 'journal', 'snapshots'].flatMap((folder) =>
    readdirSync(join(dir, folder)).filter((name) => name.endsWith('.tmp')),
  )
