/** @module The schedules: what comes when on one calendar strip, and what has come of it. */
import { useState } from 'preact/hooks'
import type { ScheduleRow, SchedulesView } from '../../protocol.ts'
import type { ViewProps } from '../view-props.ts'
import type { Span } from '../zoom.ts'
import { awayOf, countOf, cutText, momentOf } from './parts/format.ts'
import { useNow } from './parts/now.ts'
import { Firings, ScheduleFacts } from './parts/schedule-detail.tsx'
import { Segmented } from './parts/segmented.tsx'
import { useWidth } from './parts/size.ts'
import { Strip, StripAxis, type StripProps, shapeOf } from './parts/strip.tsx'
import { ActAnswer, useAct } from './parts/task-acts.tsx'

type Props = ViewProps<SchedulesView>
const hour = 3_600_000
const horizons = [
  { label: '5 m', ms: hour / 12 },
  { label: '1 h', ms: hour },
  { label: '6 h', ms: 6 * hour },
  { label: '1 d', ms: 24 * hour },
  { label: '7 d', ms: 168 * hour },
  { label: '30 d', ms: 720 * hour },
] as const

/** All schedules at the chosen moment. */
export function SchedulesPane(props: Props) {
  const { view, frame } = props
  if (view.schedules.length > 0) return <Calendar {...props} />
  return (
    <div class="schedules-pane">
      <div class="empty">
        <h2>{frame.live ? 'No schedules yet' : 'There was no schedule at this moment'}</h2>
        <p>A schedule submits a task on its own, once for each of its times, whichever worker is awake. Add one:</p>
        <pre>{`offstage schedule add nightly 'every day at 2:30am' --recipe research
offstage schedule add ping '*/15 * * * *' --recipe ping`}</pre>
        <p>
          or from code, with <code>runner.schedules.add(…)</code>. Here you will see when it fires next, and what came
          of each firing.
        </p>
      </div>
    </div>
  )
}

/** The narrowest horizon in which every active schedule comes up at least once, a day at most. */
function horizonOf(schedules: readonly ScheduleRow[], now: number): number {
  const active = schedules.filter(({ status, next }) => status === 'active' && next.length > 0)
  const furthest = active.reduce((most, { next }) => Math.max(most, (next[0] as number) - now), 0)
  return (horizons.find(({ ms }) => ms >= furthest) ?? horizons[3]).ms
}

function Calendar(props: Props) {
  const { view, frame } = props
  const now = useNow(frame, 1000)
  const [picked, pick] = useState<number>()
  const [open, setOpen] = useState<string>()
  const [box, width] = useWidth<HTMLDivElement>(560)
  const ahead = picked ?? horizonOf(view.schedules, frame.time)
  const span: Span = [now - ahead / 4, now + ahead]
  return (
    <section class="schedules-pane panel">
      <header class="panel-head">
        <h2>Schedules</h2>
        <span class="muted">
          {view.total > view.schedules.length
            ? `${view.schedules.length} of ${view.total.toLocaleString('en')}`
            : countOf(view.total, 'schedule')}
        </span>
        <span class="spring" />
        <Segmented label="How far ahead">
          {horizons.map(({ label, ms }) => (
            <button key={label} type="button" aria-pressed={ms === ahead} onClick={() => pick(ms)}>
              {label}
            </button>
          ))}
        </Segmented>
      </header>
      <div class="schedule-grid schedule-axis" aria-hidden="true">
        <span />
        <div ref={box} class="strip-box">
          <StripAxis span={span} width={width} now={now} />
        </div>
        <span class="axis-next">next</span>
        <span />
      </div>
      <ul class="schedule-list">
        {view.schedules.map((row) => (
          <Schedule
            key={row.uid}
            {...props}
            row={row}
            span={span}
            width={width}
            now={now}
            open={open === row.uid}
            toggle={() => setOpen(open === row.uid ? undefined : row.uid)}
          />
        ))}
      </ul>
      <p class="strip-hint muted">
        <svg width="12" height="12" class="strip" aria-hidden="true">
          <path class="mark status-completed" d={`M6 6${shapeOf('completed')}`} />
        </svg>
        made a task
        <svg width="12" height="12" class="strip" aria-hidden="true">
          <path class="mark status-failed" d={`M6 6${shapeOf('failed')}`} />
        </svg>
        that failed
        <svg width="12" height="12" class="strip" aria-hidden="true">
          <path class="mark skipped" d="M3 3l6 6m0 -6l-6 6" />
        </svg>
        left out
        <svg width="14" height="14" class="strip" aria-hidden="true">
          <path class="mark coming" d="M7 1.5l5.5 5.5l-5.5 5.5l-5.5 -5.5z" />
        </svg>
        to come
      </p>
    </section>
  )
}

interface RowProps extends Props, StripProps {
  readonly row: ScheduleRow
  readonly open: boolean
  toggle(): void
}

function Schedule({ row, span, width, now, open, toggle, go, act }: RowProps) {
  const [next] = row.next
  const panel = `schedule-${row.uid}`
  return (
    <li class={`schedule status-${row.status} ${open ? 'open' : ''}`}>
      <div class="schedule-grid">
        <button type="button" class="schedule-name" aria-expanded={open} aria-controls={panel} onClick={toggle}>
          <span class="schedule-title">
            <span class="turn" aria-hidden="true">
              ▸
            </span>
            {cutText(row.name, 80)}
            <span class={`badge schedule-status is-${row.status}`}>{row.status}</span>
          </span>
          <span class="schedule-when">{cutText(row.when, 160)}</span>
        </button>
        <div class="strip-box">
          <Strip row={row} span={span} width={width} now={now} />
        </div>
        <span class="schedule-next">
          {next === undefined || row.status !== 'active' ? (
            <span class="muted">–</span>
          ) : (
            <time title={momentOf(next)}>{next <= now ? 'due' : awayOf(next, now)}</time>
          )}
        </span>
        <span class="schedule-acts">{act !== undefined && <Acts row={row} act={act} go={go} />}</span>
      </div>
      {open && (
        <div id={panel} class="schedule-more">
          <ScheduleFacts row={row} now={now} />
          <Firings row={row} now={now} go={go} />
        </div>
      )}
    </li>
  )
}

interface ActsProps {
  readonly row: ScheduleRow
  readonly act: NonNullable<Props['act']>
  readonly go: Props['go']
}

function Acts({ row, act, go }: ActsProps) {
  const { busy, answer, send } = useAct(act)
  const schedule = row.uid
  return (
    <>
      {row.status === 'active' && (
        <button
          type="button"
          class="button small"
          disabled={busy}
          onClick={() => send({ do: 'pauseSchedule', schedule })}
        >
          Pause
        </button>
      )}
      {row.status === 'paused' && (
        <button
          type="button"
          class="button small"
          disabled={busy}
          onClick={() => send({ do: 'resumeSchedule', schedule })}
        >
          Resume
        </button>
      )}
      {(row.status === 'active' || row.status === 'paused') && (
        <button
          type="button"
          class="button small"
          disabled={busy}
          onClick={() => send({ do: 'runSchedule', schedule })}
        >
          Run now
        </button>
      )}
      {answer?.ok === true && answer.task !== undefined ? (
        <button type="button" class="task-link" onClick={() => go({ task: answer.task })}>
          Show its task
        </button>
      ) : (
        <ActAnswer answer={answer} />
      )}
    </>
  )
}
