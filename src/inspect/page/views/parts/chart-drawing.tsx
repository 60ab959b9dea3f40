/** @module A chart as it was laid out: nested boxes, edges with their events, and what is counted on them. */
import type { LaidOutChart, LaidOutEdge, LaidOutNode, TaskHappening } from '../../../protocol.ts'
import { statusOfState } from './badge.tsx'
import { cutText } from './format.ts'

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
}

/** Whether a state is another one, or inside of it. */
const isWithin = (state: string, outer: string): boolean => state === outer || state.startsWith(`${outer}.`)

export function ChartDrawing({ chart, width, height, place, counted, chosen, last, choose }: Props) {
  const ways = Object.entries(counted.edges).map(([key, count]) => {
    const [from = '', event = '', to = ''] = key.split(' ')
    return { key, from, event, to, count }
  })
  return (
    <svg class="chart" width={width} height={height} role="img" aria-label={`The chart ${chart.title}`}>
      <defs>
        <marker
          id="tip"
          viewBox="0 0 8 8"
          refX="7.2"
          refY="4"
          markerWidth="8"
          markerHeight="8"
          orient="auto-start-reverse"
        >
          <path d="M0.6 0.8L7.4 4L0.6 7.2z" />
        </marker>
      </defs>
      <g transform={`translate(${place.x} ${place.y}) scale(${place.scale})`}>
        {chart.nodes.map((node) => (
          <Node key={node.id} node={node} counted={counted} chosen={chosen} choose={choose} />
        ))}
        {chart.edges.map((edge) => {
          const own = ways.filter(
            ({ from, event, to }) => isWithin(from, edge.from) && isWithin(to, edge.to) && tells(edge, event),
          )
          const isLast =
            last?.to !== undefined &&
            isWithin(last.from, edge.from) &&
            isWithin(last.to, edge.to) &&
            tells(edge, last.event.type)
          const pulsed = own.some(({ key }) => counted.pulses.has(key))
          return (
            <Edge
              key={edge.id}
              edge={edge}
              count={own.reduce((sum, way) => sum + way.count, 0)}
              isLast={isLast}
              pulsed={pulsed}
            />
          )
        })}
      </g>
    </svg>
  )
}

/** A label may name several events. */
const tells = (edge: LaidOutEdge, event: string): boolean =>
  edge.labels.length === 0 || edge.labels.some((label) => label.event.split(/,\s*/).includes(event))

interface NodeProps {
  readonly node: LaidOutNode
  readonly counted: Counted
  readonly chosen: Props['chosen']
  readonly choose: Props['choose']
}

function Node({ node, counted, chosen, choose }: NodeProps) {
  const { id, label, kind, x, y, width, height } = node
  if (kind === 'start')
    return <circle class="chart-start" cx={x + width / 2} cy={y + height / 2} r={Math.min(5, width / 2)} />
  const sum = (of: Readonly<Record<string, number>>): number =>
    Object.entries(of).reduce((all, [state, count]) => (isWithin(state, id) ? all + count : all), 0)
  const count = sum(counted.counts)
  const rate = sum(counted.rates)
  const outer = kind === 'compound' || kind === 'parallel'
  const isChosen = [chosen ?? []].flat().some((state) => isWithin(state, id))
  const classes = [
    'chart-node',
    `kind-${kind}`,
    `status-${statusOfState(id)}`,
    count > 0 ? 'has' : '',
    isChosen ? 'chosen' : '',
  ]
  const words = `${label}: ${count.toLocaleString('en')}${rate > 0 ? `, ${rateOf(rate)} a second` : ''}`
  const acts =
    choose === undefined
      ? {}
      : {
          role: 'button' as const,
          tabIndex: 0,
          onClick: () => choose(id),
          onKeyDown: (event: KeyboardEvent) => {
            if (event.key === 'Enter') choose(id)
          },
        }
  return (
    <g class={classes.join(' ')} data-state={id} data-count={count} aria-label={words} {...acts}>
      <rect class="box" x={x} y={y} width={width} height={height} rx={outer ? 10 : 7} />
      {kind === 'final' && <rect class="inner" x={x + 3} y={y + 3} width={width - 6} height={height - 6} rx={5} />}
      <text
        class="name"
        x={outer ? x + 12 : x + width / 2}
        y={outer ? y + 19 : y + height / 2 + (count > 0 ? -3 : 4)}
        text-anchor={outer ? 'start' : 'middle'}
      >
        {cutText(label, 40)}
      </text>
      {count > 0 &&
        (outer ? (
          <text class="sum" x={x + width - 12} y={y + 19} text-anchor="end">
            {count.toLocaleString('en')}
          </text>
        ) : (
          <text class="sum" x={x + width / 2} y={y + height / 2 + 13} text-anchor="middle">
            {count.toLocaleString('en')}
            {rate > 0 && <tspan class="rate"> +{rateOf(rate)}/s</tspan>}
          </text>
        ))}
    </g>
  )
}

const rateOf = (rate: number): string => (rate >= 10 ? Math.round(rate).toLocaleString('en') : rate.toFixed(1))

interface EdgeProps {
  readonly edge: LaidOutEdge
  readonly count: number
  readonly isLast: boolean
  readonly pulsed: boolean
}

function Edge({ edge, count, isLast, pulsed }: EdgeProps) {
  const { points, label, labels, id } = edge
  return (
    <g
      class={`chart-edge ${count > 0 ? 'gone' : ''} ${isLast ? 'last' : ''} ${pulsed ? 'pulsed' : ''}`}
      data-edge={id}
      data-count={count}
    >
      <path d={pathOf(points)} marker-end="url(#tip)" />
      {label !== undefined && (
        <>
          <rect class="label-box" x={label.x} y={label.y} width={label.width} height={label.height} rx={3} />
          {labels.map(({ event, guard }, i) => (
            <text
              key={`${event} ${guard}`}
              x={label.x + label.width / 2}
              y={label.y + (label.height / labels.length) * (i + 0.5) + 4}
              text-anchor="middle"
            >
              {cutText(event, 60)}
              {guard !== undefined && <tspan class="guard"> [{cutText(guard, 60)}]</tspan>}
            </text>
          ))}
        </>
      )}
      <title>{`${labels.map(({ event }) => event).join(', ')}: ${count.toLocaleString('en')} times`}</title>
    </g>
  )
}

/** Straight lines with round corners. */
function pathOf(points: LaidOutEdge['points']): string {
  const radius = 6
  const [first, ...rest] = points
  if (first === undefined) return ''
  let path = `M${first[0]} ${first[1]}`
  rest.forEach((point, i) => {
    const next = rest[i + 1]
    const before = points[i] ?? first
    if (next === undefined) {
      path += `L${point[0]} ${point[1]}`
      return
    }
    const [ax, ay] = towards(point, before, radius)
    const [bx, by] = towards(point, next, radius)
    path += `L${ax} ${ay}Q${point[0]} ${point[1]} ${bx} ${by}`
  })
  return path
}

function towards(
  [x, y]: readonly [number, number],
  [tx, ty]: readonly [number, number],
  by: number,
): readonly [number, number] {
  const length = Math.hypot(tx - x, ty - y)
  if (length === 0) return [x, y]
  const part = Math.min(by, length / 2) / length
  return [x + (tx - x) * part, y + (ty - y) * part]
}
