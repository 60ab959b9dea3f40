/** @module The timeline: a bar for each attempt, grouped by worker, and how many ran at once. */
import { useMemo, useRef, useState } from 'preact/hooks'
import type { TimelineView } from '../../protocol.ts'
import type { ViewProps } from '../view-props.ts'
import { moved, type Span, zoomed } from '../zoom.ts'
import { type PlacedBar, placed, rowsOfBars } from './parts/bar-rows.ts'
import { Bars, Tip } from './parts/bars.tsx'
import { countOf, momentOf, spanOf } from './parts/format.ts'
import { useNow } from './parts/now.ts'
import { type BarOutcome, Legend, OutcomePatterns } from './parts/outcomes.tsx'
import { useSelect, useWheel } from './parts/plot-hands.ts'
import { Axis, axisHeight, Grid, Load } from './parts/plot-lines.tsx'
import { Segmented } from './parts/segmented.tsx'
import { useWidth } from './parts/size.ts'
import { useSpan } from './parts/use-span.ts'

type Props = ViewProps<TimelineView>

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
    <section class="timeline-pane panel">
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
