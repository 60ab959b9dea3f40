/** @module The chart: the real machine as it was laid out, with how many tasks are in each state and how fast they come. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { ChartView, Frame } from '../../protocol.ts'
import type { ViewProps } from '../view-props.ts'
import { useChart } from './parts/actor-chart.tsx'
import { ChartStage } from './parts/chart-stage.tsx'
import { cutText } from './parts/format.ts'
import { Segmented } from './parts/segmented.tsx'
import { StateRail } from './parts/state-rail.tsx'
import { statusOf } from './parts/sums.ts'

type Props = ViewProps<ChartView>

const none: Readonly<Record<string, number>> = {}

export function ChartPane({ view, frame, hello, go }: Props) {
  const [id, choose] = useState('task')
  const [pointed, point] = useState<string>()
  const loaded = useChart(id)
  const pulses = usePulses(frame, id === 'task')
  const isTask = id === 'task'
  const { tally } = frame
  const counts = isTask ? tally.states : (view.others[id] ?? none)
  const rates = isTask ? tally.rates : none
  const charts = hello.charts.length > 0 ? hello.charts : [{ id: 'task', title: 'Task' }]
  const filter = isTask ? (state: string) => go({ view: 'tasks', status: statusOf(state) }) : undefined
  const chosen = isTask ? view.chosen?.state : undefined
  return (
    <div class="chart-pane">
      <div class="chart-box panel">
        <div class="panel-head">
          <Segmented label="Chart">
            {charts.map((chart) => (
              <button key={chart.id} type="button" aria-pressed={chart.id === id} onClick={() => choose(chart.id)}>
                {chart.title}
              </button>
            ))}
          </Segmented>
        </div>
        {loaded?.chart !== undefined ? (
          <ChartStage
            key={id}
            chart={loaded.chart}
            counted={{ counts, rates, edges: isTask ? tally.edges : none, pulses }}
            chosen={chosen}
            last={isTask ? view.last : undefined}
            pointed={pointed}
            choose={filter}
          />
        ) : (
          <p class="empty coming">
            {loaded?.error === undefined
              ? 'Laying out the chart…'
              : `The chart cannot be drawn: ${cutText(loaded.error, 200)}. Its states are in the table.`}
          </p>
        )}
        {isTask && tally.tasks === 0 && loaded?.chart !== undefined && <Hint />}
      </div>
      <aside class="rail-box panel" aria-label="States">
        <StateRail
          title={charts.find((chart) => chart.id === id)?.title ?? id}
          chart={loaded?.chart}
          counts={counts}
          rates={rates}
          chosen={chosen}
          choose={filter}
          point={point}
        />
        {isTask && <Sums frame={frame} />}
      </aside>
    </div>
  )
}

/** What runs at once; who waits for an input or a child holds no slot. */
function Sums({ frame: { tally } }: { readonly frame: Frame }) {
  const used = tally.running - (tally.states['running.waiting'] ?? 0)
  const { slots } = tally
  return (
    <dl class="sums">
      <div>
        <dt>Tasks</dt>
        <dd>{tally.tasks.toLocaleString('en')}</dd>
      </div>
      <div>
        <dt>{slots === undefined ? 'Work under way' : 'Slots in use'}</dt>
        <dd>
          {used.toLocaleString('en')}
          {slots !== undefined && ` of ${slots.toLocaleString('en')}`}
        </dd>
        {slots !== undefined && slots > 0 && (
          <dd class="meter" aria-hidden="true">
            <span class="bar-progress status-running">
              <span style={{ width: `${Math.min(100, (used / slots) * 100)}%` }} />
            </span>
          </dd>
        )}
      </div>
      <div>
        <dt>Workers at work</dt>
        <dd>{tally.workers.toLocaleString('en')}</dd>
      </div>
    </dl>
  )
}

function Hint() {
  return (
    <div class="chart-hint panel">
      <strong>No tasks yet</strong>
      <p>
        Submit one: it waits in <b>pending</b>, goes to <b>running</b> when a slot is free, and ends in one of the three
        final states. Numbers appear in the states, and a light runs along each way that is gone.
      </p>
      <pre class="pre">{`npx offstage submit hello -i '{"who":"Ada"}'`}</pre>
    </div>
  )
}

const quiet: ReadonlySet<string> = new Set()

/** The ways that tasks went since the frame before. */
function usePulses({ epoch, tally, live }: Frame, wanted: boolean): ReadonlySet<string> {
  const last = useRef<{ epoch: string; edges: Readonly<Record<string, number>> } | undefined>(undefined)
  const [pulses, set] = useState(quiet)
  useEffect(() => {
    const before = last.current
    last.current = live ? { epoch, edges: tally.edges } : undefined
    if (!wanted || !live || before === undefined || before.epoch !== epoch) return set(quiet)
    const more = Object.entries(tally.edges).filter(([key, count]) => count > (before.edges[key] ?? 0))
    set(new Set(more.map(([key]) => key)))
  }, [epoch, tally.edges, wanted, live])
  return pulses
}
