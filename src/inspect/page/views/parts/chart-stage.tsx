/** @module The drawing of a chart in its window: moved by dragging, magnified by the wheel, the keys and the buttons. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { LaidOutChart, TaskHappening } from '../../../protocol.ts'
import { statusOfState } from './badge.tsx'
import { ChartDrawing, type Counted } from './chart-drawing.tsx'
import { begun, fitted, inSight, magnified, type Place, shown } from './chart-place.ts'
import { useMeasured } from './size.ts'

interface Props {
  readonly chart: LaidOutChart
  readonly counted: Counted
  readonly chosen: string | undefined
  readonly last: TaskHappening | undefined
  readonly pointed: string | undefined
  readonly choose: ((state: string) => void) | undefined
}

/** Where each chart was left. */
const left = new Map<string, Place>()

export function ChartStage({ chart, chosen, ...rest }: Props) {
  const box = useRef<HTMLDivElement>(null)
  const size = useSize(box)
  const [moved, move] = useState<Place | undefined>(left.get(chart.id))
  const room = size ?? [800, 500]
  const whole = fitted(chart, room)
  const place = moved ?? begun(chart, room)
  const go = (to: Place) => {
    const next = inSight(to, chart, room)
    left.set(chart.id, next)
    move(next)
  }
  const middle = [room[0] / 2, room[1] / 2] as const
  const node = chart.nodes.find(({ id }) => id === chosen)
  // what was chosen is brought into sight once; then it may be moved away
  useEffect(() => {
    if (node !== undefined && size !== undefined) go(shown(place, node, room))
  }, [node, size])
  const dragged = useDrag((dx, dy) => go({ ...place, x: place.x + dx, y: place.y + dy }))
  const pressed = (event: KeyboardEvent) => {
    const by = { '+': 1.25, '=': 1.25, '-': 0.8 }[event.key]
    if (by !== undefined) go(magnified(place, by, middle))
    else if (event.key === '0') go(whole)
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: what it does by the pointer, its buttons do too
    <div
      ref={box}
      class={`chart-stage ${place.scale < 0.5 ? 'far' : ''}`}
      onKeyDown={pressed}
      onWheel={(event) => {
        event.preventDefault()
        const { left: x, top: y } = event.currentTarget.getBoundingClientRect()
        const by = Math.exp(-Math.max(-60, Math.min(60, event.deltaY)) * 0.003)
        go(magnified(place, by, [event.clientX - x, event.clientY - y]))
      }}
      {...dragged}
    >
      {size !== undefined && (
        <ChartDrawing
          {...rest}
          chart={chart}
          chosen={chosen}
          width={room[0]}
          height={room[1]}
          place={place}
          onFocus={(focused) => go(shown(place, focused, room))}
        />
      )}
      {place.scale > whole.scale * 1.02 && (
        <Overview chart={chart} place={place} room={room} go={go} counts={rest.counted.counts} />
      )}
      <Zoom scale={place.scale} by={(by) => go(magnified(place, by, middle))} fit={() => go(whole)} />
    </div>
  )
}

interface ZoomProps {
  readonly scale: number
  readonly by: (factor: number) => void
  readonly fit: () => void
}

function Zoom({ scale, by, fit }: ZoomProps) {
  return (
    <div class="chart-zoom">
      <button type="button" class="button icon" aria-label="Smaller" title="Smaller (−)" onClick={() => by(0.8)}>
        <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
          <path d="M4 8h8" />
        </svg>
      </button>
      <button type="button" class="button" title="All of it (0)" onClick={fit}>
        {Math.round(scale * 100)} %
      </button>
      <button type="button" class="button icon" aria-label="Larger" title="Larger (+)" onClick={() => by(1.25)}>
        <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
          <path d="M4 8h8M8 4v8" />
        </svg>
      </button>
    </div>
  )
}

interface OverviewProps {
  readonly chart: LaidOutChart
  readonly place: Place
  readonly room: readonly [number, number]
  readonly counts: Readonly<Record<string, number>>
  readonly go: (place: Place) => void
}

const overviewMost = 132

/** The whole chart, small, with the part that is in the window. */
function Overview({ chart, place, room, counts, go }: OverviewProps) {
  const scale = Math.min(overviewMost / chart.width, overviewMost / chart.height)
  const jump = (event: PointerEvent) => {
    if (event.type === 'pointermove' && event.buttons !== 1) return
    event.stopPropagation()
    const { left: x, top: y } = (event.currentTarget as Element).getBoundingClientRect()
    const [cx, cy] = [(event.clientX - x) / scale, (event.clientY - y) / scale]
    go({ scale: place.scale, x: room[0] / 2 - cx * place.scale, y: room[1] / 2 - cy * place.scale })
  }
  return (
    <svg
      class="chart-overview"
      width={chart.width * scale}
      height={chart.height * scale}
      viewBox={`0 0 ${chart.width} ${chart.height}`}
      aria-hidden="true"
      onPointerDown={jump}
      onPointerMove={jump}
    >
      {chart.nodes.map(({ id, kind, x, y, width, height }) =>
        kind === 'start' ? null : (
          <rect
            key={id}
            class={`status-${statusOfState(id)} ${(counts[id] ?? 0) > 0 ? 'has' : ''}`}
            x={x}
            y={y}
            width={width}
            height={height}
            rx={14}
          />
        ),
      )}
      <rect
        class="window"
        x={-place.x / place.scale}
        y={-place.y / place.scale}
        width={room[0] / place.scale}
        height={room[1] / place.scale}
      />
    </svg>
  )
}

/** Undefined until it is measured. */
function useSize(box: { readonly current: HTMLElement | null }): readonly [number, number] | undefined {
  const [size, setSize] = useState<readonly [number, number]>()
  useMeasured(box, ({ clientWidth, clientHeight }) => setSize([clientWidth, clientHeight]))
  return size
}

/** Moves by dragging: one finger or the first button. */
function useDrag(move: (dx: number, dy: number) => void) {
  const from = useRef<readonly [number, number] | undefined>(undefined)
  return {
    onPointerDown: (event: PointerEvent) => {
      if (event.button !== 0 || (event.target as Element).closest('button, [tabindex]') !== null) return
      from.current = [event.clientX, event.clientY]
      ;(event.currentTarget as Element).setPointerCapture(event.pointerId)
    },
    onPointerMove: (event: PointerEvent) => {
      if (from.current === undefined) return
      move(event.clientX - from.current[0], event.clientY - from.current[1])
      from.current = [event.clientX, event.clientY]
    },
    onPointerUp: () => {
      from.current = undefined
    },
    onPointerCancel: () => {
      from.current = undefined
    },
  }
}
