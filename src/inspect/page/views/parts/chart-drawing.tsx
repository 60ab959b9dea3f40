/** @module A chart as it was laid out: nested boxes, edges with their events, and what is counted on them. */
import type { LaidOutChart, LaidOutNode, TaskHappening } from '../../../protocol.ts'
import { statusOfState } from './badge.tsx'
import { ChartEdge, Light } from './chart-edge.tsx'
import { cutText } from './format.ts'
import { isWithin, rateOf, sumWithin } from './sums.ts'

export interface Counted {
  readonly counts: Readonly<Record<string, number>>
  /** Arrivals in a second. */
  readonly rates: Readonly<Record<string, number>>
  /** `'from event to'` to how often. */
  readonly edges: Readonly<Record<string, number>>
  /** The ways that were gone just now. */
  readonly pulses: ReadonlySet<string>
}

interface Props {
  readonly chart: LaidOutChart
  readonly width: number
  readonly height: number
  readonly place: { readonly x: number; readonly y: number; readonly scale: number }
  readonly counted: Counted
  /** The state of the chosen one (of a parallel chart, its states), and its last step. */
  readonly chosen: string | readonly string[] | undefined
  readonly last: TaskHappening | undefined
  readonly choose: ((state: string) => void) | undefined
  /** A state that somebody points at elsewhere. */
  readonly pointed?: string | undefined
  /** Told when a state gets the focus: it may be out of sight. */
  readonly onFocus?: ((node: LaidOutNode) => void) | undefined
}

export function ChartDrawing(props: Props) {
  const { chart, width, height, place, counted, last } = props
  const ways = Object.entries(counted.edges).map(([key, count]) => {
    const [from = '', event = '', to = ''] = key.split(' ')
    return { key, from, event, to, count }
  })
  const edges = chart.edges.map((edge) => {
    const leads = (from: string, event: string, to: string): boolean =>
      isWithin(from, edge.from) &&
      isWithin(to, edge.to) &&
      (edge.labels.length === 0 || edge.labels.some((label) => label.event.split(/,\s*/).includes(event)))
    const own = ways.filter(({ from, event, to }) => leads(from, event, to))
    return {
      edge,
      count: own.reduce((sum, way) => sum + way.count, 0),
      isLast: last?.to !== undefined && leads(last.from, last.event.type, last.to),
      isPulsed: own.some(({ key }) => counted.pulses.has(key)),
    }
  })
  const placed = `translate(${place.x} ${place.y}) scale(${place.scale})`
  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements: a drawing is no fieldset */}
      <svg class="chart" width={width} height={height} role="group" aria-label={`The chart ${chart.title}`}>
        <g transform={placed}>
          {chart.nodes.map((node) => (
            <Node key={node.id} {...props} node={node} />
          ))}
          {edges.map((each) => (
            <ChartEdge key={each.edge.id} {...each} />
          ))}
        </g>
      </svg>
      {counted.pulses.size > 0 && (
        // a layer of its own: what runs there does not have the whole chart painted anew
        <svg class="chart lights" width={width} height={height} aria-hidden="true">
          <g transform={placed}>
            {edges.map(({ edge, count, isPulsed }) => isPulsed && <Light key={`${edge.id} ${count}`} edge={edge} />)}
          </g>
        </svg>
      )}
    </>
  )
}

function Node(props: Props & { readonly node: LaidOutNode }) {
  const { node, counted, chosen, pointed, choose, onFocus } = props
  const { id, kind, x, y, width, height } = node
  if (kind === 'start')
    return <circle class="chart-start" cx={x + width / 2} cy={y + height / 2} r={Math.min(5, width / 2)} />
  const count = sumWithin(counted.counts, id)
  const rate = sumWithin(counted.rates, id)
  const outer = kind === 'compound' || kind === 'parallel'
  const classes = ['chart-node', `kind-${kind}`, `status-${statusOfState(id)}`]
  if (count > 0) classes.push('has')
  if ([chosen ?? []].flat().some((state) => isWithin(state, id))) classes.push('chosen')
  if (pointed === id) classes.push('pointed')
  const acts =
    choose === undefined
      ? {}
      : {
          role: 'button' as const,
          tabIndex: 0,
          onClick: () => choose(id),
          onFocus: () => onFocus?.(node),
          onKeyDown: (event: KeyboardEvent) => {
            if (event.key === 'Enter') choose(id)
          },
        }
  return (
    <g class={classes.join(' ')} data-state={id} data-count={count} {...acts}>
      <rect class="box" x={x} y={y} width={width} height={height} rx={outer ? 12 : 8} />
      {kind === 'final' && <rect class="inner" x={x + 3} y={y + 3} width={width - 6} height={height - 6} rx={5} />}
      {outer ? (
        <OuterText node={node} count={count} />
      ) : (
        <InnerText
          node={node}
          count={count}
          rate={rate}
          isCounted={id !== 'new' && Object.keys(counted.counts).length > 0}
        />
      )}
    </g>
  )
}

function OuterText({ node: { label, x, y, width }, count }: { readonly node: LaidOutNode; readonly count: number }) {
  return (
    <>
      <text class="name" x={x + 14} y={y + 22}>
        {cutText(label, 40)}
      </text>{' '}
      {count > 0 && (
        <text class="sum" x={x + width - 14} y={y + 22} text-anchor="end">
          {count.toLocaleString('en')}
        </text>
      )}
    </>
  )
}

interface InnerProps {
  readonly node: LaidOutNode
  readonly count: number
  readonly rate: number
  readonly isCounted: boolean
}

function InnerText({ node: { label, x, y, width, height }, count, rate, isCounted }: InnerProps) {
  const [middle, centre] = [x + width / 2, y + height / 2]
  return (
    <>
      <text class="name" x={middle} y={centre + (isCounted ? -3 : 4.5)} text-anchor="middle">
        {cutText(label, 40)}
      </text>{' '}
      {isCounted && (
        <text class="sum" x={middle} y={centre + 14} text-anchor="middle">
          {count.toLocaleString('en')}
          {rate > 0 && <tspan class="rate"> +{rateOf(rate)}/s</tspan>}
        </text>
      )}
    </>
  )
}
