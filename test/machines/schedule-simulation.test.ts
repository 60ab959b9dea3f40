import { describe, expect, it } from 'vitest'
import { foldStore } from '../../src/machines/fold-store.ts'
import { emptyStore } from '../../src/machines/store-state.ts'
import { Dice } from './sim/dice.ts'
import { type Edit, withMutant } from './sim/mutant.ts'
import { runSchedules } from './sim/schedules.ts'
import { read, told, write } from './state-dump.ts'

const machines = { foldStore, emptyStore }
const seeds = 1_000
const steps = 120
const timeout = 60_000

describe('one to four writers of schedules, with old knowledge and wrong clocks', () => {
  it(`fire each slot once at most, and break no other rule, in ${seeds} worlds of ${steps} steps`, { timeout }, () => {
    for (let seed = 1; seed <= seeds; seed += 1) runSchedules(machines, seed, steps)
  })

  it('meet every record that counts and every reason why one does not', () => {
    const seen = new Map<string, number>()
    for (let seed = 1; seed <= 100; seed += 1) runSchedules(machines, seed, steps, seen)
    const types = ['Add', 'Update', 'Pause', 'Resume', 'Remove', 'Exhaust', 'Skip']
    const refused = [
      'submit OVERLAP',
      'submit SCHEDULE',
      'submit DEDUP',
      'submit UNKNOWN_SCHEDULE',
      'scheduleAdd DUPLICATE_SCHEDULE',
      'scheduleAdd GONE',
      'scheduleUpdate SCHEDULE',
      'start KEY_FULL',
    ]
    expect([...seen.keys()]).toEqual(
      expect.arrayContaining(['submit accepted', ...types.map((type) => `schedule${type} accepted`), ...refused]),
    )
  })

  it('leave a state that goes on the same when it was written and read again, at any moment', { timeout }, () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const log = runSchedules(machines, seed, steps)
      const cut = new Dice(seed).below(log.length)
      const state = emptyStore()
      for (const record of log.slice(0, cut)) foldStore(state, record)
      const again = read(write(state))
      expect(write(again), `seed ${seed}`).toBe(write(state))
      for (const record of log.slice(cut)) {
        const verdict = told(foldStore(state, record))
        if (told(foldStore(again, record)) !== verdict) expect.unreachable(`seed ${seed}: not ${verdict}`)
      }
      expect(write(again), `seed ${seed}`).toBe(write(state))
    }
  })
})

const chart = (find: string, replace: string): Edit => ({ file: 'schedule.ts', find, replace })
const fold = (find: string, replace: string): Edit => ({ file: 'fold-schedules.ts', find, replace })

describe('the simulation of schedules', () => {
  it.each([
    ['the slot guard is off', chart('slot > context.lastSlot &&', '')],
    ['a slot may fire ahead of its time', chart('slot <= event.at &&', '')],
    ['until does not count', chart('slot <= (context.until ?? Number.POSITIVE_INFINITY)', 'true')],
    ['an old revision counts', chart('event.rev === context.rev', 'event.rev <= context.rev')],
    [
      'resume fires what passed in the pause',
      chart(
        'lastSlot: Math.max(context.lastSlot, event.at),\n    })),\n    fired',
        'lastSlot: context.lastSlot,\n    })),\n    fired',
      ),
    ],
    [
      'resume goes back with the clock',
      chart(
        'lastSlot: Math.max(context.lastSlot, event.at),\n    })),\n    fired',
        'lastSlot: event.at,\n    })),\n    fired',
      ),
    ],
    [
      'a paused schedule fires',
      chart(
        'paused: {\n          on: {',
        "paused: {\n          on: {\n            fire: { guard: 'isFree', actions: 'fired' },",
      ),
    ],
    ['one run more is made', chart('context.fired + 1 >=', 'context.fired >=')],
    [
      'a firing that overlaps leaves its slot',
      fold("const change = useUp(state, schedule, record, firing, 'OVERLAP')", 'const change = undefined'),
    ],
    [
      'overlap is not looked at',
      fold("overlap === 'skip' && open.length > 0", "overlap === 'skip' && open.length > 99"),
    ],
    ['tasks do not queue', fold("overlap === 'skip' ? record.keys", "overlap !== 'skip' ? record.keys")],
    ['a task that has ended stays open', fold('schedule.open.delete(task.id)', '')],
    ['a paused schedule gives its name away', fold("named.status !== 'exhausted'", "named.status === 'active'")],
    ['what is gone may come again', fold("if (state.forgotten.has(scheduleKey + uid)) return refuse('GONE')", '')],
    [
      'a firing delivered again is not known',
      { file: 'fold-store.ts', find: 'if (hasFired(state, record))', replace: 'if (state.lastSeq < 0)' },
    ],
  ] as const)(
    'is red when %s',
    async (_name, edit) => {
      await withMutant([edit], (mutant) => {
        expect(() => {
          for (let seed = 1; seed <= 300; seed += 1) runSchedules(mutant, seed, steps)
        }).toThrow()
      })
    },
    timeout,
  )
})
