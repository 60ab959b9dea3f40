/** @module The states of a chart as a table: what the drawing says, for who does not see it, and for who wants the numbers. */
import type { LaidOutChart, LaidOutNode } from '../../../protocol.ts'
import { StateGlyph, statusOfState } from './badge.tsx'
import { cutText } from './format.ts'
import { isWithin, type NamedState, rateOf, statesOf, statusOf, sumWithin } from './sums.ts'

interface Props {
  readonly title: string
  /** Undefined while it is laid out, or where it cannot be. */
  readonly chart: LaidOutChart | undefined
  readonly counts: Readonly<Record<string, number>>
  readonly rates: Readonly<Record<string, number>>
  readonly chosen: string | undefined
  readonly choose: ((state: string) => void) | undefined
  readonly point: (state: string | undefined) => void
}

export function StateRail({ title, chart, counts, rates, chosen, choose, point }: Props) {
  const states = chart === undefined ? statesOf(counts) : inOrder(chart.nodes)
  return (
    <table class="rail">
      <caption class="sr-only">{title}: how many are in each state</caption>
      <thead>
        <tr>
          <th scope="col">State</th>
          <th scope="col" class="number">
            Now
          </th>
          <th scope="col" class="number" title="Arrivals a second, over the last seconds">
            /s
          </th>
        </tr>
      </thead>
      <tbody>
        {states.map(({ id, label }) => {
          const count = sumWithin(counts, id)
          const rate = sumWithin(rates, id)
          const depth = id.split('.').length - 1
          const isChosen = chosen !== undefined && isWithin(chosen, id)
          const words = (
            <>
              {depth === 0 && statusOf(id) !== undefined && <StateGlyph state={id} />}
              <span class="rail-name">{cutText(label, 40)}</span>
            </>
          )
          return (
            <tr
              key={id}
              class={`depth-${Math.min(3, depth)} status-${statusOfState(id)} ${count > 0 ? 'has' : ''} ${isChosen ? 'chosen' : ''}`}
              onPointerEnter={() => point(id)}
              onPointerLeave={() => point(undefined)}
            >
              <th scope="row">
                {choose === undefined ? (
                  <span class="rail-state">{words}</span>
                ) : (
                  <button
                    type="button"
                    class="rail-state"
                    title="Show these tasks"
                    onClick={() => choose(id)}
                    onFocus={() => point(id)}
                    onBlur={() => point(undefined)}
                  >
                    {words}
                  </button>
                )}
              </th>
              <td class="number">{count.toLocaleString('en')}</td>
              <td class="number muted">{rate > 0 ? rateOf(rate) : ''}</td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}

/** Children after their parents, in the order in which they were declared. Nobody is seen in `new`. */
function inOrder(nodes: readonly LaidOutNode[], parent?: string): readonly NamedState[] {
  return nodes
    .filter((node) => node.parent === parent && node.kind !== 'start' && node.id !== 'new')
    .flatMap((node) => [node, ...inOrder(nodes, node.id)])
}
