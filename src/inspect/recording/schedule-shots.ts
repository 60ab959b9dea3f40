/** @module The schedules of a recording: each as it was after every change. */
import type { ScheduleChange } from '../../machines/fold-schedules.ts'
import type { StoredSchedule } from '../../machines/schedule-state.ts'
import type { Position } from '../protocol.ts'
import type { ScheduleShot } from './recorded.ts'
import { firstAbove } from './search.ts'

interface Life {
  /** What it was before its first kept change; undefined where it was not there. */
  base: ScheduleShot | undefined
  readonly positions: Position[]
  readonly shots: ScheduleShot[]
}

/** How many firings a shot keeps. */
const firingsShown = 10

/** A schedule as it is now. */
export function shotOf(schedule: StoredSchedule): ScheduleShot {
  const { status, definition, snapshot, history } = schedule
  return { schedule, status, definition, snapshot, history: history.slice(-firingsShown).map((each) => ({ ...each })) }
}

export class ScheduleShots {
  /** By uid, in the order in which they were added. */
  readonly #lives = new Map<string, Life>()

  /** The schedules are these, whatever they were before. */
  begin(schedules: Iterable<StoredSchedule>): void {
    this.#lives.clear()
    for (const each of schedules) this.#lives.set(each.uid, { base: shotOf(each), positions: [], shots: [] })
  }

  add({ schedule }: ScheduleChange, n: Position): ScheduleShot {
    const shot = shotOf(schedule)
    const life = this.#lives.get(schedule.uid) ?? { base: undefined, positions: [], shots: [] }
    this.#lives.set(schedule.uid, life)
    life.positions.push(n)
    life.shots.push(shot)
    return shot
  }

  /** The entries up to `n` have fallen out, and this one was among them. */
  trim({ schedule }: ScheduleShot, n: Position): void {
    const life = this.#lives.get(schedule.uid)
    const gone = life === undefined ? 0 : firstAbove(life.positions, n)
    if (life === undefined || gone === 0) return
    life.positions.splice(0, gone)
    life.base = life.shots.splice(0, gone).at(-1)
    if (life.shots.length === 0 && life.base?.status === 'removed') this.#lives.delete(schedule.uid)
  }

  at(n: Position): ScheduleShot[] {
    const shots: ScheduleShot[] = []
    for (const life of this.#lives.values()) {
      const shot = life.shots[firstAbove(life.positions, n) - 1] ?? life.base
      if (shot !== undefined && shot.status !== 'removed') shots.push(shot)
    }
    return shots
  }
}
