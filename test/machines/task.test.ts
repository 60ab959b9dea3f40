import { describe, expect, it } from 'vitest'
import { initialTransition, transition } from 'xstate'
import type { TaskEvent } from '../../src/machines/records.ts'
import { type TaskSnapshot, taskChart } from '../../src/machines/store-state.ts'
import { type TaskContext, taskMachine } from '../../src/machines/task.ts'
import { seededRandom } from '../../src/random.ts'
import { agree, explore } from './agree.ts'
import { abstract, firstLetters, lettersFor } from './letters.ts'
import { specified, specifiedTarget } from './specified.ts'

interface Step {
  readonly from: TaskSnapshot
  readonly event: TaskEvent
  readonly to: TaskSnapshot
}

const first = firstLetters()
const letters = (context: TaskContext): TaskEvent[] =>
  context.version === 0 ? [...first, ...lettersFor(context)] : lettersFor(context)
/** Every event in every state that can be reached. XState was asked each time, and has agreed when this returns. */
const steps = explore<TaskContext>(taskMachine, letters, abstract) as unknown as readonly Step[]
const accepted = steps.filter(({ from, to }) => from !== to)
const finals = ['completed', 'failed', 'cancelled']
const [newborn] = initialTransition(taskMachine)

/** The same moment for XState's interpreter. */
function asXState({ value, context, status }: TaskSnapshot): typeof newborn {
  return Object.assign(taskMachine.resolveState({ value, context } as never), { status }) as unknown as typeof newborn
}

describe('the task chart', () => {
  it('was explored to a fixpoint, with XState agreeing on every step', () => {
    expect(new Set(steps.map(({ to }) => to.state))).toEqual(new Set(taskChart.leaves.keys()))
    expect(steps.length).toBeGreaterThan(50_000)
  })

  it('does in every state with every event what was specified', () => {
    const answered = new Set<string>()
    for (const { from, event, to } of steps) {
      const wanted = specifiedTarget(from.state, from.context, event)
      const got = from === to ? undefined : to.state
      if (got !== wanted) expect({ from, event, target: got }).toEqual({ from, event, target: wanted })
      answered.add(`${event.type} ${from.state} ${wanted}`)
    }
    // every row of every cell was taken at least once
    for (const [type, row] of Object.entries(specified)) {
      for (const [state, cell] of Object.entries(row)) {
        for (const [, target] of cell) expect(answered).toContain(`${type} ${state} ${target}`)
      }
    }
  })

  it('counts failures and deaths apart: a hand-back and a death in shutdown are neither', () => {
    for (const { from, event, to } of accepted) {
      const failed = to.context.failures - from.context.failures
      const died = to.context.orphans - from.context.orphans
      const inTimeout = from.state === 'running.stopping.timeout' && !to.matches('running') && event.type !== 'cancel'
      const handlerFailed = event.type === 'fail' && from.state !== 'running.stopping.cancel'
      expect(failed).toBe(handlerFailed || inTimeout ? 1 : 0)
      const orphaned = event.type === 'expire' && (from.matches('running.executing') || from.matches('running.waiting'))
      expect(died).toBe(orphaned ? 1 : 0)
    }
  })

  it('says why a task failed', () => {
    const codes = new Map<string, Set<string>>()
    for (const { event, to } of accepted) {
      const { outcome } = to.context
      if (outcome?.status !== 'failed') continue
      codes.set(event.type, (codes.get(event.type) ?? new Set()).add(outcome.error.code))
    }
    const found = Object.fromEntries([...codes].map(([type, set]) => [type, [...set].sort()]))
    expect(found).toEqual({
      needFailed: ['DEPENDENCY'],
      timeout: ['TIMEOUT'],
      complete: ['TIMEOUT'],
      fail: ['ERROR', 'TIMEOUT'],
      ended: ['TIMEOUT'],
      release: ['TIMEOUT'],
      abandon: ['TIMEOUT'],
      expire: ['LOST', 'TIMEOUT'],
    })
  })

  it('keeps its rules over a million random steps, and agrees with XState on a sample of them', () => {
    const random = seededRandom(3)
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random.next() * list.length)] as T
    let walked = 0
    let compared = 0
    while (walked < 1_000_000) {
      let at = taskChart.next(taskChart.initial, pick(first))
      while (at.status === 'active') {
        const events = lettersFor(at.context)
        let to = at
        // many steps a letter list, for making it is what costs
        for (let k = 0; k < 30 && to === at; k += 1) {
          const event = pick(events)
          to = taskChart.next(at, event)
          walked += 1
          if (walked % 40 === 0) {
            const [theirs] = transition(taskMachine, asXState(at), event)
            if (!agree(to, theirs)) expect({ event, to }).toEqual({ event, to: theirs })
            compared += 1
          }
          if (to !== at && to.context.version !== at.context.version + 1) {
            throw new Error(`version after ${event.type} in ${at.state}`)
          }
        }
        at = to
      }
    }
    expect(compared).toBeGreaterThan(20_000)
  }, 30_000)
})

describe('what the task chart never does', () => {
  const broken = (rule: (step: Step) => boolean): Step | undefined => accepted.find((step) => !rule(step))

  it('leave a final state', () => {
    expect(steps.find(({ from, to }) => finals.includes(from.state) && from !== to)).toBeUndefined()
  })

  it('count a record of another claim', () => {
    expect(broken(({ event }) => (event as { claim?: string }).claim !== 'stale')).toBeUndefined()
  })

  it('exceed the attempts and deaths that a task may have', () => {
    expect(broken(({ to }) => to.context.failures <= to.context.limits.maxAttempts)).toBeUndefined()
    expect(broken(({ to }) => to.context.orphans <= to.context.limits.maxOrphans + 1)).toBeUndefined()
  })

  it('keep a claim, waits, a stop or a due time beyond the states that have them', () => {
    expect(broken(({ to }) => (to.context.claim !== undefined) === to.matches('running'))).toBeUndefined()
    expect(broken(({ to }) => to.context.waits.length > 0 === to.matches('running.waiting'))).toBeUndefined()
    expect(broken(({ to }) => (to.context.stop !== undefined) === to.matches('running.stopping'))).toBeUndefined()
    expect(broken(({ to }) => (to.context.dueAt !== undefined) === to.matches('pending.delayed'))).toBeUndefined()
    expect(broken(({ to }) => (to.context.outcome !== undefined) === (to.status === 'done'))).toBeUndefined()
  })

  it('weaken the cause of a stop, or end a cancelled task in another way', () => {
    const strength = { shutdown: 0, timeout: 1, cancel: 2 }
    expect(
      broken(({ from, to }) => {
        const [was, is] = [from.context.stop?.cause, to.context.stop?.cause]
        return was === undefined || is === undefined || strength[is] >= strength[was]
      }),
    ).toBeUndefined()
    const fromCancel = accepted.filter(({ from }) => from.matches('running.stopping.cancel'))
    expect(new Set(fromCancel.map(({ to }) => to.state))).toEqual(new Set(['running.stopping.cancel', 'cancelled']))
  })

  it('accept anything without raising the version by one', () => {
    expect(broken(({ from, to }) => to.context.version === from.context.version + 1)).toBeUndefined()
  })

  it('trap a task: it can always end, by its work, by deaths and new starts, by a cancel, by its deadline', () => {
    const of = (at: TaskSnapshot) => ({ task: 't', claim: at.context.claim ?? `c${at.context.run + 1}`, at: 0 })
    const unblock: TaskEvent = { type: 'unblock', at: 0 }
    const expire: TaskEvent = { type: 'expire', worker: 'w', at: 2_000 }
    const start = (at: TaskSnapshot): TaskEvent => {
      const { run, dueAt: due = 0 } = at.context
      return { type: 'start', ...of(at), claim: `c${run + 1}`, worker: 'w', run: run + 1, at: due }
    }
    const ways: Readonly<Record<string, (at: TaskSnapshot) => readonly TaskEvent[]>> = {
      work: (at) => [unblock, start(at), { type: 'complete', ...of(at), result: 1 }],
      deaths: (at) => [unblock, start(at), expire],
      cancel: () => [{ type: 'cancel', task: 't', at: 0 }, expire],
      deadline: () => [{ type: 'timeout', scope: 'deadline', task: 't', at: 1_000 }, expire],
    }
    const ends = (from: TaskSnapshot, way: (at: TaskSnapshot) => readonly TaskEvent[]): boolean => {
      let at = from
      for (let i = 0; i < 8 && at.status === 'active'; i += 1) {
        for (const event of way(at)) at = taskChart.next(at, event)
      }
      return at.status === 'done'
    }
    for (const { to } of accepted) {
      const { deadline = Number.POSITIVE_INFINITY, dueAt = 0, delay = 0 } = to.context
      // what is due only at its deadline or after is never started: the deadline ends it
      const startable = Math.max(dueAt, to.matches('pending.blocked') ? delay : 0) < deadline
      for (const [name, way] of Object.entries(ways)) {
        if (name === 'deadline' ? deadline === Number.POSITIVE_INFINITY : name !== 'cancel' && !startable) continue
        if (!ends(to, way)) expect({ from: to, way: name }).toBe('a way to an end')
      }
    }
  })
})
