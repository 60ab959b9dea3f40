/** @module What stands above the tasks: search, status, recipe, and how many fit. */
import { useEffect, useState } from 'preact/hooks'
import type { TasksView } from '../../../protocol.ts'
import { searchAppeared } from '../../search-focus.ts'
import type { ViewProps } from '../../view-props.ts'
import { StateGlyph } from './badge.tsx'
import { countOf, cutText } from './format.ts'
import { statuses } from './sums.ts'

/** How long a search rests before it is asked for, in ms. */
const rest = 150

export function TaskFilters({ view, query, go, frame }: ViewProps<TasksView>) {
  const { tasks } = frame.tally
  return (
    <div class="panel-head filters">
      <Search text={query.search ?? ''} search={(search) => go({ search, from: undefined })} />
      <fieldset class="status-filter" aria-label="Status">
        {statuses.map((status) => (
          <button
            key={status}
            type="button"
            class={`chip status-${status}`}
            title={status}
            aria-pressed={query.status === status}
            onClick={() => go({ status: query.status === status ? undefined : status, from: undefined })}
          >
            <StateGlyph state={status} />
            <span class="word">{status}</span>
          </button>
        ))}
      </fieldset>
      {view.recipes.length > 0 && (
        <select
          class="input"
          aria-label="Recipe"
          value={query.recipe ?? ''}
          onChange={(event) => go({ recipe: event.currentTarget.value || undefined, from: undefined })}
        >
          <option value="">all recipes</option>
          {view.recipes.map((recipe) => (
            <option key={recipe} value={recipe}>
              {cutText(recipe, 60)}
            </option>
          ))}
        </select>
      )}
      <span class="spring" />
      <span class="muted fitting" role="status">
        {view.total === tasks
          ? countOf(view.total, 'task')
          : `${view.total.toLocaleString('en')} of ${countOf(tasks, 'task')}`}
      </span>
    </div>
  )
}

interface SearchProps {
  readonly text: string
  readonly search: (text: string | undefined) => void
}

function Search({ text: wanted, search }: SearchProps) {
  const [text, setText] = useState(wanted)
  useEffect(searchAppeared, [])
  useEffect(() => setText(wanted), [wanted])
  useEffect(() => {
    if (text === wanted) return undefined
    const timer = setTimeout(() => search(text === '' ? undefined : text), rest)
    return () => clearTimeout(timer)
  }, [text])
  return (
    <span class="search">
      <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
        <path d="M7 2.8a4.2 4.2 0 1 0 0 8.4a4.2 4.2 0 1 0 0-8.4M10.2 10.2l3 3" />
      </svg>
      <input
        id="search"
        class="input"
        type="search"
        aria-label="Search tasks"
        placeholder="Name, id, recipe or tag"
        maxLength={200}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <kbd>/</kbd>
    </span>
  )
}
