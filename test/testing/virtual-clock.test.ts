import { exec } from 'node:child_process'
import { scrypt } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { type AddressInfo, connect, createServer as createPlainServer } from 'node:net'
import { setImmediate as immediate } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { describe, expect, it, vi } from 'vitest'
import { createActor, createMachine, toPromise } from 'xstate'
import { Timers } from '../../src/actors/timer.ts'
import { OffstageError } from '../../src/errors.ts'
import { seededRandom } from '../../src/random.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'

const newYear = Date.UTC(2026, 0, 1)
const sleep = (clock: VirtualClock, ms: number): Promise<void> =>
  new Promise((resolve) => {
    clock.setTimeout(resolve, ms)
  })
const never = (): Promise<never> => new Promise(() => undefined)
const stalled = async (promise: Promise<unknown>): Promise<string> => {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(OffstageError.is(error, 'STALLED')).toBe(true)
  return (error as Error).message
}

describe('VirtualClock', () => {
  it.each([
    [undefined, 0],
    [5, 5],
    [new Date(newYear), newYear],
    ['2026-01-01T00:00:00Z', newYear],
  ])('begins at %s', (now, expected) => {
    const clock = now === undefined ? new VirtualClock() : new VirtualClock({ now })
    expect([clock.now(), clock.monotonic()]).toEqual([expected, 0])
  })

  it.each(['yesterday', Number.NaN, new Date(Number.NaN), Number.POSITIVE_INFINITY])(
    'refuses to begin at %s',
    (now) => {
      expect(() => new VirtualClock({ now })).toThrow(/^now must be epoch ms, a valid Date or an ISO string/)
    },
  )

  it('stands still while nobody moves it', async () => {
    const clock = new VirtualClock()
    const fn = vi.fn()
    clock.setTimeout(fn, 0)
    await immediate()
    expect([fn.mock.calls.length, clock.now(), clock.pending]).toEqual([0, 0, 1])
  })

  it('forgets a timer that is cleared, and bears clearing it again or something else', async () => {
    const clock = new VirtualClock()
    const fn = vi.fn()
    const handle = clock.setTimeout(fn, 5)
    clock.clearTimeout(handle)
    clock.clearTimeout(handle)
    clock.clearTimeout({})
    expect(clock.pending).toBe(0)
    await clock.advance(10)
    expect(fn).not.toHaveBeenCalled()
  })

  it("serves as XState's clock", async () => {
    const clock = new VirtualClock()
    const machine = createMachine({
      initial: 'green',
      states: { green: { after: { 1000: 'yellow' } }, yellow: { after: { 500: 'red' } }, red: { type: 'final' } },
    })
    const actor = createActor(machine, { clock }).start()
    await clock.advance(1_499)
    expect(actor.getSnapshot().value).toBe('yellow')
    await clock.until(toPromise(actor))
    expect([actor.getSnapshot().value, clock.now()]).toEqual(['red', 1_500])
  })

  it('leads many due times through one timer, and is empty once they are past', async () => {
    const clock = new VirtualClock()
    const timers = new Timers(clock, () => undefined)
    const seen: number[] = []
    timers.hold()
    expect(clock.pending).toBe(0)
    for (let i = 100; i > 0; i--) timers.after(i * 1_000, () => seen.push(clock.now()))
    expect(clock.pending).toBe(1)
    await clock.advance('2m')
    expect(seen).toEqual(Array.from({ length: 100 }, (_, i) => (i + 1) * 1_000))
    expect(clock.pending).toBe(0)
  })
})

describe('advance', () => {
  it('fires each timer at its own time, equal ones in the order made, and ends at the full distance', async () => {
    const clock = new VirtualClock()
    const seen: unknown[] = []
    for (const [name, ms] of [
      ['c', 30],
      ['a', 10],
      ['b', 10],
      ['later', 51],
    ] as const) {
      clock.setTimeout(() => seen.push(name, clock.now()), ms)
    }
    await clock.advance(50)
    expect(seen).toEqual(['a', 10, 'b', 10, 'c', 30])
    expect([clock.now(), clock.monotonic(), clock.pending]).toEqual([50, 50, 1])
  })

  it('fires what a timer arms on the way, at its time and in its order', async () => {
    const clock = new VirtualClock()
    const seen: unknown[] = []
    clock.setTimeout(() => {
      clock.setTimeout(() => seen.push('nested', clock.now()), 5)
      clock.setTimeout(() => seen.push('at once', clock.now()), 0)
    }, 10)
    clock.setTimeout(() => seen.push('other', clock.now()), 12)
    await clock.advance('20ms')
    expect(seen).toEqual(['at once', 10, 'other', 12, 'nested', 15])
  })

  it('lets promise chains of any length run before time moves on', async () => {
    const clock = new VirtualClock()
    const seen: number[] = []
    const work = async (): Promise<void> => {
      await sleep(clock, 10)
      for (let i = 0; i < 1_000; i++) await undefined
      await sleep(clock, 10)
      seen.push(clock.now())
    }
    void work()
    clock.setTimeout(() => undefined, 11)
    await clock.advance(100)
    expect(seen).toEqual([20])
  })

  it('lets running promise jobs arm their timers before the first jump', async () => {
    const clock = new VirtualClock()
    const seen: number[] = []
    const work = async (): Promise<void> => {
      for (let i = 0; i < 50; i++) await undefined
      await sleep(clock, 10)
      seen.push(clock.now())
    }
    void work()
    await clock.advance(50)
    expect(seen).toEqual([10])
  })

  it('fires what is due now for a distance of 0', async () => {
    const clock = new VirtualClock()
    const fn = vi.fn()
    clock.setTimeout(fn, 0)
    clock.setTimeout(fn, -5)
    clock.setTimeout(fn, Number.NaN)
    clock.setTimeout(fn, 1)
    await clock.advance(0)
    expect(fn).toHaveBeenCalledTimes(3)
  })

  it('queues calls that overlap', async () => {
    const clock = new VirtualClock()
    const seen: number[] = []
    clock.setTimeout(() => seen.push(clock.now()), 15)
    await Promise.all([
      clock.advance(10).then(() => seen.push(clock.now())),
      clock.advance(10).then(() => seen.push(clock.now())),
      clock.advanceTo(100).then(() => seen.push(clock.now())),
    ])
    expect(seen).toEqual([10, 15, 20, 100])
  })

  it('rejects with what a callback throws, stays there, and can go on', async () => {
    const clock = new VirtualClock()
    const fn = vi.fn()
    clock.setTimeout(() => {
      throw new Error('broken')
    }, 10)
    clock.setTimeout(fn, 20)
    await expect(clock.advance(50)).rejects.toThrow('broken')
    expect([clock.now(), clock.pending]).toEqual([10, 1])
    await clock.advance(10)
    expect(fn).toHaveBeenCalled()
  })

  it('tells of timers that are made at one instant without end', async () => {
    const clock = new VirtualClock()
    const again = (): void => {
      clock.setTimeout(again, 0)
    }
    clock.setTimeout(again, 5)
    expect(await stalled(clock.advance(50))).toContain('10000 timers were made and fired at one instant (now 5,')
  })

  it.each([-1, Number.NaN, '5min'])('refuses %s', async (duration) => {
    await expect(new VirtualClock().advance(duration as number)).rejects.toMatchObject({ code: 'INVALID_OPTION' })
  })

  it('keeps the order of a long random schedule', async () => {
    const clock = new VirtualClock()
    const random = seededRandom(5)
    const seen: number[] = []
    for (let i = 0; i < 1_000; i++) clock.setTimeout(() => seen.push(clock.now()), Math.floor(random.next() * 500))
    await clock.advance(500)
    expect(seen).toHaveLength(1_000)
    expect(seen).toEqual([...seen].sort((a, b) => a - b))
  })

  it('works under the fake timers of a test runner', async () => {
    vi.useFakeTimers()
    const clock = new VirtualClock()
    const fn = vi.fn()
    clock.setTimeout(fn, 10)
    await clock.advance(10)
    vi.useRealTimers()
    expect(fn).toHaveBeenCalled()
  })
})

describe('advanceTo', () => {
  it.each([newYear + 60_000, new Date(newYear + 60_000), '2026-01-01T00:01:00Z'])('goes to %s', async (time) => {
    const clock = new VirtualClock({ now: newYear })
    await clock.advanceTo(time)
    expect([clock.now(), clock.monotonic()]).toEqual([newYear + 60_000, 60_000])
  })

  it('does not go back', async () => {
    const clock = new VirtualClock({ now: 10 })
    await expect(clock.advanceTo(9)).rejects.toThrow(
      'time must be at or after now (10); step() sets the clock back, got 9',
    )
    await expect(clock.advanceTo('soon')).rejects.toMatchObject({ code: 'INVALID_OPTION', option: 'time' })
    await clock.advanceTo(10)
  })
})

describe('step', () => {
  it('moves the wall clock alone, in both directions', async () => {
    const clock = new VirtualClock({ now: newYear })
    const seen: number[] = []
    clock.setTimeout(() => seen.push(clock.monotonic()), 10)
    clock.step(3_600_000)
    expect([clock.now(), clock.monotonic(), seen]).toEqual([newYear + 3_600_000, 0, []])
    clock.step(-7_200_000)
    await clock.advance(10)
    expect([clock.now(), seen]).toEqual([newYear - 3_600_000 + 10, [10]])
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses %s', (ms) => {
    expect(() => new VirtualClock().step(ms)).toThrow('ms must be a finite number of milliseconds')
  })
})

describe('until', () => {
  it('skips from timer to timer until the promise settles, and no further', async () => {
    const clock = new VirtualClock()
    const work = async (): Promise<string> => {
      for (let day = 0; day < 7; day++) await sleep(clock, 86_400_000)
      return 'done'
    }
    clock.setTimeout(() => undefined, 8 * 86_400_000)
    expect(await clock.until(work())).toBe('done')
    expect([clock.now(), clock.pending]).toEqual([7 * 86_400_000, 1])
  })

  it('rejects as the promise rejects', async () => {
    const clock = new VirtualClock()
    const work = sleep(clock, 5).then(() => {
      throw new Error('broken')
    })
    await expect(clock.until(work)).rejects.toThrow('broken')
  })

  it('rejects with what a timer throws', async () => {
    const clock = new VirtualClock()
    clock.setTimeout(() => {
      throw new Error('broken')
    }, 5)
    await expect(clock.until(never())).rejects.toThrow('broken')
  })

  it('does not move time for a promise that settles by itself', async () => {
    const clock = new VirtualClock()
    clock.setTimeout(() => undefined, 5)
    const chain = Array.from({ length: 500 }).reduce<Promise<unknown>>(
      (last) => last.then(() => 'done'),
      Promise.resolve(),
    )
    expect(await clock.until(chain)).toBe('done')
    expect(clock.now()).toBe(0)
  })

  it('waits for calls that were made before it', async () => {
    const clock = new VirtualClock()
    const first = clock.advance(10)
    await clock.until(sleep(clock, 5))
    expect(clock.now()).toBe(10)
    await first
  })

  it('stalls when no timer is left and nothing real happens, naming what still runs', async () => {
    const clock = new VirtualClock({ describe: () => 'task digest (t1), running.waiting' })
    clock.setTimeout(() => undefined, 20)
    expect(await stalled(clock.until(never()))).toBe(
      'the promise did not settle: no timer is armed and nothing real happens (now 20, timers pending: 0)' +
        '; still running: task digest (t1), running.waiting',
    )
    await clock.advance(5)
    expect(clock.now()).toBe(25)
  })

  it('stalls when the limit of simulated time is reached, naming the timers', async () => {
    const clock = new VirtualClock()
    const again = (): void => {
      clock.setTimeout(again, 60_000)
    }
    again()
    expect(await stalled(clock.until(never(), { limit: '1h' }))).toBe(
      'the promise did not settle within the limit of simulated time (now 3600000, timers pending: 1, the next in 60000 ms)',
    )
  })

  it('refuses a limit that is none', async () => {
    const clock = new VirtualClock()
    await expect(clock.until(never(), { limit: -1 })).rejects.toMatchObject({ option: 'limit' })
    await expect(clock.until(never(), { realTimeout: Number.NaN })).rejects.toMatchObject({ option: 'realTimeout' })
  })
})

describe('until, with real work under way', () => {
  /** A clock with a timer that a skip would fire: real work must end before it. */
  const guarded = (options?: ConstructorParameters<typeof VirtualClock>[0]): VirtualClock => {
    const clock = new VirtualClock(options)
    clock.setTimeout(() => undefined, 300_000)
    return clock
  }

  it('lets files be read before time is skipped', async () => {
    const clock = guarded()
    const work = async (): Promise<number> => {
      let length = 0
      for (let i = 0; i < 20; i++) length += (await readFile(new URL(import.meta.url))).length
      return length
    }
    expect(await clock.until(work(), { realPause: 500 })).toBeGreaterThan(1_000)
    expect(clock.now()).toBe(0)
  })

  it('lets a connection talk as long as it does, though it shows no request', async () => {
    const clock = guarded()
    const server = createPlainServer((socket) => socket.pipe(socket))
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve)
    })
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    let echoes = 0
    const work = new Promise<void>((resolve) => {
      socket.on('data', () => (++echoes < 1_500 ? socket.write('again') : resolve()))
      socket.write('hello')
    })
    await clock.until(work)
    expect([echoes, clock.now()]).toEqual([1_500, 0])
    socket.destroy()
    server.close()
  })

  it('lets work end that the event loop does not show, within its pause', async () => {
    const clock = guarded()
    const work = promisify(scrypt)('secret', 'salt', 16) as Promise<Buffer>
    expect([(await clock.until(work, { realPause: 1_000 })).length, clock.now()]).toEqual([16, 0])
  })

  it('pauses no longer than a second over any number of skips', async () => {
    const clock = new VirtualClock()
    const begun = performance.now()
    const work = async (): Promise<void> => {
      for (let i = 0; i < 5_000; i++) await sleep(clock, 1)
    }
    await clock.until(work(), { realPause: 200 })
    expect(clock.now()).toBe(5_000)
    expect(performance.now() - begun).toBeLessThan(10_000)
  }, 60_000)

  it('lets a child process end', async () => {
    const clock = guarded()
    const { stdout } = await clock.until(promisify(exec)('node -p 6*7'))
    expect([stdout.trim(), clock.now()]).toEqual(['42', 0])
  })

  it('lets requests be answered, and does not wait for the connection that stays', async () => {
    const clock = guarded()
    const server = createServer((_request, response) => response.end('hello'))
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve)
    })
    const { port } = server.address() as AddressInfo
    const work = async (): Promise<string> => {
      let said = ''
      for (let i = 0; i < 3; i++) said = await (await fetch(`http://127.0.0.1:${port}`)).text()
      return said
    }
    expect([await clock.until(work()), clock.now()]).toEqual(['hello', 0])
    await clock.until(sleep(clock, 600_000), { realTimeout: 60_000 })
    expect(clock.now()).toBe(600_000)
    server.closeAllConnections()
    server.close()
  })

  it('lets immediates run, however many', async () => {
    const clock = guarded()
    const work = async (): Promise<string> => {
      for (let i = 0; i < 200; i++) await immediate()
      return 'done'
    }
    expect([await clock.until(work()), clock.now()]).toEqual(['done', 0])
  })

  it('waits for timers of the machine only when asked to', async () => {
    const patient = guarded()
    const work = new Promise<string>((resolve) => {
      setTimeout(resolve, 30, 'done')
    })
    expect([await patient.until(work, { realTimers: true }), patient.now()]).toEqual(['done', 0])
    const hasty = guarded()
    const hour = setTimeout(() => undefined, 3_600_000)
    await hasty.until(sleep(hasty, 1_000), { realTimeout: 60_000 })
    clearTimeout(hour)
    expect(hasty.now()).toBe(1_000)
  })

  it('waits for a thread that it is told of', async () => {
    let busy = true
    const clock = guarded({ busy: () => busy })
    const worker = new Worker('require("node:worker_threads").parentPort.postMessage(42)', { eval: true })
    const answer = new Promise<number>((resolve) => {
      worker.once('message', resolve)
    }).finally(() => {
      busy = false
    })
    expect([await clock.until(answer), clock.now()]).toEqual([42, 0])
    await worker.terminate()
  })

  it('skips time all the same when real work outlasts its real timeout', async () => {
    const clock = new VirtualClock({ busy: () => true })
    await clock.until(sleep(clock, 60_000), { realTimeout: 20 })
    expect(clock.now()).toBe(60_000)
  })

  it('stalls when real work outlasts its real timeout and no timer is left', async () => {
    const clock = new VirtualClock({ busy: () => true, describe: () => 'a thread' })
    expect(await stalled(clock.until(never(), { realTimeout: 20 }))).toContain('still running: a thread')
  })

  it('does not wait for what was open before the clock was made', async () => {
    const before = exec('sleep 60')
    const clock = new VirtualClock()
    await clock.until(sleep(clock, 1_000), { realTimeout: 60_000 })
    before.kill()
    expect(clock.now()).toBe(1_000)
  })

  it('is not held up by another clock that turns the same event loop', async () => {
    const clocks = [new VirtualClock(), new VirtualClock()]
    await Promise.all(clocks.map((clock) => clock.until(sleep(clock, 1_000), { realTimeout: 60_000 })))
    expect(clocks.map((clock) => clock.now())).toEqual([1_000, 1_000])
  })
})
