import { isDeepStrictEqual } from 'node:util'
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

/** A chart that goes on for ever is wrong, and says so. */
const stepLimit = 150_000

interface Moment {
  readonly value: unknown
  readonly context: unknown
  readonly status: string
  readonly output?: unknown
}
const plain = ({ value, context, status, output }: Moment): Moment => ({ value, context, status, output })

/** Tells whether a compiled chart and XState are in the same place, knowing the same. */
export const agree = (ours: Moment, theirs: Moment): boolean =>
  ours.status === theirs.status &&
  isDeepStrictEqual(ours.value, theirs.value) &&
  isDeepStrictEqual(ours.context, theirs.context) &&
  isDeepStrictEqual(ours.output, theirs.output)

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
  // breadth first: the list grows while it is read
  for (const { ours, theirs } of open) {
    for (const event of lettersFor(ours.context)) {
      const to = chart.next(ours as never, event as never) as unknown as ChartSnapshot<C>
      const [next] = transition(machine, theirs, event)
      const raised = ours.context.version + (to === ours ? 0 : 1)
      if (!agree(to, next) || (next === theirs) !== (to === ours) || to.context.version !== raised) {
        // said in full only when it matters: comparing is what these tests spend their time on
        expect({ event, from: ours.state, ...plain(to), same: to === ours, version: to.context.version }).toStrictEqual(
          {
            event,
            from: ours.state,
            ...plain(next),
            same: next === theirs,
            version: raised,
          },
        )
      }
      steps.push({ from: ours, event, to })
      if (steps.length > stepLimit) throw new Error(`the chart ${chart.id} does not come to an end: ${to.state}`)
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
      if (!agree(ours.getSnapshot(), theirs.getSnapshot())) {
        expect(plain(ours.getSnapshot())).toStrictEqual(plain(theirs.getSnapshot()))
      }
    }
  }
}

/** Every way from state to state: `'from event to'`, sorted, each once. */
export function waysOf<C>(steps: readonly Step<C>[]): string[] {
  const moved = steps.filter(({ from, to }) => from !== to)
  return [...new Set(moved.map(({ from, event, to }) => `${from.state} ${event.type} ${to.state}`))].sort()
}
