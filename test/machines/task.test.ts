import { describe, expect, it } from 'vitest'
import { createActor, initialTransition, transition } from 'xstate'
import type { TaskEvent } from '../../src/machines/records.ts'
import { type TaskSnapshot, taskChart } from '../../src/machines/store-state.ts'
import { taskMachine } from '../../src/machines/task.ts'
import { seededRandom } from '../../src/random.ts'
import { abstract, firstLetters, lettersFor } from './letters.ts'

interface Step {
  readonly from: TaskSnapshot
  readonly event: TaskEvent
  readonly to: TaskSnapshot
}

/** Every step from every reachable state, to a fixpoint. */
function explore(): Step[] {
  const seen = new Set<string>()
  const steps: Step[] = []
  const open: TaskSnapshot[] = []
  const visit = (from: TaskSnapshot, events: readonly TaskEvent[]): void => {
    for (const event of events) {
      const to = taskChart.next(from, event)
      steps.push({ from, event, to })
      const key = abstract(to.state, to.context)
      if (seen.has(key)) continue
      seen.add(key)
      open.push(to)
    }
  }
  visit(taskChart.initial, [...firstLetters(), ...lettersFor(taskChart.initial.context)])
  for (let next = open.pop(); next !== undefined; next = open.pop()) visit(next, lettersFor(next.context))
  return steps
}

const steps = explore()
const accepted = steps.filter(({ from, to }) => from !== to)
const finals = ['completed', 'failed', 'cancelled']
const [newborn] = initialTransition(taskMachine)

/** The same moment for XState's interpreter. */
function asXState({ value, context, status }: TaskSnapshot): typeof newborn {
  return Object.assign(taskMachine.resolveState({ value, context } as never), { status }) as unknown as typeof newborn
}

describe('the task chart', () => {
  it('was explored to a fixpoint', () => {
    const states = new Set(steps.map(({ to }) => to.state))
    expect(states).toEqual(new Set(taskChart.leaves.keys()))
    expect(steps.length).toBeGreaterThan(50_000)
  })

  it('decides as XState does: a sample of every state with every kind of event', () => {
    const random = seededRandom(11)
    const perPair = new Map<string, number>()
    let compared = 0
    for (const { from, event, to } of steps) {
      // a pure transition of XState runs actions even on a finished snapshot; a live actor does not get that far
      if (from.status === 'done') continue
      const pair = `${from.state} ${event.type} ${from === to ? 'void' : to.state}`
      const count = perPair.get(pair) ?? 0
      if (count >= 40 && random.next() > 0.02) continue
      perPair.set(pair, count + 1)
      const [theirs] = transition(taskMachine, asXState(from), event)
      expect({ pair, value: theirs.value, context: theirs.context }).toEqual({
        pair,
        value: to.value,
        context: to.context,
      })
      expect(theirs.status).toBe(to.status)
      compared += 1
    }
    expect(compared).toBeGreaterThan(3_000)
  }, 30_000)

  it('runs as an actor of XState as it does in the table', () => {
    const random = seededRandom(5)
    const first = firstLetters()
    for (let walk = 0; walk < 150; walk += 1) {
      const interpreted = createActor(taskMachine).start()
      const compiled = createActor(taskChart.logic).start()
      let mirror = taskChart.initial
      for (let i = 0; i < 12 && mirror.status === 'active'; i += 1) {
        const letters = i === 0 ? first : lettersFor(mirror.context)
        const event = letters[Math.floor(random.next() * letters.length)] as TaskEvent
        interpreted.send(event)
        compiled.send(event)
        mirror = taskChart.next(mirror, event)
        expect(compiled.getSnapshot().context).toEqual(mirror.context)
        expect(interpreted.getSnapshot().context).toEqual(mirror.context)
        expect(interpreted.getSnapshot().value).toEqual(mirror.value)
      }
      expect(compiled.getSnapshot().output).toEqual(interpreted.getSnapshot().output)
    }
  })

  it('agrees with its own exploration over a million random steps', () => {
    const random = seededRandom(3)
    const first = firstLetters()
    let walked = 0
    while (walked < 1_000_000) {
      let at = taskChart.next(taskChart.initial, first[Math.floor(random.next() * first.length)] as TaskEvent)
      for (let i = 0; i < 60 && at.status === 'active'; i += 1) {
        const letters = lettersFor(at.context)
        // many steps a letter list, for making it is what costs
        for (let k = 0; k < 30 && at.status === 'active'; k += 1) {
          const event = letters[Math.floor(random.next() * letters.length)] as TaskEvent
          const to = taskChart.next(at, event)
          walked += 1
          if (to === at) continue
          if (to.context.version !== at.context.version + 1)
            throw new Error(`version after ${event.type} in ${at.state}`)
          at = to
          break
        }
      }
    }
    expect(walked).toBeGreaterThanOrEqual(1_000_000)
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

  it('trap a task: it can always end, by its work, by a death, by a cancel, by its deadline', () => {
    const ends = (from: TaskSnapshot, moves: (at: TaskSnapshot) => readonly TaskEvent[]): boolean => {
      let at = from
      for (let i = 0; i < 12 && at.status === 'active'; i += 1) {
        const before = at
        for (const event of moves(at)) at = taskChart.next(at, event)
        if (before === at) return false
      }
      return at.status === 'done'
    }
    const start = (at: TaskSnapshot): TaskEvent => {
      const run = at.context.run + 1
      return { type: 'start', task: 't', claim: `c${run}`, worker: 'w', run, at: at.context.dueAt ?? 100 }
    }
    const claimOf = (at: TaskSnapshot): string => at.context.claim ?? ''
    const unblock: TaskEvent = { type: 'unblock', at: 100 }
    const cancel: TaskEvent = { type: 'cancel', task: 't', at: 100 }
    const expire: TaskEvent = { type: 'expire', worker: 'w', at: 100 }
    const byWork = (at: TaskSnapshot): TaskEvent[] => [
      unblock,
      start(at),
      { type: 'complete', task: 't', claim: claimOf(at) || `c${at.context.run + 1}`, at: 100, result: 1 },
    ]
    for (const { to } of accepted) {
      if (to.context.deadline !== undefined) {
        expect(
          ends(to, () => [
            { type: 'timeout', scope: 'deadline', task: 't', at: 1_000 },
            { ...expire, at: 1_000 },
          ]),
        ).toBe(true)
      } else {
        expect(ends(to, byWork)).toBe(true)
      }
      expect(ends(to, () => [cancel, expire])).toBe(true)
    }
  })
})
