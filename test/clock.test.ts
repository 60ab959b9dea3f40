import { afterEach, describe, expect, it, vi } from 'vitest'
import { SystemClock } from '../src/clock.ts'

afterEach(() => {
  vi.useRealTimers()
})

describe('SystemClock', () => {
  it('shows epoch ms', () => {
    const before = Date.now()
    const now = new SystemClock().now()
    expect(now).toBeGreaterThanOrEqual(before)
    expect(now).toBeLessThanOrEqual(Date.now())
  })

  it('never goes back on the monotonic side, even when the wall clock does', () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000 })
    const clock = new SystemClock()
    const first = clock.monotonic()
    vi.setSystemTime(5)
    expect(clock.now()).toBe(5)
    expect(clock.monotonic()).toBeGreaterThanOrEqual(first)
  })

  it('follows the fake timers of a test runner, also when made before them', () => {
    const clock = new SystemClock()
    vi.useFakeTimers({ now: 0 })
    const fired: number[] = []
    clock.setTimeout(() => fired.push(clock.now()), 50)
    clock.clearTimeout(clock.setTimeout(() => fired.push(-1), 20))
    vi.advanceTimersByTime(49)
    expect(fired).toEqual([])
    vi.advanceTimersByTime(1)
    expect(fired).toEqual([50])
  })

  it('gives handles that can let the process end', () => {
    const clock = new SystemClock()
    const handle = clock.setTimeout(() => undefined, 60_000) as NodeJS.Timeout
    expect(handle.hasRef()).toBe(true)
    handle.unref?.()
    expect(handle.hasRef()).toBe(false)
    clock.clearTimeout(handle)
  })
})
