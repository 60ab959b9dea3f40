import { expect } from 'vitest'
import { type AnyStateMachine, createActor, type EventObject, initialTransition, transition } from 'xstate'
import { compile } from '../../src/machines/compile.ts'
import type { ChartSnapshot } from '../../src/machines/snapshot.ts'
import { seededRandom } from '../../src/random.ts'

/** One step of a chart from a state that can be reached. */
export interface Step<C> {
  readonly from: ChartSnapshot<C>
  readonly event: EventObject
  readonly to: ChartSnapshot<C>
}

/**
 * Sends every event in every state that can be reached, until nothing new comes up, and expects of each step that
 * XState decides the same and that the version rises by one exactly when the event is accepted.
 *
 * @param lettersFor The events that make a difference in a context.
 * @param abstract What of a context decides about the next step.
 */
export function explore<C extends { readonly version: number }>(
  machine: AnyStateMachine,
  lettersFor: (context: C) => readonly EventObject[],
  abstract: (context: C) => unknown = () => 0,
): Step<C>[] {
  const chart = compile(machine)
  const [first] = initialTransition(machine)
  const open = [{ ours: chart.initial as unknown as ChartSnapshot<C>, theirs: first }]
  const seen = new Set<string>()
  const steps: Step<C>[] = []
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const { ours, theirs } = at
    for (const event of lettersFor(ours.context)) {
      const to = chart.next(ours as never, event as never) as unknown as ChartSnapshot<C>
      const [next] = transition(machine, theirs, event)
      expect({ event, value: to.value, context: to.context, status: to.status, output: to.output }).toEqual({
        event,
        value: next.value,
        context: next.context,
        status: next.status,
        output: next.output,
      })
      expect(next === theirs).toBe(to === ours)
      expect(to.context.version).toBe(ours.context.version + (to === ours ? 0 : 1))
      steps.push({ from: ours, event, to })
      const key = JSON.stringify([to.state, abstract(to.context)])
      if (!seen.has(key)) open.push({ ours: to, theirs: next })
      seen.add(key)
    }
  }
  expect(new Set(steps.map(({ to }) => to.state))).toEqual(new Set(chart.leaves.keys()))
  walk(machine, lettersFor)
  return steps
}

/** The same in living actors: XState's interpreter beside the compiled logic, on random events. */
function walk<C>(machine: AnyStateMachine, lettersFor: (context: C) => readonly EventObject[]): void {
  const chart = compile(machine)
  const random = seededRandom(7)
  for (let i = 0; i < 40; i += 1) {
    const [theirs, ours] = [createActor(machine).start(), createActor(chart.logic).start()]
    for (let k = 0; k < 25 && theirs.getSnapshot().status === 'active'; k += 1) {
      const letters = lettersFor(theirs.getSnapshot().context)
      const event = letters[Math.floor(random.next() * letters.length)] as EventObject
      theirs.send(event)
      ours.send(event as never)
      const { value, context, status } = theirs.getSnapshot()
      const snapshot = ours.getSnapshot()
      expect({ value: snapshot.value, context: snapshot.context, status: snapshot.status }).toEqual({
        value,
        context,
        status,
      })
    }
  }
}

/** Every way from state to state: `'from event to'`, sorted, each once. */
export function waysOf<C>(steps: readonly Step<C>[]): string[] {
  const moved = steps.filter(({ from, to }) => from !== to)
  return [...new Set(moved.map(({ from, event, to }) => `${from.state} ${event.type} ${to.state}`))].sort()
}
