/** @module What is known of one schedule: its rules, and its last firings. */
import type { ComponentChildren } from 'preact'
import type { ScheduleRow, SchedulesView } from '../../../protocol.ts'
import type { ViewProps } from '../../view-props.ts'
import { StateGlyph } from './badge.tsx'
import { awayOf, cutText, momentOf } from './format.ts'

const nextShown = 6
const firingsShown = 20

const misfires: Readonly<Record<string, string>> = {
  once: 'makes up for it once',
  skip: 'lets it go',
  all: 'makes up for each',
}
const overlaps: Readonly<Record<string, string>> = {
  skip: 'leaves the firing out',
  queue: 'queues the task',
  'cancel-previous': 'cancels the one before',
}

interface FactsProps {
  readonly row: ScheduleRow
  readonly now: number
}

export function ScheduleFacts({ row, now }: FactsProps) {
  return (
    <dl class="schedule-facts">
      <Fact name="Makes">{cutText(row.makes, 200)}</Fact>
      <Fact name="Ran">
        {row.runs.toLocaleString('en')}
        {row.maxRuns === undefined ? ' times' : ` of ${row.maxRuns.toLocaleString('en')} times`}
      </Fact>
      {row.until !== undefined && <Fact name="Until">{momentOf(row.until, now)}</Fact>}
      <Fact name="A missed time">{misfires[row.misfire] ?? row.misfire}</Fact>
      <Fact name="One that still runs">{overlaps[row.overlap] ?? row.overlap}</Fact>
      {row.owner !== undefined && <Fact name="Owner">{cutText(row.owner, 80)}</Fact>}
      <Fact name="Next">
        {row.next.length === 0
          ? 'never'
          : row.next.slice(0, nextShown).map((at) => (
              <span key={at} class="next-at">
                {momentOf(at, now)}
              </span>
            ))}
      </Fact>
    </dl>
  )
}

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

interface FiringsProps extends FactsProps {
  readonly go: ViewProps<SchedulesView>['go']
}

export function Firings({ row, now, go }: FiringsProps) {
  if (row.history.length === 0) return <p class="muted">It has not fired yet.</p>
  return (
    <table class="table firings">
      <thead>
        <tr>
          <th scope="col" class="number">
            Fired
          </th>
          <th scope="col" class="number">
            For
          </th>
          <th scope="col">Made</th>
        </tr>
      </thead>
      <tbody>
        {row.history.slice(0, firingsShown).map(({ at, slot, task, reason, status }) => (
          <tr key={`${at} ${slot} ${task}`}>
            <td class="number" title={momentOf(at)}>
              {awayOf(at, now)}
            </td>
            <td class="number">{slot === undefined ? 'by hand' : momentOf(slot, now)}</td>
            <td>
              {task === undefined ? (
                <span class="muted">nothing: {cutText(reason ?? 'skipped', 200)}</span>
              ) : (
                <button type="button" class="task-link" onClick={() => go({ task })}>
                  <StateGlyph state={status ?? 'pending'} />
                  <code>{cutText(task, 40)}</code>
                  <span class="muted">{status ?? ''}</span>
                </button>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
