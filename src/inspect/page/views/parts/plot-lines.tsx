/** @module What the timeline draws around its bars: the axis, the grid, and how many ran at once. */
import type { TimelineView } from '../../../protocol.ts'
import type { ViewProps } from '../../view-props.ts'
import { type Span, ticksOf, xOf } from '../../zoom.ts'
import { stepPath } from './bar-rows.ts'
import { countOf } from './format.ts'

type Props = ViewProps<TimelineView>
export const axisHeight = 26
const loadHeight = 72

const ticksIn = (span: Span, width: number) => ticksOf(span, Math.max(2, Math.floor(width / 96)))

export function Axis({ span, width }: { readonly span: Span; readonly width: number }) {
  return (
    <svg class="plot-axis" width={width} height={axisHeight} aria-hidden="true">
      {ticksIn(span, width)
        .filter(({ at, label }) => xOf(span, width, at) + label.length * 7 < width)
        .map(({ at, label, strong }) => (
          <text key={at} class={strong ? 'tick strong' : 'tick'} x={xOf(span, width, at) + 4} y="17">
            {label}
          </text>
        ))}
    </svg>
  )
}

interface GridProps {
  readonly span: Span
  readonly width: number
  readonly height: number
  readonly now: number
}

export function Grid({ span, width, height, now }: GridProps) {
  const x = xOf(span, width, now)
  return (
    <g>
      {ticksIn(span, width).map(({ at }) => (
        <line key={at} class="grid-line" x1={xOf(span, width, at)} x2={xOf(span, width, at)} y1="0" y2={height} />
      ))}
      {x >= 0 && x <= width && <line class="now-line" x1={x} x2={x} y1="0" y2={height} />}
    </g>
  )
}

interface LoadProps extends Props {
  readonly span: Span
  readonly width: number
  readonly now: number
}

/** How many ran at once, and how many may. */
export function Load({ view, frame, span, width, now }: LoadProps) {
  const { slots } = frame.tally
  const most = view.running.reduce((top, [, count]) => Math.max(top, count), 1)
  const top = Math.max(most, slots ?? 0)
  const yOf = (count: number): number => loadHeight - 4 - (count / top) * (loadHeight - 26)
  const end = Math.max(0, Math.min(width, xOf(span, width, frame.live ? now : frame.time)))
  const line = stepPath(view.running, span, width, yOf)
  const words = `${countOf(most, 'attempt')} at once at most${slots === undefined ? '' : `, ${slots} may run here`}`
  return (
    <svg class="plot-load" width={width} height={loadHeight} role="img" aria-label={`Running at once: ${words}`}>
      <Grid span={span} width={width} height={loadHeight} now={frame.live ? now : frame.time} />
      <text class="worker-name" x="8" y="14">
        running at once
      </text>
      <clipPath id="load-known">
        <rect x="0" y="0" width={end} height={loadHeight} />
      </clipPath>
      <g clip-path="url(#load-known)">
        {line !== '' && <path class="load-area" d={`${line}V${yOf(0)}H0Z`} />}
        {line !== '' && <path class="load-line" d={line} />}
      </g>
      <line class="load-base" x1="0" x2={width} y1={yOf(0)} y2={yOf(0)} />
      {slots !== undefined && (
        <g>
          <line class="limit-line" x1="0" x2={width} y1={yOf(slots)} y2={yOf(slots)} />
          <text class="limit-label" x={width - 6} y={yOf(slots) - 4} text-anchor="end">
            limit {slots}
          </text>
        </g>
      )}
      <text class="limit-label" x={width - 6} y={yOf(0) - 4} text-anchor="end">
        peak {most}
      </text>
    </svg>
  )
}
