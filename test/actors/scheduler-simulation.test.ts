import { describe, expect, it } from 'vitest'
import { Scheduler } from '../../src/actors/scheduler.ts'
import { MemoryStore } from '../../src/store/memory.ts'
import { type Edit, withMutant } from './sim/mutant.ts'
import { live, type Parts } from './sim/world.ts'

const seeds = 10_000
const timeout = 300_000

async function liveAll(parts: Parts, worlds: number): Promise<Map<string, number>> {
  const seen = new Map<string, number>()
  for (let seed = 1; seed <= worlds; seed += 1) {
    try {
      for (const [what, times] of await live(parts, seed)) seen.set(what, (seen.get(what) ?? 0) + times)
    } catch (error) {
      throw new Error(`seed ${seed}: ${error}`, { cause: error })
    }
  }
  return seen
}

describe('one to four schedulers on one store, that crash between any two words, under a clock that is set', () => {
  it(`keep every promise of misfire, overlap, maxRuns, until, pause and removal in ${seeds} worlds`, {
    timeout,
  }, async () => {
    const seen = await liveAll({ Scheduler, MemoryStore }, seeds)
    const wanted = ['fire true', 'fire SCHEDULE', 'fire OVERLAP', 'scheduleSkip true', 'scheduleExhaust true']
    for (const what of [...wanted, 'late', 'alone']) expect(seen.get(what), what).toBeGreaterThan(seeds / 10)
  })
})

const plan = (find: string, replace: string): Edit => ({ file: 'actors/scheduler-plan.ts', find, replace })
const firings = (find: string, replace: string): Edit => ({ file: 'actors/scheduler-firings.ts', find, replace })
const actor = (find: string, replace: string): Edit => ({ file: 'actors/scheduler.ts', find, replace })
const chart = (find: string, replace: string): Edit => ({ file: 'machines/schedule.ts', find, replace })

describe('the simulation of schedulers', () => {
  it.each([
    ['an old revision counts', chart('event.rev === context.rev', 'event.rev <= context.rev')],
    ['a used slot counts', chart('slot > context.lastSlot &&', '')],
    ['until is not looked at', plan('(slot > until && slot !== Number.POSITIVE_INFINITY)', 'slot < 0')],
    ['what is too late is not skipped', plan('newest < now - patience', 'newest < 0')],
    ['what is in time is skipped', plan('newest < now - patience', 'newest < now')],
    ['all means one', plan("misfire !== 'all'", "misfire !== 'once'")],
    ['the oldest missed slot fires', plan('[{ slot: newest, missed:', '[{ slot: first, missed:')],
    ['those that are over stay', firings('if (isOver && fire.length', 'if (uid === "" && fire.length')],
    ['slots behind a refused one go ahead', firings('if (halted.has(schedule)) continue', '')],
    ['a failure is not made up for', actor('entry.due = now + pauseAfterFailure', 'entry.due = Infinity')],
    [
      'a store that could not be read is not read again',
      actor('      this.#loaded = undefined\n      throw error', '      throw error'),
    ],
    ['it sleeps through a clock that is set', actor('Math.min(Math.max(wait, 0), tickEvery)', 'Math.max(wait, 0)')],
    ['it ticks but once', actor('#arm(wait)\n  }', '#disarm()\n  }')],
    ['it does not follow what changes', actor('return this.#follow(change.schedule)', 'return')],
  ] as const)(
    'is red when %s',
    async (_name, edit) => {
      await withMutant(edit, async (mutant) => {
        await expect(liveAll(mutant, 500)).rejects.toThrow()
      })
    },
    timeout,
  )
})
