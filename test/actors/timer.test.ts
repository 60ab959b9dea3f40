import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Timer, Timers } from '../../src/actors/timer.ts'
import { type Clock, SystemClock, type TimerHandle } from '../../src/clock.ts'
import { seededRandom } from '../../src/random.ts'

const longest = 2 ** 31 - 1

interface Live extends TimerHandle {
  readonly fn: () => void
  readonly due: number
  readonly ms: number
  referenced: boolean
}

/** A clock moved by hand that counts what is asked of it. */
class CountingClock implements Clock {
  time = 0
  offset = 1_000_000
  armed = 0
  most = 0
  readonly live = new Set<Live>()

  now(): number {
    return this.time + this.offset
  }

  monotonic(): number {
    return this.time
  }

  setTimeout(fn: () => void, ms: number): TimerHandle {
    const timer: Live = {
      fn,
      ms,
      due: this.time + ms,
      referenced: true,
      ref: () => {
        timer.referenced = true
      },
      unref: () => {
        timer.referenced = false
      },
    }
    this.live.add(timer)
    this.armed++
    this.most = Math.max(this.most, this.live.size)
    return timer
  }

  clearTimeout(handle: TimerHandle): void {
    this.live.delete(handle as Live)
  }

  /** The only live timer. */
  get only(): Live | undefined {
    expect(this.live.size).toBeLessThanOrEqual(1)
    return [...this.live][0]
  }

  run(ms: number): void {
    const end = this.time + ms
    for (let next = this.only; next !== undefined && next.due <= end; next = this.only) {
      this.time = Math.max(this.time, next.due)
      this.live.delete(next)
      next.fn()
    }
    this.time = end
  }
}

let clock: CountingClock
let timers: Timers
let fired: unknown[]
const note = (name: unknown) => (): void => {
  fired.push(name)
}

beforeEach(() => {
  clock = new CountingClock()
  fired = []
  timers = new Timers(clock, (error) => fired.push(error))
})

describe('after', () => {
  it('fires once, when its time has come and not before', () => {
    timers.after(50, note('a'))
    clock.run(49)
    expect(fired).toEqual([])
    clock.run(1)
    clock.run(1_000)
    expect([fired, timers.size]).toEqual([['a'], 0])
  })

  it('fires in the order of the times, whatever the order of making', () => {
    for (const ms of [30, 10, 20]) timers.after(ms, () => fired.push([ms, clock.time]))
    clock.run(100)
    expect(fired).toEqual([
      [10, 10],
      [20, 20],
      [30, 30],
    ])
  })

  it('fires equal times in the order made, across both clocks', () => {
    for (let i = 0; i < 20; i++) i % 2 === 0 ? timers.after(5, note(i)) : timers.at(clock.now() + 5, note(i))
    clock.run(5)
    expect(fired).toEqual(Array.from({ length: 20 }, (_, i) => i))
  })

  it.each([0, -5])('fires at once for %d ms, but after the call has returned', (ms) => {
    timers.after(ms, note('now'))
    expect(fired).toEqual([])
    clock.run(0)
    expect(fired).toEqual(['now'])
  })

  it('waits 25 days and more, in sleeps that setTimeout can keep', () => {
    timers.after(25 * 86_400_000, note('late'))
    timers.after(Number.POSITIVE_INFINITY, note('never'))
    expect(clock.only?.ms).toBe(longest)
    clock.run(25 * 86_400_000 - 1)
    expect(fired).toEqual([])
    clock.run(1)
    expect(fired).toEqual(['late'])
    clock.run(4 * longest)
    expect([fired, timers.size]).toEqual([['late'], 1])
  })

  it('is not moved by steps of the wall clock', () => {
    timers.after(50, note('a'))
    clock.offset += 1_000_000
    clock.run(49)
    clock.offset -= 2_000_000
    expect(fired).toEqual([])
    clock.run(1)
    expect(fired).toEqual(['a'])
  })

  it('sleeps on when the clock wakes it too early', () => {
    timers.after(50, note('a'))
    const early = clock.only
    clock.live.clear()
    clock.time = 49.6
    early?.fn()
    expect([fired, clock.only?.ms]).toEqual([[], 1])
  })

  it('refuses NaN', () => {
    expect(() => timers.after(Number.NaN, note('a'))).toThrow('ms must be a number of milliseconds, got NaN')
    expect(() => timers.at(Number.NaN, note('a'))).toThrow('epochMs must be a time in epoch ms, got NaN')
    expect(timers.size).toBe(0)
  })
})

describe('at', () => {
  it('fires when the wall clock shows the time', () => {
    timers.at(clock.now() + 150_000, note('a'))
    clock.run(149_999)
    expect(fired).toEqual([])
    clock.run(1)
    expect(fired).toEqual(['a'])
  })

  it('fires at once for a time in the past', () => {
    timers.at(5, note('a'))
    clock.run(0)
    expect(fired).toEqual(['a'])
  })

  it('waits longer when the clock was set back', () => {
    timers.at(clock.now() + 30_000, note('a'))
    clock.offset -= 3_600_000
    clock.run(3_600_000 + 29_999)
    expect(fired).toEqual([])
    clock.run(1)
    expect(fired).toEqual(['a'])
  })

  it('notices within a minute that the clock was set forward', () => {
    timers.at(clock.now() + 86_400_000, note('a'))
    clock.run(90_000)
    clock.offset += 86_400_000
    clock.run(30_000)
    expect(fired).toEqual(['a'])
  })

  it('keeps to its time when a callback of the same moment sets the clock back', () => {
    timers.at(clock.now() + 10, () => {
      clock.offset -= 500
    })
    timers.at(clock.now() + 10, () => fired.push(clock.now()))
    const due = clock.now() + 10
    clock.run(10)
    expect([fired, timers.size]).toEqual([[], 1])
    clock.run(1_000)
    expect(fired).toEqual([due])
  })
})

describe('cancel', () => {
  it('keeps an entry from firing, once and for all', () => {
    const timer = timers.after(10, note('a'))
    timers.after(10, note('b'))
    timers.cancel(timer)
    timers.cancel(timer)
    expect(timers.size).toBe(1)
    clock.run(10)
    timers.cancel(timer)
    expect([fired, timers.size]).toEqual([['b'], 0])
  })

  it('does nothing to one that has fired', () => {
    const timer = timers.after(1, note('a'))
    clock.run(1)
    timers.after(5, note('b'))
    timers.cancel(timer)
    expect(timers.size).toBe(1)
  })

  it('works within a callback, also for an entry of the same moment', () => {
    timers.after(10, () => {
      timers.cancel(second)
      timers.cancel(third)
      expect(timers.size).toBe(0)
    })
    const second = timers.after(10, note('b'))
    const third = timers.at(clock.now() + 20, note('c'))
    clock.run(100)
    expect(fired).toEqual([])
  })
})

describe('a callback', () => {
  it('may add entries, each of which fires at its own time', () => {
    timers.after(10, () => {
      timers.after(5, () => fired.push(clock.time))
      timers.after(0, () => fired.push(clock.time))
    })
    clock.run(20)
    expect(fired).toEqual([10, 15])
  })

  it('cannot starve the others by adding itself for the past', () => {
    const again = (): void => {
      fired.push('again')
      if (fired.length < 100) timers.at(0, again)
    }
    timers.at(0, again)
    timers.at(1, note('other'))
    clock.run(0)
    expect(fired.indexOf('other')).toBe(1)
  })

  it('that throws is told, and stops no other', () => {
    const error = new Error('broken')
    timers.after(10, () => {
      throw error
    })
    timers.after(10, note('b'))
    timers.after(11, note('c'))
    clock.run(11)
    expect(fired).toEqual([error, 'b', 'c'])
  })

  it('stops no other even when the one who is told throws as well', () => {
    timers = new Timers(clock, (error) => {
      throw error
    })
    for (const name of ['a', 'b']) {
      timers.after(10, () => {
        fired.push(name)
        throw new Error(name)
      })
    }
    timers.after(10, note('c'))
    expect(() => clock.run(10)).toThrow('a')
    expect(timers.size).toBe(2)
    expect(() => clock.run(0)).toThrow('b')
    clock.run(0)
    expect(fired).toEqual(['a', 'b', 'c'])
  })
})

describe('the live timer', () => {
  it('is one at any moment, with 10,000 distinct delays on both clocks', () => {
    const random = seededRandom(3)
    const all: Timer[] = []
    for (let i = 1; i <= 10_000; i++) {
      const ms = ((i * 7_919) % 10_007) * 10
      all.push(random.next() < 0.5 ? timers.after(ms, note(ms)) : timers.at(clock.now() + ms, note(ms)))
      if (random.next() < 0.1) timers.cancel(all[Math.floor(random.next() * all.length)] as Timer)
    }
    const left = timers.size
    expect(left).toBeGreaterThan(8_000)
    clock.run(200_000)
    expect(clock.most).toBe(1)
    expect([fired.length, timers.size]).toEqual([left, 0])
    expect(fired).toEqual([...fired].sort((a, b) => Number(a) - Number(b)))
  })

  it('is left alone by 20,000 entries that come and go later than it', () => {
    timers.after(10, note('first'))
    for (let i = 0; i < 20_000; i++) {
      timers.cancel(timers.after(1_000 + (i % 7), note('no')))
      timers.cancel(timers.at(clock.now() + 1_000 + (i % 7), note('no')))
    }
    expect(clock.armed).toBe(1)
  })

  it('is left alone when the earliest is cancelled, then finds the next', () => {
    const first = timers.after(10, note('a'))
    timers.after(30, note('b'))
    timers.cancel(first)
    expect(clock.only?.due).toBe(10)
    clock.run(10)
    expect(clock.only?.due).toBe(30)
    clock.run(20)
    expect([fired, clock.armed]).toEqual([['b'], 2])
  })

  it('is set anew by an earlier entry', () => {
    timers.after(30, note('a'))
    timers.after(10, note('b'))
    expect(clock.only?.due).toBe(10)
  })

  it('is set once for all that one moment adds', () => {
    timers.after(10, () => {
      for (let i = 100; i > 0; i--) timers.at(i, note(i))
    })
    clock.run(9)
    clock.time = 10
    const live = clock.only
    clock.live.clear()
    live?.fn()
    expect([clock.armed, clock.only?.due]).toEqual([2, 10])
  })

  it('is gone when nothing is due', () => {
    timers.after(10, note('a'))
    clock.run(10)
    expect(clock.live.size).toBe(0)
  })
})

describe('hold', () => {
  it('alone decides whether the process is kept alive', () => {
    timers.after(10, note('a'))
    expect(clock.only?.referenced).toBe(false)
    timers.hold()
    timers.hold()
    expect(clock.only?.referenced).toBe(true)
    timers.release()
    expect(clock.only?.referenced).toBe(true)
    timers.release()
    expect(clock.only?.referenced).toBe(false)
  })

  it('keeps the process alive when nothing is due, before and after entries', () => {
    timers.hold()
    expect(clock.only).toMatchObject({ referenced: true, ms: longest })
    timers.after(10, note('a'))
    expect(clock.only).toMatchObject({ referenced: true, ms: 10 })
    clock.run(10)
    expect(clock.only).toMatchObject({ referenced: true, ms: longest })
    timers.release()
    expect(clock.only?.referenced).toBe(false)
  })

  it('keeps its sleep within what setTimeout takes when the present is a fraction', () => {
    clock.time = 32.7849
    timers.hold()
    expect(clock.only?.ms).toBe(longest)
  })

  it('goes on beyond the longest sleep', () => {
    timers.hold()
    clock.run(longest + 1)
    expect(clock.only?.referenced).toBe(true)
  })

  it('takes effect when begun or ended by a callback', () => {
    timers.after(10, () => timers.hold())
    timers.after(20, () => timers.release())
    clock.run(10)
    expect(clock.only?.referenced).toBe(true)
    timers.after(50, note('a'))
    clock.run(10)
    expect(clock.only?.referenced).toBe(false)
  })

  it('does not go below zero', () => {
    timers.release()
    timers.hold()
    expect(clock.only?.referenced).toBe(true)
  })

  it('leaves nothing on a clock whose timers keep no process alive', () => {
    const plain = vi.spyOn(clock, 'setTimeout').mockImplementation(() => ({}))
    const cleared = vi.spyOn(clock, 'clearTimeout')
    timers.hold()
    expect([plain.mock.calls.length, cleared.mock.calls.length]).toEqual([1, 1])
  })
})

describe('close', () => {
  it('drops all entries and the live timer', () => {
    timers.hold()
    const timer = timers.after(10, note('a'))
    timers.at(clock.now() + 10, note('b'))
    timers.close()
    timers.cancel(timer)
    expect([timers.size, clock.live.size]).toEqual([0, 0])
    clock.run(100)
    expect(fired).toEqual([])
  })

  it('within a callback lets nothing fire after it', () => {
    timers.after(10, () => timers.close())
    timers.after(10, note('b'))
    clock.run(10)
    expect([fired, timers.size, clock.live.size]).toEqual([[], 0, 0])
  })

  it('refuses what comes later, and may be repeated', () => {
    timers.close()
    timers.close()
    timers.hold()
    timers.release()
    const stopped = expect.objectContaining({ code: 'RUNNER_STOPPED' })
    expect(() => timers.after(1, note('a'))).toThrow(stopped)
    expect(() => timers.at(1, note('a'))).toThrow(stopped)
    expect([timers.size, clock.live.size]).toEqual([0, 0])
  })
})

describe('on the clock of the machine', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it('never fires early on either clock, and lets go of the process', async () => {
    const real = new SystemClock()
    timers = new Timers(real, note('error'))
    const early: number[] = []
    const begun = real.monotonic()
    await new Promise<void>((resolve) => {
      timers.hold()
      for (let i = 0; i < 20; i++) {
        const [due, wall] = [real.monotonic() + i / 3, real.now() + i]
        timers.after(i / 3, () => early.push(Math.max(due - real.monotonic(), 0)))
        timers.at(wall, () => early.push(Math.max(wall - real.now(), 0)))
      }
      timers.after(25, resolve)
    })
    expect(real.monotonic() - begun).toBeGreaterThanOrEqual(25)
    expect(early).toEqual(Array.from({ length: 40 }, () => 0))
    timers.close()
  })

  it('goes along with the fake timers of a test runner', () => {
    vi.useFakeTimers({ now: 0 })
    timers = new Timers(new SystemClock(), note('error'))
    timers.after(3_600_000, note('hour'))
    vi.advanceTimersByTime(3_600_000)
    expect(fired).toEqual(['hour'])
  })
})
