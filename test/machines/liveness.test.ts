import { describe, expect, it } from 'vitest'
import { Liveness, type LivenessOptions, type Sight } from '../../src/machines/liveness.ts'
import { type Random, seededRandom } from '../../src/random.ts'

const lease = 1_000
const poll = lease / 8
const beatEvery = lease / 10
const blockedAfter = 60_000

/** An observer with a clock of its own that looks at one worker. */
class Observer {
  now = 5_000_000
  readonly #liveness: Liveness

  constructor(options: Partial<LivenessOptions> = {}) {
    this.#liveness = new Liveness({ lease, blockedAfter, ...options })
  }

  /** Looks after a pause; a look may take its time, too. */
  after(pause: number, sight: Sight, takes = 0): boolean {
    this.now += pause
    const from = this.now
    this.now += takes
    return this.#liveness.look({ from, to: this.now }, new Map([['w', sight]])).includes('w')
  }

  /** Looks at every poll until the verdict, or for `most` ms. Answers how long it took. */
  until(sight: Sight | ((elapsed: number) => Sight), most = 10 * lease): number | undefined {
    for (let elapsed = poll; elapsed <= most; elapsed += poll) {
      if (this.after(poll, typeof sight === 'function' ? sight(elapsed) : sight)) return elapsed
    }
    return undefined
  }
}

const beat = (count: number | string, turns: number | string = count): Sight => ({
  count: String(count),
  turns: String(turns),
})

describe('a heart that is still', () => {
  it('is dead after a full lease of looks', () => {
    const observer = new Observer()
    observer.after(0, beat(1))
    expect(observer.until(beat(1))).toBe(lease)
  })

  it('is not dead while it beats, whatever it says', () => {
    const observer = new Observer()
    expect(observer.until((elapsed) => beat(elapsed), 20 * lease)).toBeUndefined()
    // a clock that was set back a day is no less an advance
    expect(observer.until((elapsed) => beat(`${-86_400_000 - elapsed}`), 20 * lease)).toBeUndefined()
  })

  it('takes at least six looks, even if a lease has passed in fewer', () => {
    const observer = new Observer({ longestGap: lease })
    observer.after(0, beat(1))
    const verdicts = Array.from({ length: 6 }, () => observer.after(lease, beat(1)))
    expect(verdicts).toEqual([false, false, false, false, false, true])
  })

  it('takes a full lease, however many looks there were', () => {
    const observer = new Observer()
    for (let ms = 0; ms < lease; ms += 1) expect(observer.after(1, beat(1))).toBe(false)
    expect(observer.after(1, beat(1))).toBe(true)
  })

  it('is not judged by the time that a look itself took', () => {
    const observer = new Observer()
    // the beat was seen at the end of the first look, and the last began a lease after it
    observer.after(0, beat(1), 200)
    let passed = 0
    while (passed + 200 < lease) {
      passed += 200
      expect(observer.after(0, beat(1), 200)).toBe(false)
    }
    expect(observer.after(0, beat(1), 200)).toBe(false)
    expect(observer.after(0, beat(1), 200)).toBe(true)
  })
})

describe('a worker of which nothing is to be seen', () => {
  it('does not advance', () => {
    expect(new Observer().until('nothing')).toBe(lease + poll)
  })

  it('does not advance by vanishing and coming back as it was', () => {
    const observer = new Observer()
    observer.after(0, beat(1))
    expect(observer.until((elapsed) => ((elapsed / poll) % 2 === 0 ? beat(1) : 'nothing'))).toBe(lease)
  })

  it('is not judged by looks that could not be taken', () => {
    const observer = new Observer()
    observer.after(0, beat(1))
    expect(observer.until('unseen')).toBeUndefined()
    // for so long nobody has looked: it is counted anew
    expect(observer.until(beat(1))).toBe(lease + poll)
  })

  it('is counted anew when it was left out meanwhile', () => {
    const liveness = new Liveness({ lease, blockedAfter, longestGap: 100 * lease })
    const look = (now: number, sights: readonly [string, Sight][]) =>
      liveness.look({ from: now, to: now }, new Map(sights))
    for (let i = 0; i < 10; i += 1) look(i, [['w', beat(1)]])
    look(500, [])
    for (let i = 0; i < 10; i += 1) expect(look(lease + i, [['w', beat(1)]])).toEqual([])
  })
})

describe('a loop that does not turn', () => {
  it('is no death while the heart beats, until it was blocked for very long', () => {
    const observer = new Observer()
    const elapsed = observer.until((count) => beat(count, 7), 2 * blockedAfter)
    expect(elapsed).toBeGreaterThanOrEqual(blockedAfter)
    expect(elapsed).toBeLessThanOrEqual(blockedAfter + 2 * poll)
  })

  it('is no death when it turns now and then', () => {
    const observer = new Observer()
    const turns = (elapsed: number) => Math.floor(elapsed / (blockedAfter - poll))
    expect(observer.until((elapsed) => beat(elapsed, turns(elapsed)), 4 * blockedAfter)).toBeUndefined()
  })
})

describe('an observer that was frozen', () => {
  it.each([lease / 4 + 1, lease, 100 * lease])('counts anew after a gap of %d ms', (freeze) => {
    const observer = new Observer()
    observer.after(0, beat(1))
    for (let elapsed = poll; elapsed < lease; elapsed += poll) observer.after(poll, beat(1))
    // the worker was frozen with it, and has not beaten yet
    expect(observer.after(freeze, beat(1))).toBe(false)
    expect(observer.until(beat(1))).toBe(lease)
  })

  it('counts anew when it was frozen in the middle of a look', () => {
    const observer = new Observer()
    observer.after(0, beat(1))
    for (let elapsed = poll; elapsed < lease - poll; elapsed += poll) observer.after(poll, beat(1))
    expect(observer.after(1, beat(1), 5 * lease)).toBe(false)
    expect(observer.after(1, beat(1))).toBe(false)
    expect(observer.until(beat(1))).toBe(lease)
  })
})

/** What happens to a worker and its observer, in ms of time in which both may run. */
interface World {
  /** When the heart beats. */
  readonly beats: readonly number[]
  /** When the observer looks, when it sees, and when the look is over. */
  readonly looks: readonly { readonly from: number; readonly at: number; readonly to: number }[]
  /** When all is frozen, and for how long. */
  readonly freezes: readonly { readonly at: number; readonly length: number }[]
}

const below = (random: Random, n: number): number => random.next() * n
const oneIn = (random: Random, n: number): boolean => random.next() * n < 1

/** A worker whose pauses are shorter than a lease, an observer that stalls as it likes, and freezes of both together. */
function simulate(seed: number, { freezing = false } = {}): World {
  const random = seededRandom(seed)
  const end = 40 * lease
  const beats: number[] = []
  for (let at = 0; at < end; at += beatEvery + (oneIn(random, 5) ? below(random, lease - beatEvery) : 0)) beats.push(at)
  const looks: World['looks'][number][] = []
  for (let from = below(random, poll); from < end; ) {
    const takes = oneIn(random, 8) ? below(random, lease / 3) : below(random, 2)
    looks.push({ from, at: from + below(random, takes), to: from + takes })
    from += takes + poll + (oneIn(random, 10) ? below(random, 2 * lease) : 0)
  }
  const freezes: World['freezes'][number][] = []
  for (let at = 0; freezing && at < end; at += below(random, 2 * lease))
    freezes.push({ at, length: lease / 4 + 1 + below(random, 5 * lease) })
  return { beats, looks, freezes }
}

/** When the observer says that the worker is dead; undefined while it never does. */
function verdictOf({ beats, looks, freezes }: World, options: Partial<LivenessOptions> = {}): number | undefined {
  const liveness = new Liveness({ lease, blockedAfter, ...options })
  // the clock goes on while all is frozen
  const clock = (ms: number) => freezes.reduce((sum, { at, length }) => (at < ms ? sum + length : sum), ms)
  for (const { from, at, to } of looks) {
    const seen = beats.filter((each) => each <= at).length
    if (liveness.look({ from: clock(from), to: clock(to) }, new Map([['w', beat(seen)]])).length > 0) return from
  }
  return undefined
}

describe('in seeded simulations', () => {
  const seeds = Array.from({ length: 400 }, (_, seed) => seed + 1)

  it('nobody who pauses for less than a lease is taken for dead, however the observer stalls', () => {
    const wrong = seeds.filter((seed) => verdictOf(simulate(seed)) !== undefined)
    expect(wrong).toEqual([])
  })

  it('a freeze of both together gives no verdict', () => {
    const wrong = seeds.filter((seed) => verdictOf(simulate(seed, { freezing: true })) !== undefined)
    expect(wrong).toEqual([])
  })

  it('a freeze of both would give verdicts if gaps did not count', () => {
    const options = { longestGap: Number.POSITIVE_INFINITY }
    const wrong = seeds.filter((seed) => verdictOf(simulate(seed, { freezing: true }), options) !== undefined)
    expect(wrong.length).toBeGreaterThan(seeds.length / 4)
  })

  it('a regular observer finds the dead within a lease and two polls', () => {
    const random = seededRandom(7)
    const late = seeds.filter(() => {
      const died = 3 * lease + below(random, lease)
      const beats = Array.from({ length: 100 }, (_, i) => i * beatEvery).filter((at) => at <= died)
      const first = below(random, poll)
      const looks = Array.from({ length: 100 }, (_, i) => first + i * poll).map((at) => ({ from: at, at, to: at }))
      const found = verdictOf({ beats, looks, freezes: [] })
      return found === undefined || found > died + lease + 2 * poll
    })
    expect(late).toEqual([])
  })

  it('the dead are found even by an observer that often stalls', () => {
    const missed = seeds.filter((seed) => {
      const world = simulate(seed)
      return verdictOf({ ...world, beats: world.beats.filter((at) => at < lease) }) === undefined
    })
    expect(missed).toEqual([])
  })
})
