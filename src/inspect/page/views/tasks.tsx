/** @module The tasks: a list of any length of which the rows in sight are in the page. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { TaskRow, TasksView } from '../../protocol.ts'
import type { ViewProps } from '../view-props.ts'
import { StateGlyph } from './parts/badge.tsx'
import { CopyButton } from './parts/copy.tsx'
import { awayOf, countOf, cutText, spanOf, stateWords } from './parts/format.ts'
import { useNow } from './parts/now.ts'
import { rowsAsked, windowOf } from './parts/task-window.ts'

type Props = ViewProps<TasksView>
const statuses = ['pending', 'running', 'completed', 'failed', 'cancelled'] as const
const rowHeight = 36

export function TasksPane(props: Props) {
  const { view, query } = props
  const isFiltered = query.status !== undefined || query.recipe !== undefined || query.search !== undefined
  return (
    <div class="tasks-pane panel">
      <Filters {...props} />
      {view.total === 0 ? <Empty filtered={isFiltered} clear={() => clearFilters(props)} /> : <List {...props} />}
    </div>
  )
}

const clearFilters = ({ go }: Props): void =>
  go({ status: undefined, recipe: undefined, search: undefined, from: undefined })

function Filters({ view, query, go, frame }: Props) {
  const [text, setText] = useState(query.search ?? '')
  useEffect(() => setText(query.search ?? ''), [query.search])
  useEffect(() => {
    if (text === (query.search ?? '')) return undefined
    const timer = setTimeout(() => go({ search: text === '' ? undefined : text, from: undefined }), 150)
    return () => clearTimeout(timer)
  }, [text, query.search, go])
  return (
    <div class="panel-head filters">
      <input
        id="search"
        class="input search"
        type="search"
        aria-label="Search tasks"
        placeholder="Search name, id, recipe, tag"
        maxLength={200}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <fieldset class="status-filter" aria-label="Status">
        {statuses.map((status) => (
          <button
            key={status}
            type="button"
            class={`chip status-${status}`}
            aria-pressed={query.status === status}
            onClick={() => go({ status: query.status === status ? undefined : status, from: undefined })}
          >
            <StateGlyph state={status} /> {status}
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
      <span class="muted" role="status">
        {view.total === frame.tally.tasks
          ? countOf(view.total, 'task')
          : `${view.total.toLocaleString('en')} of ${countOf(frame.tally.tasks, 'task')}`}
      </span>
    </div>
  )
}

function List({ view, query, go, frame }: Props) {
  const now = useNow(frame, 1_000)
  const box = useRef<HTMLDivElement>(null)
  const [scroll, setScroll] = useState(0)
  const [height, setHeight] = useState(600)
  const [place, setPlace] = useState(0)
  useLayoutEffect(() => {
    const element = box.current
    if (element === null) return undefined
    const observer = new ResizeObserver(() => setHeight(element.clientHeight))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  const [first, last] = windowOf(scroll, height, rowHeight, view.total)
  useEffect(() => {
    const asked = rowsAsked(first, last, query.from ?? 0, query.size)
    if (asked === undefined) return undefined
    const timer = setTimeout(() => go(asked), 40)
    return () => clearTimeout(timer)
  }, [first, last, query.from, query.size, go])
  const move = (to: number) => {
    const next = Math.max(0, Math.min(view.total - 1, to))
    setPlace(next)
    const element = box.current
    if (element === null) return
    if (next * rowHeight < element.scrollTop) element.scrollTop = next * rowHeight
    const below = (next + 1) * rowHeight - element.clientHeight
    if (below > element.scrollTop) element.scrollTop = below
  }
  const chosen = view.rows[place - view.from]
  const pressed = (event: KeyboardEvent) => {
    const by = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1, PageDown: 15, PageUp: -15 }[event.key]
    if (by !== undefined) move(place + by)
    else if (event.key === 'Home') move(0)
    else if (event.key === 'End') move(view.total - 1)
    else if (event.key === 'Enter' && chosen !== undefined) go({ task: chosen.id })
    else return
    event.preventDefault()
  }
  const places = Array.from({ length: Math.max(0, last - first) }, (_, i) => first + i)
  return (
    <>
      <div class="task-row task-names" aria-hidden="true">
        <span />
        <span>Task</span>
        <span>Id</span>
        <span>Recipe</span>
        <span class="number">Attempt</span>
        <span>Progress</span>
        <span class="number">Took</span>
        <span class="number">Begun</span>
      </div>
      <div
        ref={box}
        class="task-list"
        role="listbox"
        aria-label="Tasks, newest first"
        aria-activedescendant={chosen === undefined ? undefined : `row-${place}`}
        tabIndex={0}
        onScroll={(event) => setScroll(event.currentTarget.scrollTop)}
        onKeyDown={pressed}
      >
        <div class="task-all" role="presentation" style={{ height: `${view.total * rowHeight}px` }}>
          {places.map((each) => (
            <Row
              key={each}
              place={each}
              row={view.rows[each - view.from]}
              now={now}
              isChosen={each === place}
              isOpen={view.rows[each - view.from]?.id === query.task}
              open={(row) => {
                setPlace(each)
                go({ task: row.id })
              }}
            />
          ))}
        </div>
      </div>
    </>
  )
}

interface RowProps {
  readonly place: number
  readonly row: TaskRow | undefined
  readonly now: number
  readonly isChosen: boolean
  readonly isOpen: boolean
  readonly open: (row: TaskRow) => void
}

function Row({ place, row, now, isChosen, isOpen, open }: RowProps) {
  const style = { transform: `translateY(${place * rowHeight}px)` }
  if (row === undefined) return <div class="task-row waiting" role="presentation" style={style} />
  const { id, name, state, status, error, message, recipe } = row
  const took = row.startedAt === undefined ? undefined : (row.endedAt ?? now) - row.startedAt
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list hears the keys for all of its rows
    // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus, and names the active row
    <div
      id={`row-${place}`}
      class={`task-row status-${status} ${isChosen ? 'chosen' : ''} ${isOpen ? 'open' : ''}`}
      role="option"
      aria-selected={isOpen}
      style={style}
      onClick={() => open(row)}
    >
      <StateGlyph state={state} />
      <span class="task-name">
        <span class="task-title">{cutText(name, 120)}</span>
        <span class={error === undefined ? 'task-note muted' : 'task-note task-error'}>
          {cutText(error ?? message ?? (state.includes('.') ? stateWords(state) : ''), 160)}
        </span>
      </span>
      <span class="task-id mono muted">
        {id.slice(0, 8)}
        <CopyButton text={() => id} what="the id" />
      </span>
      <span class="task-recipe muted">{recipe === undefined ? '' : cutText(recipe, 40)}</span>
      <span class="number muted">{row.attempt > 1 ? row.attempt : ''}</span>
      <span class="task-bar">
        {row.progress !== undefined && status === 'running' && (
          <span class="bar-progress" role="img" aria-label={`${Math.round(row.progress * 100)} %`}>
            <span style={{ width: `${Math.round(row.progress * 100)}%` }} />
          </span>
        )}
      </span>
      <span class="number">{took === undefined ? '' : spanOf(took)}</span>
      <span class="number muted">{awayOf(row.createdAt, now)}</span>
    </div>
  )
}

function Empty({ filtered, clear }: { readonly filtered: boolean; readonly clear: () => void }) {
  if (filtered)
    return (
      <div class="empty">
        <strong>No task fits</strong>
        <button type="button" class="button" onClick={clear}>
          Show all tasks
        </button>
      </div>
    )
  return (
    <div class="empty">
      <strong>No tasks yet</strong>
      Submit one from a terminal, or from your program, and watch it go through its states.
      <pre class="pre">{`offstage submit hello -i '{"who":"Ada"}'

const task = runner.submit(async ({ progress }) => {
  progress(0.5, 'half way')
})`}</pre>
    </div>
  )
}
