/** @module The timeline: a bar for each attempt, grouped by worker, and how many ran at once. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { TimelineView } from '../../protocol.ts'
import type { ViewProps } from '../view-props.ts'
import { between, moved, type Span, ticksOf, zoomed } from '../zoom.ts'
import { type PlacedBar, placed, rowsOfBars, stepPath } from './parts/bar-rows.ts'
import { Bars, Tip } from './parts/bars.tsx'
import { countOf, momentOf, spanOf } from './parts/format.ts'
import { useNow } from './parts/now.ts'
import { type BarOutcome, Legend, OutcomePatterns } from './parts/outcomes.tsx'
import { Segmented } from './parts/segmented.tsx'
import { useWidth } from './parts/size.ts'
import { useSpan } from './parts/use-span.ts'

type Props = ViewProps<TimelineView>
const axisHeight = 26
const loadHeight = 72

/** All attempts in a window of time. */
export function TimelinePane(props: Props) {
  const { view, frame } = props
  if (view.extent === undefined && view.bars.length === 0) {
    return (
      <div class="timeline-pane">
        <div class="empty">
          <h2>Nothing has run yet</h2>
          <p>
            Each attempt of a task becomes a bar here as soon as a worker starts it. Submit one, from code or with{' '}
            <code>offstage submit NAME</code>
            {frame.live ? '.' : ', or move the slider to a later moment.'}
          </p>
        </div>
      </div>
    )
  }
  return <Plot {...props} />
}

function Plot(props: Props) {
  const { view, frame, query, go } = props
  const [box, width] = useWidth<HTMLDivElement>(900)
  const now = useNow(frame, 250)
  const { span, zoomed: own, look, follow } = useSpan(props, now)
  const rowsBox = useRef<HTMLDivElement>(null)
  const [tip, setTip] = useState<PlacedBar>()
  const rows = useMemo(() => rowsOfBars(view.bars), [view.bars])
  const bars = placed(view.bars, rows, span, width, now)
  const used = new Set<BarOutcome>(view.bars.map(({ outcome }) => outcome))
  const select = useSelect(span, width, look)
  useWheel(box, span, look)
  const centre = (span[0] + span[1]) / 2
  const keys = (event: KeyboardEvent) => {
    const to = keyed(event, span)
    if (to === undefined) return
    event.preventDefault()
    if (to === 'follow') follow()
    else look(to)
  }
  return (
    <section class="timeline-pane panel" aria-label="Timeline">
      <header class="panel-head">
        <h2>Attempts</h2>
        <span class="muted">
          {countOf(view.bars.length, 'attempt')} in {spanOf(span[1] - span[0])}
          {view.cut > 0 && ` · ${view.cut.toLocaleString('en')} more are not drawn: zoom in`}
        </span>
        <span class="spring" />
        <Segmented label="Zoom">
          <button
            type="button"
            aria-label="Zoom out"
            title="Zoom out  −"
            onClick={() => look(zoomed(span, 1.6, centre))}
          >
            −
          </button>
          <button
            type="button"
            aria-label="Zoom in"
            title="Zoom in  +"
            onClick={() => look(zoomed(span, 1 / 1.6, centre))}
          >
            +
          </button>
          <button
            type="button"
            title="Everything that is known"
            disabled={view.extent === undefined}
            onClick={() => view.extent !== undefined && look(padded(view.extent))}
          >
            All
          </button>
          <button type="button" aria-pressed={!own} title="Go on with time  0" onClick={follow}>
            {frame.live ? 'Live' : 'Moment'}
          </button>
        </Segmented>
      </header>
      <Legend used={used} />
      <div
        ref={box}
        class={`plot ${own ? 'zoomed' : ''}`}
        role="application"
        aria-label={`From ${momentOf(span[0])} to ${momentOf(span[1])}. Plus and minus zoom, the arrows move.`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the keys that zoom must reach it
        tabIndex={0}
        onKeyDown={keys}
        onPointerDown={select.down}
        onPointerMove={select.move}
        onPointerUp={select.up}
        onPointerCancel={select.drop}
        onPointerLeave={() => setTip(undefined)}
      >
        <Axis span={span} width={width} />
        <div ref={rowsBox} class="plot-rows" onScroll={() => setTip(undefined)}>
          <svg class="plot-svg" width={width} height={rows.height + 8} aria-label="Attempts">
            <OutcomePatterns />
            <Grid span={span} width={width} height={rows.height + 8} now={frame.live ? now : frame.time} />
            {rows.groups.map(({ worker, top }) => (
              <text key={worker} class="worker-name" x="8" y={top + 16}>
                {worker}
              </text>
            ))}
            <Bars bars={bars} chosen={query.task} choose={(task) => go({ task })} point={setTip} />
          </svg>
          {bars.length === 0 && (
            <p class="plot-empty muted">
              Nothing ran in these {spanOf(span[1] - span[0])}. <kbd>−</kbd> shows a longer time, All everything.
            </p>
          )}
        </div>
        <Load {...props} span={span} width={width} now={now} />
        {tip !== undefined && bars.length > 0 && (
          <Tip at={tip} top={axisHeight - (rowsBox.current?.scrollTop ?? 0)} width={width} now={now} />
        )}
        {select.range !== undefined && (
          <div
            class="plot-range"
            style={{ left: `${select.range[0]}px`, width: `${select.range[1] - select.range[0]}px` }}
          />
        )}
      </div>
      <p class="plot-hint muted">
        <kbd>+</kbd> <kbd>−</kbd> or the wheel zoom · <kbd>←</kbd> <kbd>→</kbd> move · drag over a span to look closer ·{' '}
        <kbd>0</kbd> {frame.live ? 'follows live' : 'returns'}
      </p>
    </section>
  )
}

const padded = ([since, until]: Span): Span => {
  const room = Math.max(50, (until - since) * 0.02)
  return [since - room, until + room]
}

function keyed(event: KeyboardEvent, span: Span): Span | 'follow' | undefined {
  if (event.ctrlKey || event.metaKey || event.altKey) return undefined
  const centre = (span[0] + span[1]) / 2
  const onBar = event.target !== event.currentTarget && !event.shiftKey
  switch (event.key) {
    case '+':
    case '=':
      return zoomed(span, 1 / 1.6, centre)
    case '-':
      return zoomed(span, 1.6, centre)
    case '0':
      return 'follow'
    case 'ArrowLeft':
      return onBar ? undefined : moved(span, -0.2)
    case 'ArrowRight':
      return onBar ? undefined : moved(span, 0.2)
    default:
      return undefined
  }
}

/** A drag over the plot looks closer at what was dragged over; with a finger it moves. */
function useSelect(span: Span, width: number, look: (span: Span) => void) {
  const began = useRef<{ readonly x: number; readonly span: Span; readonly touch: boolean } | undefined>(undefined)
  const [range, setRange] = useState<readonly [number, number]>()
  const placeIn = (event: PointerEvent): number => {
    const { left } = (event.currentTarget as HTMLElement).getBoundingClientRect()
    return Math.max(0, Math.min(width, event.clientX - left))
  }
  const atOf = (x: number): number => span[0] + ((span[1] - span[0]) * x) / width
  return {
    range,
    down: (event: PointerEvent) => {
      if (event.button === 0) began.current = { x: placeIn(event), span, touch: event.pointerType === 'touch' }
    },
    move: (event: PointerEvent) => {
      const start = began.current
      if (start === undefined) return
      const x = placeIn(event)
      if (Math.abs(x - start.x) < 4 && range === undefined) return
      if (!(event.currentTarget as HTMLElement).hasPointerCapture(event.pointerId))
        (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId)
      if (start.touch) look(moved(start.span, (start.x - x) / width))
      else setRange([Math.min(start.x, x), Math.max(start.x, x)])
    },
    up: () => {
      began.current = undefined
      setRange(undefined)
      if (range !== undefined && range[1] - range[0] > 4) look(between(atOf(range[0]), atOf(range[1])))
    },
    drop: () => {
      began.current = undefined
      setRange(undefined)
    },
  }
}

/** The wheel zooms where the pointer is; sideways it moves. Preact would listen passively. */
function useWheel(box: { readonly current: HTMLElement | null }, span: Span, look: (span: Span) => void) {
  const latest = useRef({ span, look })
  latest.current = { span, look }
  useEffect(() => {
    const element = box.current
    if (element === null) return undefined
    const wheel = (event: WheelEvent) => {
      event.preventDefault()
      const { span: now, look: to } = latest.current
      const { left, width } = element.getBoundingClientRect()
      const sideways = event.shiftKey ? event.deltaY : event.deltaX
      if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) return to(moved(now, sideways / width))
      const around = now[0] + ((now[1] - now[0]) * (event.clientX - left)) / width
      return to(zoomed(now, Math.exp(Math.max(-100, Math.min(100, event.deltaY)) * 0.003), around))
    }
    element.addEventListener('wheel', wheel, { passive: false })
    return () => element.removeEventListener('wheel', wheel)
  }, [box])
}

const ticksIn = (span: Span, width: number) => ticksOf(span, Math.max(2, Math.floor(width / 96)))
const xOf = (span: Span, width: number, at: number): number => ((at - span[0]) / (span[1] - span[0])) * width

function Axis({ span, width }: { readonly span: Span; readonly width: number }) {
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

function Grid({ span, width, height, now }: GridProps) {
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
function Load({ view, frame, span, width, now }: LoadProps) {
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
