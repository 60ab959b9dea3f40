/** @module The head of a task: what it is, where it is, since when, and why. */
import type { ComponentChildren } from 'preact'
import type { Frame, TaskRow, TaskView } from '../../../protocol.ts'
import type { ViewProps } from '../../view-props.ts'
import { StateBadge } from './badge.tsx'
import { CopyButton } from './copy.tsx'
import { awayOf, cutText, momentOf, spanOf } from './format.ts'
import { useNow } from './now.ts'
import { TaskActs } from './task-acts.tsx'

interface HeadProps {
  readonly row: TaskRow
  readonly maxAttempts: number | undefined
  readonly frame: Frame
  readonly explanation: string | undefined
  readonly act: ViewProps<TaskView>['act']
  readonly go: ViewProps<TaskView>['go']
}

export function TaskHead({ row, maxAttempts, frame, explanation, act, go }: HeadProps) {
  const now = useNow(frame, 200)
  const ended = row.endedAt ?? (row.startedAt === undefined ? undefined : now)
  return (
    <header class="task-head">
      <div class="task-title">
        <h2>{cutText(row.name, 200)}</h2>
        <StateBadge state={row.state} />
        <span class="spring" />
        <button type="button" class="button quiet small open-alone" onClick={() => go({ view: 'task', task: row.id })}>
          Open alone
        </button>
        {act !== undefined && <TaskActs key={row.id} row={row} act={act} go={go} />}
      </div>
      <p class="task-id">
        <code>{row.id}</code>
        <CopyButton text={() => row.id} what="id" />
        {row.recipe !== undefined && <span class="badge">{cutText(row.recipe, 60)}</span>}
        {row.tags?.slice(0, 12).map((tag) => (
          <span key={tag} class="badge">
            #{cutText(tag, 40)}
          </span>
        ))}
      </p>
      {explanation !== undefined && <p class="explanation">{cutText(explanation, 2000)}</p>}
      <dl class="facts">
        <Fact name="Attempt">
          {row.attempt === 0 ? 'none yet' : row.attempt}
          {maxAttempts !== undefined && maxAttempts > 1 && <span class="muted"> of {maxAttempts}</span>}
        </Fact>
        <Fact name={row.endedAt === undefined && row.startedAt !== undefined ? 'Runs for' : 'Took'}>
          {row.startedAt === undefined || ended === undefined ? '–' : spanOf(ended - row.startedAt)}
        </Fact>
        <Fact name="Created">{momentOf(row.createdAt, now)}</Fact>
        <Fact name="Started">{row.startedAt === undefined ? '–' : momentOf(row.startedAt, now)}</Fact>
        {row.endedAt !== undefined && <Fact name="Ended">{momentOf(row.endedAt, now)}</Fact>}
        {row.dueAt !== undefined && <Fact name="Due">{awayOf(row.dueAt, now)}</Fact>}
        {row.worker !== undefined && <Fact name="Worker">{cutText(row.worker, 60)}</Fact>}
        {row.owner !== undefined && <Fact name="Owner">{cutText(row.owner, 60)}</Fact>}
      </dl>
    </header>
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
