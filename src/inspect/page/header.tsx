/** @module What stands above every view: where one is, how many tasks are in which status, and the way to the other views. */
import type { Frame, Query, View } from '../protocol.ts'
import { tabs } from './tabs.ts'
import { useTheme } from './theme.ts'
import type { Moment } from './use-moment.ts'
import type { ViewProps } from './view-props.ts'
import { StateGlyph } from './views/parts/badge.tsx'
import { cutText } from './views/parts/format.ts'

const statuses = ['pending', 'running', 'completed', 'failed', 'cancelled'] as const

interface Props {
  readonly moment: Moment
  readonly frame: Frame | undefined
  readonly query: Query
  readonly go: ViewProps<View>['go']
  readonly help: () => void
}

const words: Readonly<Record<string, string>> = {
  connecting: 'Connecting',
  open: 'Live',
  lost: 'Disconnected, trying again',
  gone: 'The store is gone',
  newer: 'Reload the page',
}

export function Header({ moment, frame, query, go, help }: Props) {
  const [theme, toggle] = useTheme()
  const line = query.at === undefined || moment.line !== 'open' ? moment.line : 'past'
  return (
    <header class="header">
      <div class="header-top">
        <h1 class="wordmark">
          <svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true">
            <rect x="1.5" y="4" width="17" height="12" rx="3" />
            <circle cx="7" cy="10" r="2" />
            <path d="M9 10h5m-2-2.2l2.4 2.2L12 12.2" />
          </svg>
          Offstage
        </h1>
        {moment.hello !== undefined && <span class="store muted mono">{cutText(moment.hello.store, 60)}</span>}
        <span class={`line line-${line}`} role="status" title={moment.message}>
          {line === 'past' ? 'Past' : words[line]}
        </span>
        <span class="spring" />
        <Counts frame={frame} query={query} go={go} />
        <button
          type="button"
          class="button quiet small"
          onClick={toggle}
          aria-label={`Use the ${theme === 'dark' ? 'light' : 'dark'} colours`}
        >
          {theme === 'dark' ? 'Light' : 'Dark'}
        </button>
        <button type="button" class="button quiet small" onClick={help} aria-label="Show the keys">
          <kbd>?</kbd>
        </button>
      </div>
      <nav class="tabs" aria-label="Views">
        {tabs.map(({ view, title }, place) => {
          const isHere = view === query.view || (view === 'tasks' && query.view === 'task')
          return (
            <button
              key={view}
              type="button"
              class="tab"
              aria-current={isHere ? 'page' : undefined}
              onClick={() => go({ view, ...(query.view === 'task' && { task: undefined }) })}
            >
              {title} <kbd>{place + 1}</kbd>
            </button>
          )
        })}
      </nav>
    </header>
  )
}

/** How many tasks are in each status, at the moment that is shown. */
function Counts({ frame, query, go }: Pick<Props, 'frame' | 'query' | 'go'>) {
  const counts = countsOf(frame)
  return (
    <fieldset class="counts" aria-label="Tasks by status">
      {statuses.map((status) => {
        const pressed = query.view === 'tasks' && query.status === status
        return (
          <button
            key={status}
            type="button"
            class={`chip status-${status}`}
            aria-pressed={pressed}
            aria-label={`${counts.get(status) ?? 0} ${status}: show them`}
            onClick={() => go({ view: 'tasks', status: pressed ? undefined : status, from: undefined })}
          >
            <StateGlyph state={status} />
            <span class="count" data-status={status}>
              {(counts.get(status) ?? 0).toLocaleString('en')}
            </span>
          </button>
        )
      })}
    </fieldset>
  )
}

function countsOf(frame: Frame | undefined): Map<string, number> {
  const counts = new Map<string, number>()
  for (const [state, count] of Object.entries(frame?.tally.states ?? {})) {
    const status = state.split('.')[0] ?? state
    counts.set(status, (counts.get(status) ?? 0) + count)
  }
  return counts
}
