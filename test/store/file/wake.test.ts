import { EventEmitter } from 'node:events'
import fs, { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import { SystemClock } from '../../../src/clock.ts'
import { readFileOptions } from '../../../src/store/file/options.ts'
import { Wake, type WakeOptions } from '../../../src/store/file/wake.ts'
import { VirtualClock } from '../../../src/testing/virtual-clock.ts'

const folder = mkdtempSync(join(tmpdir(), 'offstage-wake-'))
const opened: Wake[] = []
const realWatch = fs.watch

afterEach(() => {
  for (const wake of opened.splice(0)) wake.close()
  replaceWatch(realWatch)
})
afterAll(() => rmSync(folder, { recursive: true }))

/** The system's own, as a test wants it to behave. */
function replaceWatch(watch: unknown): void {
  fs.watch = watch as typeof fs.watch
  syncBuiltinESMExports()
}

/** A watcher that tells what the test says. */
class Watcher extends EventEmitter {
  closed = 0
  tell: () => void = () => undefined

  static install(): Watcher {
    const watcher = new Watcher()
    replaceWatch((_folder: string, options: { persistent?: boolean }, tell: () => void) => {
      expect(options.persistent).toBe(false)
      watcher.tell = tell
      return watcher
    })
    return watcher
  }

  close(): void {
    this.closed += 1
  }
}

function begin(options: Partial<WakeOptions> = {}) {
  const clock = new VirtualClock()
  const seen = { wakes: 0, peeks: 0, hasGrown: false, warned: [] as unknown[] }
  const wake = new Wake({
    folder,
    clock,
    watch: true,
    busyEvery: 100,
    idleEvery: 1_000,
    peekEvery: 5,
    peek: () => {
      seen.peeks += 1
      return seen.hasGrown
    },
    wake: () => {
      seen.wakes += 1
    },
    warn: (_message, cause) => seen.warned.push(cause),
    ...options,
  })
  opened.push(wake)
  return { clock, seen, wake }
}

const awake = (seen: { wakes: number }, wakes = 1): Promise<void> =>
  vi.waitFor(() => expect(seen.wakes).toBeGreaterThanOrEqual(wakes), { timeout: 5_000, interval: 2 })

describe('what the system tells', () => {
  it('wakes when a file of the folder grows, is made, or is replaced', async () => {
    const path = join(folder, 'a')
    const { seen } = begin()
    writeFileSync(path, '1')
    await awake(seen)
    let before = seen.wakes
    appendFileSync(path, '2')
    await awake(seen, before + 1)
    writeFileSync(join(folder, 'b'), '1')
    renameSync(join(folder, 'b'), path)
    await turn()
    await awake(seen, before + 2)
    before = seen.wakes
    // the file that replaced it is watched like the one before
    appendFileSync(path, '3')
    await awake(seen, before + 1)
  })

  it('wakes each of two hundred in one process', async () => {
    const all = Array.from({ length: 200 }, () => {
      const own = mkdtempSync(join(folder, 'many-'))
      return { own, ...begin({ folder: own }) }
    })
    expect(all.filter(({ wake }) => !wake.watches)).toEqual([])
    for (const { own } of all) writeFileSync(join(own, 'a'), '1')
    await vi.waitFor(() => expect(all.filter(({ seen }) => seen.wakes === 0)).toEqual([]), { timeout: 5_000 })
  })

  it('is one wake however much is told in a turn', async () => {
    const watcher = Watcher.install()
    const { seen } = begin()
    for (let i = 0; i < 1_000; i += 1) watcher.tell()
    expect(seen.wakes).toBe(0)
    await turn()
    expect(seen.wakes).toBe(1)
    await turn()
    expect(seen.wakes).toBe(1)
    watcher.tell()
    await turn()
    expect(seen.wakes).toBe(2)
  })

  it('wakes once more when something is told while it wakes, and never inside', async () => {
    const watcher = Watcher.install()
    let inside = 0
    let wakes = 0
    begin({
      wake: () => {
        inside += 1
        expect(inside).toBe(1)
        wakes += 1
        if (wakes === 1) watcher.tell()
        inside -= 1
      },
    })
    watcher.tell()
    await turn()
    expect(wakes).toBe(1)
    await turn()
    expect(wakes).toBe(2)
  })

  it('is nothing any more once it is closed', async () => {
    const watcher = Watcher.install()
    const { seen, wake, clock } = begin()
    watcher.tell()
    wake.close()
    watcher.tell()
    await turn()
    await clock.advance(10_000)
    expect(seen.wakes).toBe(0)
    expect(watcher.closed).toBe(1)
  })
})

describe('a system that does not tell', () => {
  it.each(['EMFILE', 'ENOSPC', 'ENOENT', 'EPERM'])('leaves it to the poll: %s', async (code) => {
    replaceWatch(() => {
      throw Object.assign(new Error(code), { code })
    })
    const { seen, wake, clock } = begin()
    expect(wake.watches).toBe(false)
    await clock.advance(5_000)
    expect(seen.wakes).toBe(5)
  })

  it('leaves it to the poll when there is no folder', async () => {
    const { seen, wake, clock } = begin({ folder: join(folder, 'missing') })
    expect(wake.watches).toBe(false)
    await clock.advance(1_000)
    expect(seen.wakes).toBe(1)
  })

  it('leaves it to the poll when it gives up later', async () => {
    const watcher = Watcher.install()
    const { seen, wake, clock } = begin()
    expect(wake.watches).toBe(true)
    watcher.emit('error', new Error('EMFILE'))
    expect(wake.watches).toBe(false)
    expect(watcher.closed).toBe(1)
    await clock.advance(1_000)
    expect(seen.wakes).toBe(1)
    wake.close()
    expect(watcher.closed).toBe(1)
  })

  it('is not asked where nobody wants it', () => {
    expect(begin({ watch: false }).wake.watches).toBe(false)
    process.env['OFFSTAGE_NO_WATCH'] = '1'
    expect(readFileOptions(folder).watch).toBe(false)
    delete process.env['OFFSTAGE_NO_WATCH']
    expect(readFileOptions(folder).watch).toBe(true)
  })
})

describe('the poll', () => {
  it('never stops: often while something is awaited, seldom otherwise', async () => {
    const { seen, wake, clock } = begin({ watch: false })
    await clock.advance(3_000)
    expect(seen.wakes).toBe(3)
    wake.setBusy(true)
    await clock.advance(1_000)
    expect(seen.wakes).toBe(13)
    wake.setBusy(false)
    // the one that was near still comes
    await clock.advance(100)
    expect(seen.wakes).toBe(14)
    await clock.advance(1_000)
    expect(seen.wakes).toBe(15)
  })

  it('is one poll, however often it becomes busy', async () => {
    const { seen, wake, clock } = begin({ watch: false })
    for (let i = 0; i < 100; i += 1) {
      wake.setBusy(true)
      wake.setBusy(false)
    }
    wake.setBusy(true)
    await clock.advance(1_000)
    expect(seen.wakes).toBe(10)
  })

  it('is put off by nobody who becomes busy again and again', async () => {
    const { seen, wake, clock } = begin({ watch: false })
    for (let ms = 0; ms < 6_000; ms += 60) {
      wake.setBusy(true)
      await clock.advance(30)
      wake.setBusy(false)
      await clock.advance(30)
    }
    expect(seen.wakes).toBeGreaterThanOrEqual(40)
  })

  it('becomes busy from inside a wake', async () => {
    let wakes = 0
    const { wake, clock } = begin({
      watch: false,
      wake: () => {
        wakes += 1
        wake.setBusy(true)
      },
    })
    await clock.advance(1_000)
    await clock.advance(1_000)
    expect(wakes).toBe(11)
  })

  it('never wakes inside a wake, even by a clock that a wake moves', () => {
    let due: () => void = () => undefined
    let wakes = 0
    const clock = {
      now: () => 0,
      monotonic: () => 0,
      setTimeout: (fn: () => void) => {
        due = fn
        return {}
      },
      clearTimeout: () => undefined,
    }
    begin({
      clock,
      watch: false,
      wake: () => {
        wakes += 1
        if (wakes < 10) due()
      },
    })
    due()
    expect(wakes).toBe(1)
    due()
    expect(wakes).toBe(2)
  })

  it('is harmed by nothing that a wake throws', async () => {
    const watcher = Watcher.install()
    const { seen, clock } = begin({
      wake: () => {
        throw new Error('no')
      },
    })
    await clock.advance(3_000)
    watcher.tell()
    await turn()
    expect(seen.warned).toHaveLength(4)
  })

  it('keeps no process alive', () => {
    const unreffed: unknown[] = []
    class Kept extends SystemClock {
      override setTimeout(fn: () => void, ms: number) {
        const handle = globalThis.setTimeout(fn, ms)
        unreffed.push(handle)
        return handle
      }
    }
    const { wake } = begin({ clock: new Kept() })
    wake.setBusy(true)
    expect(unreffed.map((handle) => (handle as NodeJS.Timeout).hasRef())).toEqual([false, false])
  })
})

describe('a peek, where the system does not tell', () => {
  it('wakes whoever works within milliseconds, though nothing is pending', async () => {
    const { clock, seen, wake } = begin({ watch: false })
    wake.setAlert()
    await clock.advance(50)
    expect(seen).toMatchObject({ peeks: 10, wakes: 0 })
    seen.hasGrown = true
    await clock.advance(5)
    expect(seen.wakes).toBe(1)
  })

  it('is for those who work or wait, and for nobody else', async () => {
    const { clock, seen, wake } = begin({ watch: false })
    await clock.advance(500)
    expect(seen.peeks).toBe(0)
    wake.setBusy(true)
    await clock.advance(500)
    expect(seen.peeks).toBe(100)
    wake.setBusy(false)
    await clock.advance(500)
    expect(seen.peeks).toBe(101)
  })

  it('is not needed where the system tells, and begins when it tells no more', async () => {
    const watcher = Watcher.install()
    const { clock, seen, wake } = begin()
    wake.setAlert()
    await clock.advance(50)
    expect(seen.peeks).toBe(0)
    watcher.emit('error', Object.assign(new Error('no more'), { code: 'ENOSPC' }))
    await clock.advance(50)
    expect(seen.peeks).toBe(10)
  })

  it('ends with the wake', async () => {
    const { clock, seen, wake } = begin({ watch: false })
    wake.setAlert()
    wake.close()
    wake.setAlert()
    await clock.advance(50)
    expect(seen.peeks).toBe(0)
  })
})
