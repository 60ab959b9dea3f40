/** @module The attempts of a task, and the tasks that belong to it. */
import { useMemo } from 'preact/hooks'
import type { TaskRow, TaskView } from '../../../protocol.ts'
import type { Step } from '../../fold-task.ts'
import type { ViewProps } from '../../view-props.ts'
import { attemptsOf } from './attempts.ts'
import { StateGlyph, TaskLink } from './badge.tsx'
import { cutText, secondsOf, spanOf } from './format.ts'

interface AttemptsProps {
  readonly steps: readonly Step[]
  readonly time: number
  choose(place: number): void
}

const attemptsShown = 20

export function Attempts({ steps, time, choose }: AttemptsProps) {
  const attempts = useMemo(() => attemptsOf(steps), [steps])
  const newest = attempts.slice(-attemptsShown)
  const offset = steps[0]?.place ?? 0
  if (attempts.length === 0) return null
  return (
    <section class="panel" aria-label="Attempts">
      <header class="panel-head">
        <h3>Attempts</h3>
        <span class="muted">
          {attempts.length > newest.length ? `the newest ${newest.length} of ${attempts.length}` : attempts.length}
        </span>
      </header>
      <div class="table-box">
        <table class="table attempts">
          <thead>
            <tr>
              <th scope="col" class="number">
                Run
              </th>
              <th scope="col">Outcome</th>
              <th scope="col" class="number">
                From
              </th>
              <th scope="col" class="number">
                Took
              </th>
              <th scope="col">Worker</th>
              <th scope="col">Why</th>
            </tr>
          </thead>
          <tbody>
            {newest.map(({ run, worker, since, until, outcome, detail, place }) => (
              <tr key={place}>
                <td class="number">{run}</td>
                <td>
                  <button type="button" class="task-link" onClick={() => choose(place - offset)} title="Show this step">
                    <StateGlyph state={outcome === 'lost' || outcome.startsWith('failed') ? 'failed' : outcome} />
                    {outcome.replaceAll('.', ' · ')}
                  </button>
                </td>
                <td class="number">{secondsOf(since)}</td>
                <td class="number">{spanOf((until ?? Math.max(since, time)) - since)}</td>
                <td>{cutText(worker, 40)}</td>
                <td class="why">{cutText(detail ?? '', 300)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

const relativesShown = 50

export function Relations({ view, go }: Pick<ViewProps<TaskView>, 'view' | 'go'>) {
  const { parent, children, needs, schedule } = view
  if (parent === undefined && children.length === 0 && needs.length === 0 && schedule === undefined) return null
  const groups: readonly (readonly [string, readonly TaskRow[]])[] = [
    ['Parent', parent === undefined ? [] : [parent]],
    ['Needs', needs],
    ['Children', children],
  ]
  return (
    <section class="panel relations" aria-label="Related">
      <header class="panel-head">
        <h3>Related</h3>
      </header>
      <dl>
        {groups
          .filter(([, rows]) => rows.length > 0)
          .map(([name, rows]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                {rows.slice(0, relativesShown).map((row) => (
                  <TaskLink key={row.id} row={row} go={go} />
                ))}
                {rows.length > relativesShown && <span class="muted">and {rows.length - relativesShown} more</span>}
              </dd>
            </div>
          ))}
        {schedule !== undefined && (
          <div>
            <dt>Schedule</dt>
            <dd>
              <button type="button" class="task-link" onClick={() => go({ view: 'schedules' })}>
                {cutText(schedule, 80)}
              </button>
            </dd>
          </div>
        )}
      </dl>
    </section>
  )
}
