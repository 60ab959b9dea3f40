/** @module The way of a task through its states, small: every leaf of the chart, where it has been, and where it is. */
import type { Step } from '../../fold-task.ts'
import { statusOfState } from './badge.tsx'
import { isWithin } from './sums.ts'

interface Place {
  readonly state: string
  readonly label: string
  readonly x: number
  readonly y: number
}

const width = 104
const height = 22
const places: readonly Place[] = [
  { state: 'pending.blocked', label: 'blocked', x: 8, y: 26 },
  { state: 'pending.queued', label: 'queued', x: 8, y: 56 },
  { state: 'pending.delayed', label: 'delayed', x: 8, y: 86 },
  { state: 'running.waiting', label: 'waiting', x: 188, y: 26 },
  { state: 'running.executing', label: 'executing', x: 188, y: 56 },
  { state: 'running.stopping', label: 'stopping', x: 188, y: 86 },
  { state: 'completed', label: 'completed', x: 368, y: 26 },
  { state: 'failed', label: 'failed', x: 368, y: 56 },
  { state: 'cancelled', label: 'cancelled', x: 368, y: 86 },
]
const groups = [
  { label: 'pending', x: 0, status: 'pending' },
  { label: 'running', x: 180, status: 'running' },
  { label: 'ended', x: 360, status: 'ended' },
]

const placeOf = (state: string | undefined): Place | undefined =>
  places.find((place) => state !== undefined && isWithin(state, place.state))

interface Leg {
  readonly from: Place
  readonly to: Place
  readonly times: number
  readonly last: boolean
}

/** The moves between the drawn places, each once. */
function legsOf(steps: readonly Step[], upTo: number): readonly Leg[] {
  const legs = new Map<string, Leg>()
  let last: string | undefined
  for (const { happening } of steps.slice(0, upTo + 1)) {
    const from = placeOf(happening.from)
    const to = placeOf(happening.to)
    last = undefined
    if (from === undefined || to === undefined || from === to) continue
    last = `${from.state} ${to.state}`
    legs.set(last, { from, to, times: (legs.get(last)?.times ?? 0) + 1, last: false })
  }
  return [...legs].map(([key, leg]) => ({ ...leg, last: key === last }))
}

/** A curve from the edge of one box to that of another; ways back run below the ways there. */
function curve({ from, to }: Leg): string {
  const middle = height / 2
  if (from.x === to.x) {
    const down = to.y > from.y
    const x = from.x + width * (down ? 0.4 : 0.6)
    return `M${x} ${down ? from.y + height : from.y}V${down ? to.y - 1 : to.y + height + 1}`
  }
  const there = to.x > from.x
  const shift = there ? -4 : 5
  const x1 = there ? from.x + width : from.x
  const x2 = there ? to.x - 2 : to.x + width + 2
  const bend = (x2 - x1) / 2
  return `M${x1} ${from.y + middle + shift}C${x1 + bend} ${from.y + middle + shift} ${x2 - bend} ${to.y + middle + shift} ${x2} ${to.y + middle + shift}`
}

interface StripProps {
  readonly steps: readonly Step[]
  /** The place in `steps` that is shown. */
  readonly chosen: number
  readonly state: string
}

/** A drawing to look at; the list of steps says the same in words. */
export function PathStrip({ steps, chosen, state }: StripProps) {
  const here = placeOf(state)
  const legs = legsOf(steps, chosen)
  const been = new Set(legs.flatMap(({ from, to }) => [from.state, to.state]))
  return (
    <svg class="path-strip" viewBox="-4 0 488 120" role="img" aria-label={`The way through the states, now ${state}`}>
      <defs>
        <marker id="path-tip" viewBox="0 0 6 6" refX="5" refY="3" markerWidth="6" markerHeight="6" orient="auto">
          <path d="M0 0.5L5.5 3L0 5.5z" />
        </marker>
        <marker id="path-tip-last" viewBox="0 0 6 6" refX="5" refY="3" markerWidth="6" markerHeight="6" orient="auto">
          <path class="last" d="M0 0.5L5.5 3L0 5.5z" />
        </marker>
      </defs>
      {groups.map(({ label, x }) => (
        <g key={label}>
          <rect class="path-group" x={x} y="1" width={width + 16} height="115" rx="6" />
          <text class="path-group-label" x={x + 8} y="16">
            {label}
          </text>
        </g>
      ))}
      {legs.map((leg) => (
        <path
          key={`${leg.from.state} ${leg.to.state}`}
          class={leg.last ? 'path-leg last' : 'path-leg'}
          d={curve(leg)}
          marker-end={leg.last ? 'url(#path-tip-last)' : 'url(#path-tip)'}
        />
      ))}
      {places.map((place) => (
        <g
          key={place.state}
          class={`path-place status-${statusOfState(place.state)} ${place === here ? 'here' : been.has(place.state) ? 'been' : ''}`}
        >
          <rect x={place.x} y={place.y} width={width} height={height} rx="4" />
          <text x={place.x + 9} y={place.y + 15}>
            {place.label}
          </text>
        </g>
      ))}
    </svg>
  )
}
