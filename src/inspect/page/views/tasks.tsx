/** @module The tasks: a list of any length of which the rows in sight are in the page. */
import type { TasksView } from '../../protocol.ts'
import type { ViewProps } from '../view-props.ts'
import { TaskFilters } from './parts/task-filters.tsx'
import { TaskGrid } from './parts/task-grid.tsx'

type Props = ViewProps<TasksView>

export function TasksPane(props: Props) {
  const { view } = props
  return (
    <div class="tasks-pane panel">
      <TaskFilters {...props} />
      {view.total === 0 ? <Empty {...props} /> : <TaskGrid {...props} />}
    </div>
  )
}

const sample = `import { BackgroundRunner } from 'offstage'

const runner = new BackgroundRunner()
const task = runner.submit(async ({ progress }) => {
  progress(0.5, 'half way')
  return 'done'
})`

function Empty({ query, frame, go }: Props) {
  const isFiltered = query.status !== undefined || query.recipe !== undefined || query.search !== undefined
  if (isFiltered && frame.tally.tasks > 0)
    return (
      <div class="empty">
        <strong>No task fits</strong>
        None of the {frame.tally.tasks.toLocaleString('en')} tasks {query.at === undefined ? 'is' : 'was'} like that.
        <p class="empty-act">
          <button
            type="button"
            class="button"
            onClick={() => go({ status: undefined, recipe: undefined, search: undefined, from: undefined })}
          >
            Show all tasks
          </button>
        </p>
      </div>
    )
  if (query.at !== undefined)
    return (
      <div class="empty">
        <strong>There were no tasks yet</strong>
        At this moment nothing had been submitted. Move the slider to the right, or go back to live.
      </div>
    )
  return (
    <div class="empty">
      <strong>No tasks yet</strong>
      Submit one from a terminal, or from your program, and watch it go through its states.
      <pre class="pre">{`npx offstage submit hello -i '{"who":"Ada"}'`}</pre>
      <pre class="pre">{sample}</pre>
    </div>
  )
}
