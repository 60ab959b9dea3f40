/** @module The chart: the real machine as it was laid out, with how many tasks are in each state and how fast they come. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { ChartView, Frame } from '../../protocol.ts'
import type { ViewProps } from '../view-props.ts'
import { useChart } from './parts/actor-chart.tsx'
import { ChartDrawing, type Counted } from './parts/chart-drawing.tsx'
import { stateWords } from './parts/format.ts'

type Props = ViewProps<ChartView>

const titles: Readonly<Record<string, string>> = {
  task: 'A task',
  runner: 'The runner',
  schedule: 'A schedule',
  scheduler: 'The scheduler',
  worker: 'A worker',
}

export function ChartPane(props: Props) {
  const { view, frame, hello } = props
  const [id, choose] = useState('task')
  const loaded = useChart(id)
  const counts = id === 'task' ? frame.tally.states : (view.others[id] ?? {})
  const pulses = usePulses(frame, id === 'task')
  const charts = hello.charts.length > 0 ? hello.charts : [{ id: 'task', title: 'task' }]
  return (
    <div class="chart-pane panel">
      <div class="panel-head">
        <div class="charts">
          {charts.map((chart) => (
            <button
              key={chart.id}
              type="button"
              class="button quiet small"
              aria-pressed={chart.id === id}
              onClick={() => choose(chart.id)}
            >
              {titles[chart.id] ?? chart.title}
            </button>
          ))}
        </div>
        <span class="spring" />
        {id === 'task' && <Sums frame={frame} />}
      </div>
      {loaded?.chart !== undefined ? (
        <Stage key={id} {...props} id={id} chart={loaded.chart} counts={counts} pulses={pulses} />
      ) : (
        <p class="empty">{loaded?.error ?? 'Laying out the chart…'}</p>
      )}
      <Counts id={id} counts={counts} rates={id === 'task' ? frame.tally.rates : {}} />
    </div>
  )
}

function Sums({ frame: { tally } }: { readonly frame: Frame }) {
  const slots = tally.slots === undefined ? '' : ` of ${tally.slots.toLocaleString('en')} slots`
  return (
    <span class="muted sums">
      {tally.tasks.toLocaleString('en')} tasks · {tally.running.toLocaleString('en')} running{slots} ·{' '}
      {tally.workers.toLocaleString('en')} {tally.workers === 1 ? 'worker' : 'workers'}
    </span>
  )
}

/** The ways that tasks went since the frame before. */
function usePulses({ epoch, tally, live }: Frame, wanted: boolean): ReadonlySet<string> {
  const last = useRef<{ epoch: string; edges: Readonly<Record<string, number>> } | undefined>(undefined)
  const [pulses, set] = useState<ReadonlySet<string>>(new Set())
  useEffect(() => {
    const before = last.current
    last.current = { epoch, edges: tally.edges }
    if (!wanted || !live || before === undefined || before.epoch !== epoch) return
    const more = Object.entries(tally.edges).filter(([key, count]) => count > (before.edges[key] ?? 0))
    set(new Set(more.map(([key]) => key)))
  }, [epoch, tally.edges, wanted, live])
  return pulses
}

interface StageProps extends Props {
  readonly id: string
  readonly chart: NonNullable<NonNullable<ReturnType<typeof useChart>>['chart']>
  readonly counts: Readonly<Record<string, number>>
  readonly pulses: ReadonlySet<string>
}

/** The drawing, moved and magnified. */
function Stage({ id, chart, counts, pulses, view, frame, go }: StageProps) {
  const box = useRef<HTMLDivElement>(null)
  const [size, setSize] = useState<readonly [number, number]>([800, 500])
  const [zoom, setZoom] = useState<{ x: number; y: number; scale: number }>()
  useLayoutEffect(() => {
    const element = box.current
    if (element === null) return undefined
    const observer = new ResizeObserver(() => setSize([element.clientWidth, element.clientHeight]))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  const fit = fitOf(chart, size)
  const place = zoom ?? fit
  const magnify = (by: number, [px, py]: readonly [number, number] = [size[0] / 2, size[1] / 2]) => {
    const scale = Math.max(0.2, Math.min(4, place.scale * by))
    const ratio = scale / place.scale
    setZoom({ scale, x: px - (px - place.x) * ratio, y: py - (py - place.y) * ratio })
  }
  const dragged = useDrag((dx, dy) => setZoom({ ...place, x: place.x + dx, y: place.y + dy }))
  const isTask = id === 'task'
  const counted: Counted = {
    counts,
    rates: isTask ? frame.tally.rates : {},
    edges: isTask ? frame.tally.edges : {},
    pulses,
  }
  return (
    <div
      ref={box}
      class="chart-stage"
      onWheel={(event) => {
        event.preventDefault()
        const { left, top } = event.currentTarget.getBoundingClientRect()
        magnify(event.deltaY < 0 ? 1.12 : 1 / 1.12, [event.clientX - left, event.clientY - top])
      }}
      {...dragged}
    >
      <ChartDrawing
        chart={chart}
        width={size[0]}
        height={size[1]}
        place={place}
        counted={counted}
        chosen={isTask ? view.chosen?.state : undefined}
        last={isTask ? view.last : undefined}
        choose={isTask ? (state) => go({ view: 'tasks', status: statusOf(state) }) : undefined}
      />
      <div class="chart-zoom">
        <button type="button" class="button small" aria-label="Smaller" onClick={() => magnify(1 / 1.25)}>
          −
        </button>
        <button type="button" class="button small" onClick={() => setZoom(undefined)} disabled={zoom === undefined}>
          Fit
        </button>
        <button type="button" class="button small" aria-label="Larger" onClick={() => magnify(1.25)}>
          +
        </button>
      </div>
      {isTask && frame.tally.tasks === 0 && (
        <p class="chart-hint panel">
          No tasks yet. Submit one, and it shows up in <b>pending</b>, goes to <b>running</b> when a slot is free, and
          ends in one of the three final states.
        </p>
      )}
    </div>
  )
}

const statusOf = (state: string) => state.split('.')[0] as 'pending' | 'running' | 'completed' | 'failed' | 'cancelled'

/** The whole chart in the middle. */
function fitOf(chart: { readonly width: number; readonly height: number }, [width, height]: readonly [number, number]) {
  const scale = Math.min(1.4, (width - 32) / chart.width, (height - 32) / chart.height)
  const safe = Math.max(0.2, scale)
  return { scale: safe, x: (width - chart.width * safe) / 2, y: (height - chart.height * safe) / 2 }
}

/** Moves by dragging. */
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
  }
}

/** The same for who does not see the drawing. */
function Counts({
  id,
  counts,
  rates,
}: {
  id: string
  counts: Readonly<Record<string, number>>
  rates: Readonly<Record<string, number>>
}) {
  return (
    <table class="sr-only">
      <caption>{titles[id] ?? id}: how many are in each state</caption>
      <tbody>
        {Object.entries(counts).map(([state, count]) => (
          <tr key={state}>
            <th scope="row">{stateWords(state)}</th>
            <td>{count}</td>
            <td>{rates[state] === undefined ? '' : `${rates[state]} a second`}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
