/** @module What `offstage doctor` finds of the schedules. */
import { type BackgroundRunner, type Schedule, SystemClock } from '../../index.ts'
import { count, span } from '../human.ts'
import { quietFor, silence } from '../workers.ts'

/** What is to be said of schedules. */
export interface ScheduleFinding {
  readonly what: 'schedules' | 'schedule'
  readonly state: 'ok' | 'note'
  readonly says: string
}

const statuses = ['active', 'paused', 'exhausted'] as const
/** Reasons that somebody may want to do something about. */
const needy = new Set(['CLOCK_BEHIND', 'NO_SCHEDULER', 'UNKNOWN_RECIPE'])
/** How many are told, and how many are looked at. */
const mostTold = 20
const mostAsked = 1_000
/** Ms after which a slot that is due is one that nobody fires. */
const late = 60_000

/** How many there are, and of each that should fire and does not why. */
export async function findingsOfSchedules(runner: BackgroundRunner): Promise<ScheduleFinding[]> {
  const all = await runner.schedules.list()
  if (all.length === 0) return []
  const counts = statuses.map((status) => ({ status, n: all.filter((each) => each.status === status).length }))
  const says = `${all.length}: ${counts.map(({ status, n }) => `${n} ${status}`).join(', ')}`
  const active = all.filter(({ enabled }) => enabled)
  const alive = (await runner.workers()).some((worker) => quietFor(worker).heart < silence)
  if (active.length > 0 && !alive)
    return [note('schedules', `${says}; no worker is alive that would fire them; start one with: offstage work`)]
  const found = await reasonsOf(active.slice(0, mostAsked))
  const told = found.slice(0, mostTold).map((reason) => note('schedule', reason))
  const more = found.length - told.length
  return [
    { what: 'schedules', state: 'ok', says },
    ...told,
    ...(more > 0 ? [note('schedules', `${count(more, 'schedule')} more of which there is something to say`)] : []),
  ]
}

async function reasonsOf(schedules: readonly Schedule[]): Promise<string[]> {
  const now = new SystemClock().now()
  const found: string[] = []
  for (const schedule of schedules) {
    const { code, sentence } = await schedule.explain()
    const due = (schedule.next?.getTime() ?? now) + schedule.jitter
    if (needy.has(code)) found.push(`${schedule.name}: ${sentence}`)
    else if (now - due > late)
      found.push(`${schedule.name}: It is due for ${span(now - due)}, and the workers that live fire no schedules.`)
  }
  return found
}

const note = (what: ScheduleFinding['what'], says: string): ScheduleFinding => ({ what, state: 'note', says })
