/**
 * @module Schedules under writers who know old things: they command and fire by what they saw last, by clocks that go wrong,
 * and deliver again what they delivered. An oracle written from the specification says of each record what must come of it.
 */
import type { SubmitRecord } from '../../../src/machines/records.ts'
import type { Overlap, ScheduleAddRecord, ScheduleRecord } from '../../../src/machines/schedule-records.ts'
import type { StoreState } from '../../../src/machines/store-state.ts'
import { Dice } from './dice.ts'
import { Violation } from './life.ts'
import type { Machines } from './world.ts'

type Fired = SubmitRecord | ScheduleAddRecord | ScheduleRecord
export type Written = Parameters<Machines['foldStore']>[1]

interface Life {
  readonly uid: string
  readonly full: string
  overlap: Overlap
  when: string
  status: 'active' | 'paused' | 'exhausted'
  rev: number
  lastSlot: number
  fired: number
  maxRuns: number | undefined
  until: number | undefined
  previous: number | undefined
  readonly used: number[]
  readonly told: string[]
  /** Tasks of which one may run at a time. */
  readonly inTurn: Set<string>
}

const endless = Number.POSITIVE_INFINITY
const settled = (state: string): boolean => ['completed', 'failed', 'cancelled'].includes(state)

/** What must come of every record about a schedule, told by what came before. */
export class Oracle {
  readonly lives = new Map<string, Life>()
  readonly gone = new Set<string>()

  /** The schedule's tasks that have not ended. */
  open(uid: string, state: StoreState): string[] {
    const all = [...state.tasks.values()].filter((task) => task.spec.schedule?.uid === uid && !settled(task.state))
    return all.map(({ id }) => id)
  }

  /** Whether the record counts, and the books of what it does. Asked before it is folded. */
  expect(record: Fired, state: StoreState): boolean | 'DEDUP' {
    if (record.type === 'scheduleAdd') return this.#add(record)
    const uid = record.type === 'submit' ? (record.schedule?.uid ?? '') : record.uid
    const life = this.lives.get(uid)
    if (life === undefined) return false
    if (record.type === 'submit') return this.#fire(life, record, state)
    if (record.rev !== life.rev) return false
    if (record.type === 'scheduleRemove') {
      this.lives.delete(uid)
      this.gone.add(uid)
      return true
    }
    if (life.status === 'exhausted') return false
    return this.#command(life, record)
  }

  #add({ uid, name, owner, at, overlap, when, maxRuns, until, paused }: ScheduleAddRecord): boolean {
    const full = `${owner} ${name}`
    const other = [...this.lives.values()].find((life) => life.full === full && life.status !== 'exhausted')
    if (this.lives.has(uid) || this.gone.has(uid) || other !== undefined) return false
    for (const life of this.lives.values()) {
      if (life.full !== full) continue
      this.lives.delete(life.uid)
      this.gone.add(life.uid)
    }
    const status = paused ? 'paused' : 'active'
    const fresh = { rev: 1, lastSlot: at, fired: 0, previous: undefined, used: [], told: [], inTurn: new Set<string>() }
    this.lives.set(uid, { uid, full, overlap, when: JSON.stringify(when), status, maxRuns, until, ...fresh })
    return true
  }

  #command(life: Life, record: Exclude<ScheduleRecord, { type: 'scheduleRemove' }>): boolean {
    const { at } = record
    switch (record.type) {
      case 'schedulePause':
      case 'scheduleResume': {
        const [from, to] =
          record.type === 'schedulePause' ? (['active', 'paused'] as const) : (['paused', 'active'] as const)
        if (life.status !== from) return false
        life.status = to
        if (to === 'active') life.lastSlot = Math.max(life.lastSlot, at)
        break
      }
      case 'scheduleExhaust':
        life.status = 'exhausted'
        break
      case 'scheduleSkip':
        if (!this.#mayUse(life, record.slot, at)) return false
        this.#use(life, record.slot, record.reason)
        return true
      case 'scheduleUpdate': {
        const when = JSON.stringify(record.when)
        if (when !== life.when) life.lastSlot = Math.max(life.lastSlot, at)
        Object.assign(life, { when, overlap: record.overlap, maxRuns: record.maxRuns, until: record.until })
        if (life.fired >= (life.maxRuns ?? endless)) life.status = 'exhausted'
      }
    }
    life.rev += 1
    return true
  }

  #mayUse(life: Life, slot: number, at: number): boolean {
    return life.status === 'active' && slot > life.lastSlot && slot <= at && slot <= (life.until ?? endless)
  }

  #use(life: Life, slot: number | undefined, told: string): void {
    life.told.push(told)
    if (slot === undefined) return
    if (life.used.some((used) => used >= slot))
      throw new Violation('a slot is used once, in order', `${life.uid} ${slot}`)
    life.used.push(slot)
    life.lastSlot = slot
  }

  #fire(life: Life, record: SubmitRecord, state: StoreState): boolean | 'DEDUP' {
    const { slot, rev = 0 } = record.schedule ?? {}
    const known = state.tasks.get(record.task)
    if (known?.spec.schedule?.uid === life.uid && known.spec.schedule.slot === slot) return 'DEDUP'
    const may = slot === undefined ? life.status !== 'exhausted' : this.#mayUse(life, slot, record.at)
    if (rev !== life.rev || !may) return false
    const overlaps = life.overlap === 'skip' && this.open(life.uid, state).length > 0
    const refused = known !== undefined || state.forgotten.has(record.task)
    if (overlaps || refused) {
      if (slot !== undefined) this.#use(life, slot, 'none')
      return false
    }
    this.#use(life, slot, record.task)
    if (life.overlap !== 'skip') life.inTurn.add(record.task)
    if (slot === undefined) return true
    life.previous = slot
    life.fired += 1
    if (life.fired >= (life.maxRuns ?? endless)) life.status = 'exhausted'
    return true
  }

  /** Compares the state with the books. @throws {Violation} */
  audit(state: StoreState): void {
    if (state.schedules.size !== this.lives.size)
      throw new Violation('schedules are as booked', `${[...state.schedules.keys()]} for ${[...this.lives.keys()]}`)
    for (const [uid, life] of this.lives) {
      const schedule = state.schedules.get(uid)
      const { fired, maxRuns, until } = schedule?.snapshot.context ?? {}
      const is = [schedule?.status, schedule?.rev, schedule?.lastSlot, fired, maxRuns, until, schedule?.previous]
      const wanted = [life.status, life.rev, life.lastSlot, life.fired, life.maxRuns, life.until, life.previous]
      if (is.join() !== wanted.join()) throw new Violation('a schedule is as booked', `${uid}: ${is} for ${wanted}`)
      const told = schedule?.history.map(({ task, reason }) => task ?? (reason === 'MISSED' ? reason : 'none')) ?? []
      if (told.join() !== life.told.slice(-50).join())
        throw new Violation('the history is as booked', `${uid}: ${told}`)
      this.#auditTasks(life, state)
    }
  }

  #auditTasks({ uid, inTurn }: Life, state: StoreState): void {
    const schedule = state.schedules.get(uid)
    const open = [...(schedule?.open ?? [])]
    if (open.join() !== this.open(uid, state).join()) throw new Violation('open tasks are as booked', `${uid}: ${open}`)
    const running = open.map((id) => state.tasks.get(id)).filter((task) => task?.state.startsWith('running.'))
    if (running.filter((task) => inTurn.has(task?.id ?? '')).length > 1)
      throw new Violation('tasks that queue run one after another', uid)
    for (const { task, status } of schedule?.history ?? []) {
      const kept = task === undefined ? undefined : state.tasks.get(task)
      if (kept !== undefined && status !== (settled(kept.state) ? kept.state : undefined))
        throw new Violation('the history tells how a task ended', `${task}: ${status}`)
    }
  }
}

const limits = { timeout: undefined, grace: 0, maxAttempts: 1, maxOrphans: 0 }
const hour = 1_000

/** The records of one world, each made by what its writer saw when it last looked. */
export class Writers {
  readonly #dice: Dice
  readonly #seen: Map<string, { rev: number; lastSlot: number }>[]
  readonly #log: Written[] = []
  #now = 100 * hour
  #ids = 0

  constructor(seed: number) {
    this.#dice = new Dice(seed)
    this.#seen = Array.from({ length: 1 + this.#dice.below(4) }, () => new Map())
  }

  next(state: StoreState): Written {
    const dice = this.#dice
    const again = dice.in(12) ? dice.pick(this.#log) : undefined
    const record = again ?? this.#fresh(state)
    this.#log.push(record)
    return record
  }

  #fresh(state: StoreState): Written {
    const dice = this.#dice
    const seen = dice.pick(this.#seen) ?? new Map()
    if (dice.in(2)) {
      seen.clear()
      for (const { uid, rev, lastSlot } of state.schedules.values()) seen.set(uid, { rev, lastSlot })
    }
    // mostly on, now and then far back
    this.#now += dice.in(20) ? -30 * hour : dice.below(2 * hour)
    const at = this.#now + (dice.in(5) ? dice.below(4 * hour) - 2 * hour : 0)
    const uid = dice.pick([...seen.keys()])
    const kind = dice.weighted({ add: 2, command: 3, fire: 10, task: 8 })
    if (kind === 'task' && state.tasks.size > 0) return this.#work(state, at)
    if (kind === 'add' || uid === undefined) return this.#add(at)
    const { rev, lastSlot } = seen.get(uid) ?? { rev: 1, lastSlot: 0 }
    return kind === 'command' ? this.#command({ uid, rev, at }, lastSlot) : this.#fire(uid, rev, lastSlot, at)
  }

  #definition(at: number) {
    const dice = this.#dice
    return {
      when: { every: dice.of(1, 2) },
      target: { recipe: 'r' },
      misfire: 'once' as const,
      overlap: dice.of<Overlap>('skip', 'queue', 'cancel-previous'),
      ...(dice.in(3) && { maxRuns: 1 + dice.below(4) }),
      ...(dice.in(4) && { until: at + dice.below(20) * hour }),
    }
  }

  #add(at: number): ScheduleAddRecord {
    const dice = this.#dice
    const whose = {
      name: dice.of('a', 'b', 'c'),
      ...(dice.in(2) && { owner: 'ann' }),
      ...(dice.in(5) && { paused: true }),
    }
    return { type: 'scheduleAdd', uid: `s${++this.#ids}`, at, ...whose, ...this.#definition(at) }
  }

  #command(of: { uid: string; rev: number; at: number }, lastSlot: number): ScheduleRecord {
    const dice = this.#dice
    const kind = dice.weighted({ pause: 3, resume: 4, update: 2, skip: 3, remove: 1, exhaust: 1 })
    if (kind === 'update') return { type: 'scheduleUpdate', ...of, ...this.#definition(of.at) }
    if (kind === 'skip') return { type: 'scheduleSkip', ...of, slot: lastSlot + dice.below(2 * hour), reason: 'MISSED' }
    const names = {
      pause: 'schedulePause',
      resume: 'scheduleResume',
      remove: 'scheduleRemove',
      exhaust: 'scheduleExhaust',
    } as const
    return { type: names[kind], ...of }
  }

  #fire(uid: string, rev: number, lastSlot: number, at: number): SubmitRecord {
    const dice = this.#dice
    const slot = dice.in(8) ? {} : { slot: lastSlot + dice.below(3 * hour) - dice.below(hour) }
    const task = dice.in(15) ? `t${dice.below(this.#ids + 1)}` : `t${++this.#ids}`
    return { type: 'submit', task, at, name: task, limits, schedule: { uid, rev, ...slot } }
  }

  #work(state: StoreState, at: number): Written {
    const dice = this.#dice
    const task = dice.pick([...state.tasks.values()])
    const id = task?.id ?? ''
    const { claim, run } = task?.snapshot.context ?? { claim: undefined, run: 0 }
    if (task?.settled) return { type: 'forget', task: id, at }
    if (dice.in(4)) return { type: 'cancel', task: id, at }
    if (claim !== undefined) return { type: dice.of('complete', 'ended', 'abandon'), task: id, at, claim }
    return { type: 'start', task: id, at, run: run + 1, claim: `c${++this.#ids}`, worker: 'w' }
  }
}

const isAbout = (record: Written): record is Fired => record.type === 'submit' || record.type.startsWith('schedule')

/** Folds so many records and compares after each. Answers with what was folded. @throws {Violation} */
export function runSchedules(machines: Machines, seed: number, steps: number, seen?: Map<string, number>): Written[] {
  const state = machines.emptyStore()
  const oracle = new Oracle()
  const writers = new Writers(seed)
  const log: Written[] = []
  for (let step = 0; step < steps; step += 1) {
    const record = writers.next(state)
    log.push(record)
    const wanted = isAbout(record) ? oracle.expect(record, state) : undefined
    const { accepted, reason } = machines.foldStore(state, record)
    const key = `${record.type} ${reason ?? 'accepted'}`
    seen?.set(key, (seen.get(key) ?? 0) + 1)
    const came = wanted === 'DEDUP' ? reason : accepted
    if (wanted !== undefined && wanted !== came)
      throw new Violation('a record counts as the specification says', `${JSON.stringify(record)} ${key}`)
    oracle.audit(state)
  }
  return log
}
