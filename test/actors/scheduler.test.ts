import { describe, expect, it } from 'vitest'
import { Scheduler, type SchedulerOptions } from '../../src/actors/scheduler.ts'
import type { Slots } from '../../src/actors/scheduler-plan.ts'
import { Timers } from '../../src/actors/timer.ts'
import { StoreError, ValidationError } from '../../src/errors.ts'
import type { ScheduleAddRecord } from '../../src/machines/schedule-records.ts'
import { MemoryStore } from '../../src/store/memory.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'

const minute = 60_000
const limits = { timeout: undefined, grace: 0, maxAttempts: 1, maxOrphans: 1 }

/** Slots every so many ms. */
const slots: Slots = {
  next: ({ every }, after) => (Math.floor(after / Number(every)) + 1) * Number(every),
  previous: ({ every }, before) => (Math.ceil(before / Number(every)) - 1) * Number(every),
  between: ({ every }, after, until, limit) => {
    const found: number[] = []
    for (
      let slot = slots.next({ every }, after) as number;
      slot <= until && found.length < limit;
      slot += Number(every)
    )
      found.push(slot)
    return found
  },
}

function machine(store = new MemoryStore()) {
  const clock = new VirtualClock({ now: 1 })
  const timers = new Timers(clock, () => {})
  const warnings: string[] = []
  let ids = 0
  const add = (uid: string, more: Partial<ScheduleAddRecord> = {}): void => {
    const definition = { when: { every: minute }, target: { recipe: 'r' }, misfire: 'once', overlap: 'queue' } as const
    store.append({ type: 'scheduleAdd', uid, name: uid, at: clock.now(), ...definition, ...more })
  }
  const scheduler = (more: Partial<SchedulerOptions> = {}): Scheduler =>
    new Scheduler({
      store,
      clock,
      timers,
      slots,
      tickEvery: 30_000,
      record: async ({ uid }, firing) => {
        ids += 1
        return {
          type: 'submit',
          task: `${uid}-${ids}`,
          at: clock.now(),
          name: uid,
          recipe: 'r',
          limits,
          schedule: firing,
        }
      },
      isPaused: () => false,
      warn: (message) => warnings.push(message),
      ...more,
    })
  const fired = (uid: string): (number | undefined)[] =>
    store
      .schedule(uid)
      ?.history.filter(({ task }) => task !== undefined)
      .map(({ slot }) => slot) ?? []
  return { store, clock, timers, warnings, add, scheduler, fired }
}

describe('a scheduler', () => {
  it('fires each slot at its moment', async () => {
    const { clock, add, scheduler, fired, store } = machine()
    add('a')
    scheduler().start()
    await clock.advance(3 * minute)
    expect(fired('a')).toEqual([minute, 2 * minute, 3 * minute])
    expect(store.schedule('a')?.history.map(({ at }) => at)).toEqual([minute, 2 * minute, 3 * minute])
  })

  it('hears of schedules that come, change and go while it sleeps', async () => {
    const { clock, add, scheduler, fired, store } = machine()
    scheduler().start()
    await clock.advance(10_000)
    add('a', { when: { every: 1_000 } })
    await clock.advance(2_000)
    store.append({ type: 'schedulePause', uid: 'a', rev: 1, at: clock.now() })
    await clock.advance(minute)
    expect(fired('a')).toEqual([11_000, 12_000])
  })

  it('looks at nothing but what is due', async () => {
    const { clock, add, scheduler } = machine()
    let asked = 0
    const counting: Slots = {
      ...slots,
      next: (when, after) => {
        asked += 1
        return slots.next(when, after)
      },
    }
    for (let i = 0; i < 500; i += 1) add(`s${i}`, { when: { every: 1e9 } })
    add('a')
    scheduler({ slots: counting }).start()
    await clock.advance(30_000)
    asked = 0
    await clock.advance(10 * minute)
    expect(asked).toBeLessThan(100)
  })

  it('stops, also amid a pass, and may be started again', async () => {
    const { clock, add, scheduler, fired } = machine()
    add('a')
    const it = scheduler()
    it.start()
    it.start()
    expect(it.state).toBe('ticking')
    it.stop()
    expect(it.state).toBe('stopping')
    await clock.advance(0)
    expect([it.state, clock.pending]).toEqual(['stopped', 0])
    await clock.advance(2 * minute)
    expect(fired('a')).toEqual([])
    it.start()
    await clock.advance(minute)
    expect([it.state, fired('a')]).toEqual(['waiting', [2 * minute, 3 * minute]])
    it.stop()
    expect(it.state).toBe('stopped')
  })

  it('tells the events of its chart', async () => {
    const { clock, add, scheduler } = machine()
    const events: string[] = []
    add('a')
    const it = scheduler({ moved: ({ type }) => events.push(type) })
    it.start()
    await clock.advance(0)
    it.stop()
    it.stop()
    expect(events).toEqual(['start', 'tick', 'ticked', 'stop'])
  })

  it('makes one pass on its own, and arms nothing', async () => {
    const { clock, timers, add, scheduler, fired } = machine()
    add('a')
    const it = scheduler()
    expect(await it.tick()).toEqual({ fired: 0, skipped: 0, next: minute })
    clock.step(minute)
    expect(await it.tick()).toEqual({ fired: 1, skipped: 0, next: 2 * minute })
    expect([fired('a'), timers.size]).toEqual([[minute], 0])
  })

  it('fires nothing while it is paused, and what is due when it is woken', async () => {
    const { clock, add, scheduler, fired } = machine()
    let isPaused = true
    add('a')
    const it = scheduler({ isPaused: () => isPaused })
    it.start()
    await clock.advance(2 * minute)
    expect(fired('a')).toEqual([])
    isPaused = false
    it.wake()
    await clock.advance(0)
    expect(fired('a')).toEqual([2 * minute])
  })

  it('fires nothing that was begun when it is paused', async () => {
    const { clock, add, scheduler, fired } = machine()
    let isPaused = false
    add('a')
    const record: SchedulerOptions['record'] = async ({ uid }, schedule) => {
      isPaused = true
      return { type: 'submit', task: 't', at: clock.now(), name: uid, recipe: 'r', limits, schedule }
    }
    scheduler({ record, isPaused: () => isPaused }).start()
    await clock.advance(minute)
    expect(fired('a')).toEqual([])
  })
})

describe('a clock that is set', () => {
  it('forward is noticed within a tick, and means missed slots', async () => {
    const { clock, add, scheduler, fired, store } = machine()
    add('a', { when: { every: 60 * minute } })
    scheduler().start()
    await clock.advance(minute)
    clock.step(24 * 60 * minute)
    await clock.advance(30_000)
    expect(fired('a')).toEqual([24 * 60 * minute])
    expect(store.schedule('a')?.history[0]?.missed).toBe(24)
  })

  it('back fires nothing until the newest slot has passed', async () => {
    const { clock, add, scheduler, fired } = machine()
    add('a')
    scheduler().start()
    await clock.advance(2 * minute)
    clock.step(-60 * minute)
    await clock.advance(60 * minute)
    expect(fired('a')).toEqual([minute, 2 * minute])
    await clock.advance(minute)
    expect(fired('a')).toEqual([minute, 2 * minute, 3 * minute])
  })
})

describe('several schedulers', () => {
  it('fire each slot once, and let the winner go first', async () => {
    const { clock, add, scheduler, fired, store } = machine()
    let submits = 0
    const counted = new Proxy(store, {
      get: (target, name) => {
        if (name !== 'submit') return Reflect.get(target, name).bind?.(target) ?? Reflect.get(target, name)
        return async (records: Parameters<MemoryStore['submit']>[0]) => {
          submits += 1
          await Promise.resolve()
          return target.submit(records)
        }
      },
    })
    add('a', { when: { every: 1_000 } })
    for (let i = 0; i < 10; i += 1) scheduler({ store: counted }).start()
    await clock.advance(20_000)
    expect(fired('a')).toHaveLength(20)
    expect(submits).toBeLessThan(60)
  })
})

describe('what goes wrong', () => {
  it('with one schedule keeps no other from firing, and uses its slot up', async () => {
    const { clock, add, scheduler, fired, store, warnings } = machine()
    add('bad', { target: { recipe: 'bad' } })
    add('good')
    scheduler({
      record: async ({ uid }, schedule) => {
        if (uid === 'bad') throw new ValidationError('input', 'a number', 'text', 'INVALID_INPUT')
        return { type: 'submit', task: 't', at: clock.now(), name: uid, recipe: 'r', limits, schedule }
      },
    }).start()
    await clock.advance(minute)
    expect(fired('good')).toEqual([minute])
    expect(store.schedule('bad')?.history).toMatchObject([{ slot: minute, reason: 'INVALID_INPUT' }])
    expect(warnings).toEqual(['the schedule bad (bad) could not make its task'])
  })

  it('with a schema that never answers costs its slot alone', async () => {
    const { clock, add, scheduler, fired, store } = machine()
    add('slow')
    add('good')
    scheduler({
      record: ({ uid }, schedule) =>
        uid === 'slow'
          ? new Promise(() => {})
          : Promise.resolve({ type: 'submit', task: 't', at: clock.now(), name: uid, recipe: 'r', limits, schedule }),
    }).start()
    await clock.advance(minute + 5_000)
    expect(fired('good')).toEqual([minute])
    expect(store.schedule('slow')?.history).toMatchObject([{ slot: minute, reason: 'TIMEOUT' }])
  })

  it('with the store is told, and made up for', async () => {
    const store = new MemoryStore()
    const { clock, add, scheduler, fired, warnings } = machine(store)
    const submit = store.submit.bind(store)
    let failures = 3
    store.submit = (records) => {
      failures -= 1
      if (failures >= 0) throw new StoreError('STORE_FULL', 'the disk is full')
      return submit(records)
    }
    add('a')
    scheduler().start()
    await clock.advance(minute + 10_000)
    expect(fired('a')).toEqual([minute])
    expect(warnings).toEqual(new Array(3).fill('schedules could not make their tasks, and will try again'))
  })

  it('with a record that no store takes keeps the others of its batch from nothing', async () => {
    const store = new MemoryStore()
    const { clock, add, scheduler, fired } = machine(store)
    const submit = store.submit.bind(store)
    store.submit = (records) => {
      if (records.some(({ name }) => name === 'huge')) throw new StoreError('TOO_LARGE', 'a record of a gigabyte')
      return submit(records)
    }
    add('huge')
    add('good')
    scheduler().start()
    await clock.advance(minute)
    expect(fired('good')).toEqual([minute])
    expect(store.schedule('huge')?.history).toMatchObject([{ slot: minute, reason: 'TOO_LARGE' }])
  })

  it('as schedules are read is told, and tried again', async () => {
    const store = new MemoryStore()
    const { clock, add, scheduler, fired, warnings } = machine(store)
    const schedules = store.schedules.bind(store)
    let failures = 2
    store.schedules = () => {
      failures -= 1
      if (failures >= 0) throw new StoreError('STORE', 'no such folder')
      return schedules()
    }
    add('a')
    scheduler().start()
    await clock.advance(minute)
    expect(fired('a')).toEqual([minute])
    expect(warnings).toEqual(new Array(2).fill('the schedules could not be looked at'))
  })
})
