/** @module One machine with a store, up to four schedulers that come and go, users, a worker, and a clock that is set. */
import type { Scheduler } from '../../../src/actors/scheduler.ts'
import { Timers } from '../../../src/actors/timer.ts'
import { StoreError } from '../../../src/errors.ts'
import type { Verdict } from '../../../src/machines/fold-store.ts'
import type { SubmitRecord } from '../../../src/machines/records.ts'
import type {
  Firing,
  ScheduleAddRecord,
  ScheduleDefinition,
  ScheduleRecord,
} from '../../../src/machines/schedule-records.ts'
import type { StoredSchedule } from '../../../src/machines/schedule-state.ts'
import type { MemoryStore } from '../../../src/store/memory.ts'
import type { Store } from '../../../src/store/store.ts'
import { Dice } from '../../machines/sim/dice.ts'
import { Audit, type Told } from './audit.ts'
import { ProcessClock, Timeline, turn } from './clock.ts'
import { type Era, eraOf, eras, once, slots } from './times.ts'

const day = 86_400_000
/** How many times a scheduler looks, at least, in a world. */
const ticks = 20
/** How much happens between two events, at most, and how many words a store hears in a world. */
const mostSteps = 5_000
const mostWords = 10_000
const limits = { timeout: undefined, grace: 0, maxAttempts: 1, maxOrphans: 1 }

/** What is put to the test. */
export interface Parts {
  readonly Scheduler: typeof Scheduler
  readonly MemoryStore: typeof MemoryStore
}

interface Process {
  readonly scheduler: Scheduler
  readonly clock: ProcessClock
  /** How wrong its clock is, in ms. */
  readonly skew: number
  /** Since when it has worked without a disturbance, on the timeline. */
  since: number
  isPaused: boolean
  /** When it was stopped, on the timeline. */
  stopped: number
  /** It dies at its next word to the store: before that is heard, or behind. */
  dies: 'before' | 'behind' | undefined
}

/** Lives through one world. @throws where a promise was broken. @returns How often what was recorded. */
export async function live(parts: Parts, seed: number): Promise<ReadonlyMap<string, number>> {
  const world = new World(parts, seed)
  await world.live()
  return world.audit.seen
}

class World {
  readonly audit: Audit
  readonly #parts: Parts
  readonly #dice: Dice
  readonly #line = new Timeline()
  readonly #era: Era
  readonly #store: MemoryStore
  readonly #tickEvery: number
  readonly #processes = new Set<Process>()
  #offset: number
  #ids = 0
  #words = 0
  #isPeace = false

  constructor(parts: Parts, seed: number) {
    this.#parts = parts
    this.#dice = new Dice(seed)
    this.#store = new parts.MemoryStore()
    this.#era = eraOf(eras[this.#dice.below(eras.length)] ?? [0, 0])
    this.#offset = this.#era.start
    this.#tickEvery = Math.max(30_000, Math.floor(this.#era.length / ticks))
    this.audit = new Audit(2 * this.#tickEvery)
    this.#store.subscribe((change) => {
      if ('event' in change && change.task.settled)
        this.audit.ended(change.task.id, change.task.spec.schedule?.uid ?? '')
    })
  }

  async live(): Promise<void> {
    const dice = this.#dice
    const { length } = this.#era
    for (let i = 1 + dice.below(3); i > 0; i -= 1) this.#add()
    for (let i = 1 + dice.below(3); i > 0; i -= 1) this.#begin()
    for (let i = 12 + dice.below(12); i > 0; i -= 1) {
      await this.#pass(dice.below(Math.floor((2 * length) / 18)))
      this.#happen()
    }
    await this.#rest()
    this.audit.note('alone')
  }

  /** Time goes by. */
  async #pass(ms: number): Promise<void> {
    const end = this.#line.now + ms
    await turn()
    for (let steps = 0; this.#line.step(end); steps += 1) {
      if (steps > mostSteps) throw new Error('it never rests')
      await turn()
    }
    this.#line.now = end
    // the schedulers take what the auditor throws for a fault of the store
    if (this.audit.failure !== undefined) throw this.audit.failure
    this.#judge()
  }

  /** A scheduler that has lived through it has fired what was due. */
  #judge(): void {
    const enough = this.#tickEvery + 20_000
    for (const { clock, since, isPaused } of this.#processes)
      if (!isPaused && this.#line.now - since > enough) this.audit.late(clock.now() - enough)
  }

  /** A new process, and time for it: then nothing may be left over. */
  async #rest(): Promise<void> {
    for (const process of [...this.#processes]) this.#crash(process)
    this.#isPeace = true
    // what an overlap holds back is not late
    this.#work()
    this.#begin(0)
    await this.#pass(3 * this.#tickEvery + 60_000)
    this.audit.over()
    for (const page of this.audit.pages.values()) {
      const stored = this.#store.schedule(page.uid)
      const status = stored?.status ?? 'removed'
      // one that is over leaves when its name is given again
      if (stored === undefined && page.status === 'exhausted') continue
      const isSame =
        stored === undefined || (stored.lastSlot === page.floor && stored.snapshot.context.fired === page.runs)
      if (status !== page.status || !isSame) throw new Error(`${page.uid} is ${status}, and was to be ${page.status}`)
    }
  }

  #happen(): void {
    const dice = this.#dice
    const process = dice.pick([...this.#processes])
    const what = dice.weighted({ work: 4, user: 4, crash: 2, stop: 1, begin: 4, pause: 1, resume: 2, clock: 1, add: 1 })
    if (what === 'work') this.#work()
    else if (what === 'user') this.#command()
    else if (what === 'add') this.#add()
    else if (what === 'begin') {
      if (this.#processes.size < 4) this.#begin()
    } else if (what === 'clock') this.#setClock()
    else if (process === undefined) return
    else if (what === 'crash') this.#condemn(process)
    else if (what === 'stop') {
      process.scheduler.stop()
      process.stopped = this.#line.now
      this.#processes.delete(process)
    } else {
      process.isPaused = what === 'pause'
      process.since = this.#line.now
      if (what === 'resume') process.scheduler.wake()
    }
  }

  #setClock(): void {
    const dice = this.#dice
    this.#offset += dice.of(-day, day, -3_600_000, 3_600_000, -1_000)
    for (const process of this.#processes) process.since = this.#line.now
  }

  // Schedulers

  #begin(skew = this.#dice.in(12) ? this.#dice.of(-day, day, 90_000) : 0): void {
    const clock = new ProcessClock(this.#line, () => this.#offset + this.#line.now + skew)
    const timers = new Timers(clock, (error) => {
      throw error
    })
    const process: Process = {
      clock,
      skew,
      since: this.#line.now,
      isPaused: false,
      stopped: Number.POSITIVE_INFINITY,
      dies: undefined,
      scheduler: new this.#parts.Scheduler({
        store: this.#seenBy(() => process),
        clock,
        timers,
        slots,
        tickEvery: this.#tickEvery,
        record: (schedule, firing) => this.#record(process, schedule, firing),
        isPaused: () => process.isPaused,
        warn: () => {},
      }),
    }
    this.#processes.add(process)
    process.scheduler.start()
  }

  #crash(process: Process): void {
    process.clock.isDead = true
    this.#processes.delete(process)
  }

  #condemn(process: Process): void {
    if (this.#dice.in(2)) return this.#crash(process)
    process.dies = this.#dice.of('before', 'behind')
    process.since = Number.POSITIVE_INFINITY
  }

  async #record({ clock }: Process, { uid, definition }: StoredSchedule, firing: Firing): Promise<SubmitRecord> {
    if (!this.#isPeace && this.#dice.in(40)) throw new Error('a schema that throws')
    if (this.#dice.in(4)) await new Promise<void>((resolve) => this.#line.after(this.#dice.below(2_000), resolve))
    this.#ids += 1
    const { recipe = '' } = definition.target
    return { type: 'submit', task: `t${this.#ids}`, at: clock.now(), name: uid, recipe, limits, schedule: firing }
  }

  /** The store as a process sees it, which may die at any word. */
  #seenBy(whose: () => Process): Store {
    const word = <T>(say: () => T): T | Promise<T> => {
      const process = whose()
      this.#words += 1
      if (this.#words > mostWords) this.audit.failure ??= new Error('it never rests')
      if (process.clock.isDead || this.audit.failure !== undefined) return new Promise(() => {})
      const { dies } = process
      if (dies !== undefined) this.#crash(process)
      if (dies === 'before') return new Promise(() => {})
      if (!this.#isPeace && this.#dice.in(60)) return Promise.reject(new StoreError('STORE_FULL', 'the disk is full'))
      const answer = say()
      if (dies === 'behind') return new Promise(() => {})
      if (!this.#isPeace && this.#dice.in(60))
        return Promise.reject(new StoreError('STORE', 'nobody knows what was written'))
      return answer
    }
    const store = this.#store
    return {
      submit: (records: readonly SubmitRecord[]) => {
        const { isPaused, stopped } = whose()
        if (isPaused) this.audit.broken('a scheduler fired that was paused')
        if (this.#line.now > stopped + 10_000) this.audit.broken('a scheduler fired that was stopped')
        return word(() => records.map((record) => this.#submit(record)))
      },
      append: (record: ScheduleRecord) => word(() => this.#append(record)),
      schedules: () => word(() => store.schedules()),
      onSchedules: (listener: (change: { schedule: StoredSchedule } | undefined) => void) =>
        store.onSchedules((change) => {
          if (!whose().clock.isDead) listener(this.#dice.in(50) ? undefined : change)
        }),
    } as unknown as Store
  }

  // What is recorded, and told to the auditor in its order

  #submit(record: SubmitRecord): Verdict {
    const [verdict] = this.#store.submit([record])
    if (verdict === undefined) throw new Error('no verdict')
    this.audit.fired(record, toldOf(verdict))
    return verdict
  }

  #append(record: ScheduleRecord | ScheduleAddRecord): Verdict {
    const verdict = this.#store.append(record)
    if (record.type === 'scheduleAdd') this.audit.added(record, toldOf(verdict))
    else this.audit.told(record, toldOf(verdict))
    return verdict
  }

  // Users, and a worker

  get #now(): number {
    return this.#offset + this.#line.now
  }

  #define(): ScheduleDefinition {
    const dice = this.#dice
    const { times, start, length } = this.#era
    const time = dice.in(6) ? once(start + dice.below(length)) : dice.pick(times)
    return {
      when: { ...time?.when },
      target: { recipe: 'r' },
      misfire: dice.of('once', 'skip', 'all'),
      overlap: dice.of('skip', 'queue', 'cancel-previous'),
      ...(dice.in(4) && { jitter: 60_000 }),
      ...(dice.in(4) && { maxRuns: 1 + dice.below(6) }),
      ...(dice.in(5) && { until: start + dice.below(length) }),
    }
  }

  #add(): void {
    this.#ids += 1
    const paused = this.#dice.in(8) && { paused: true }
    const uid = `s${this.#ids}`
    this.#append({
      type: 'scheduleAdd',
      uid,
      name: `n${this.#dice.below(5)}`,
      at: this.#now,
      ...paused,
      ...this.#define(),
    })
  }

  #command(): void {
    const dice = this.#dice
    const stored = dice.pick([...this.#store.schedules()])
    if (stored === undefined) return
    const { uid } = stored
    const rev = dice.in(10) ? stored.rev - 1 : stored.rev
    const at = this.#now
    const what = dice.weighted({ pause: 3, resume: 4, update: 2, remove: 1 })
    if (what === 'update') this.#append({ type: 'scheduleUpdate', uid, rev, at, ...this.#define() })
    else if (what === 'pause') this.#append({ type: 'schedulePause', uid, rev, at })
    else if (what === 'resume') this.#append({ type: 'scheduleResume', uid, rev, at })
    else this.#append({ type: 'scheduleRemove', uid, rev, at })
  }

  /** Runs what it can; some of it is forgotten at once. */
  #work(): void {
    const at = this.#now + day
    for (let i = 1 + this.#dice.below(4); i > 0; i -= 1) {
      this.#ids += 1
      const request = {
        worker: 'w',
        at,
        slots: 1,
        takes: () => true,
        fits: () => true,
        claim: () => `c${this.#ids}`,
      }
      const [claimed] = this.#store.claim(request)
      if (claimed === undefined) return
      const { task, claim } = claimed
      this.#store.append({ type: 'complete', task: task.id, at, claim, result: null })
      if (this.#dice.in(2)) this.#store.append({ type: 'forget', task: task.id, at })
    }
  }
}

const toldOf = ({ accepted, reason, schedule }: Verdict): Told => ({
  accepted,
  reason,
  moved: schedule?.change !== undefined,
})
