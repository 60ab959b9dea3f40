/** @module An edge of a chart: a line with round corners, a head, its events; and the light that runs along when it is gone. */
import type { LaidOutEdge } from '../../../protocol.ts'
import { cutText } from './format.ts'
import { headOf, pathOf } from './lines.ts'

interface EdgeProps {
  readonly edge: LaidOutEdge
  readonly count: number
  readonly isLast: boolean
  readonly isPulsed: boolean
}

export function ChartEdge({ edge, count, isLast, isPulsed }: EdgeProps) {
  const { points, label, labels, id } = edge
  const path = pathOf(points)
  const classes = ['chart-edge']
  if (count > 0) classes.push('gone')
  if (isLast) classes.push('last')
  if (isPulsed) classes.push('pulsed')
  return (
    <g class={classes.join(' ')} data-edge={id} data-count={count}>
      <path class="hit" d={path} />
      <path class="way" d={path} />
      <path class="head" d={headOf(points)} />
      {label !== undefined &&
        labels.map(({ event, guard }, i) => (
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
      <title>{`${labels.map(({ event }) => event).join(', ')}: ${count.toLocaleString('en')} times`}</title>
    </g>
  )
}

/** Runs along the edge once. */
export function Light({ edge }: Pick<EdgeProps, 'edge'>) {
  return <path class="light" data-light={edge.id} d={pathOf(edge.points)} pathLength={100} />
}
