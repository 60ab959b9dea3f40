import { describe, expect, it } from 'vitest'
import { compile } from '../../src/machines/compile.ts'
import { type ScheduleContext, type ScheduleEvent, scheduleMachine } from '../../src/machines/schedule.ts'
import { seededRandom } from '../../src/random.ts'
import { explore, type Step, waysOf } from './agree.ts'

const now = 100
const slots = [40, 50, now, 150]
const kinds = { runs: [undefined, 1, 2], until: [undefined, 50] } as const

/** Every event that makes a difference: the current or an old revision, a slot used up, due, ahead or too late. */
function lettersFor({ rev }: ScheduleContext): ScheduleEvent[] {
  const letters: ScheduleEvent[] = []
  for (const each of [rev, rev - 1]) {
    const of = { at: now, rev: each }
    for (const type of ['pause', 'resume', 'remove', 'exhaust', 'trigger'] as const) letters.push({ type, ...of })
    letters.push({ type: 'resume', at: 45, rev: each })
    for (const slot of slots) letters.push({ type: 'fire', slot, ...of }, { type: 'skip', slot, ...of })
    for (const maxRuns of kinds.runs) {
      for (const until of kinds.until) {
        letters.push({ type: 'update', ...of, maxRuns, until, isMoved: maxRuns === 2 })
      }
    }
  }
  return letters
}

const abstract = ({ lastSlot, fired, maxRuns, until }: ScheduleContext): unknown => [
  lastSlot,
  Math.min(fired, 3),
  maxRuns,
  until,
]
const steps = explore<ScheduleContext>(scheduleMachine, lettersFor, abstract)
const accepted = steps.filter(({ from, to }) => from !== to)
const eventOf = ({ event }: Step<ScheduleContext>): { type: string; slot: number; rev: number; at: number } =>
  event as never
const ofType = (...types: string[]) => accepted.filter((step) => types.includes(eventOf(step).type))

describe('the schedule chart', () => {
  it('takes these ways and no others, and XState agrees', () => {
    expect(waysOf(steps)).toEqual([
      'live.active exhaust exhausted',
      'live.active fire exhausted',
      'live.active fire live.active',
      'live.active pause live.paused',
      'live.active remove removed',
      'live.active skip live.active',
      'live.active trigger live.active',
      'live.active update exhausted',
      'live.active update live.active',
      'live.paused exhaust exhausted',
      'live.paused remove removed',
      'live.paused resume live.active',
      'live.paused trigger live.paused',
      'live.paused update exhausted',
      'live.paused update live.paused',
    ])
    expect(accepted.length).toBeGreaterThan(200)
  })

  it('hears nothing that was drawn up under an older revision', () => {
    expect(accepted.filter((step) => eventOf(step).rev !== step.from.context.rev)).toEqual([])
  })

  it('raises its revision with every command, and with nothing else', () => {
    for (const step of accepted) {
      const command = ['pause', 'resume', 'remove', 'exhaust', 'update'].includes(eventOf(step).type)
      expect(step.to.context.rev - step.from.context.rev).toBe(command ? 1 : 0)
    }
  })

  it('fires and skips only slots that are new, due and not too late, and uses them up', () => {
    for (const step of ofType('fire', 'skip')) {
      const { slot, at, type } = eventOf(step)
      const { lastSlot, until = Number.POSITIVE_INFINITY, fired } = step.from.context
      expect(slot > lastSlot && slot <= at && slot <= until).toBe(true)
      expect(step.to.context.lastSlot).toBe(slot)
      expect(step.to.context.fired - fired).toBe(type === 'fire' ? 1 : 0)
    }
  })

  it('fires every slot that is: nothing else stands in the way', () => {
    for (const step of steps.filter((each) => eventOf(each).type === 'fire' && each.from.state === 'live.active')) {
      const { slot, at, rev } = eventOf(step)
      const { lastSlot, until = Number.POSITIVE_INFINITY } = step.from.context
      const free = slot > lastSlot && slot <= at && slot <= until && rev === step.from.context.rev
      expect(step.from !== step.to).toBe(free)
    }
  })

  it('is exhausted in the very step that makes the last task', () => {
    for (const step of ofType('fire')) {
      const { fired, maxRuns = Number.POSITIVE_INFINITY } = step.to.context
      expect(step.to.state === 'exhausted').toBe(fired >= maxRuns)
    }
  })

  it('is exhausted by an update to no more runs than it has made', () => {
    for (const { from, to, event } of ofType('update')) {
      const { maxRuns = Number.POSITIVE_INFINITY, until } = event as { maxRuns?: number; until?: number }
      expect(to.state).toBe(from.context.fired >= maxRuns ? 'exhausted' : from.state)
      expect([to.context.maxRuns ?? Number.POSITIVE_INFINITY, to.context.until]).toEqual([maxRuns, until])
    }
  })

  it('passes over what is gone by when an update moves it, and only then', () => {
    for (const { from, to, event } of ofType('update')) {
      const { at, isMoved } = event as unknown as { at: number; isMoved: boolean }
      expect(to.context.lastSlot).toBe(isMoved ? Math.max(from.context.lastSlot, at) : from.context.lastSlot)
    }
  })

  it('leaves slots and count alone when a person triggers it', () => {
    for (const { from, to } of ofType('trigger')) {
      expect(to.context).toEqual({ ...from.context, version: from.context.version + 1 })
    }
  })

  it('passes over the slots of a pause, and never goes back, whatever the clock says', () => {
    for (const step of ofType('resume')) {
      expect(step.to.context.lastSlot).toBe(Math.max(step.from.context.lastSlot, eventOf(step).at))
    }
    for (const { from, to } of accepted) expect(to.context.lastSlot).toBeGreaterThanOrEqual(from.context.lastSlot)
  })

  it('fires a slot at most once, whoever asks in whatever order', () => {
    const chart = compile(scheduleMachine)
    const random = seededRandom(3)
    for (let walk = 0; walk < 500; walk += 1) {
      const fired: number[] = []
      let at = chart.initial
      for (let i = 0; i < 40; i += 1) {
        const letters = lettersFor(at.context)
        const event = letters[Math.floor(random.next() * letters.length)] as ScheduleEvent
        const to = chart.next(at, event)
        if (event.type === 'fire' && to !== at) fired.push(event.slot)
        at = to
      }
      expect(fired).toEqual([...new Set(fired)].sort((a, b) => a - b))
    }
  })
})
