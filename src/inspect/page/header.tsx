/** @module What stands above every view: where one is, how many tasks are in which status, and the way to the other views. */
import type { Frame, Query, View } from '../protocol.ts'
import { tabs } from './tabs.ts'
import { useTheme } from './theme.ts'
import type { Moment } from './use-moment.ts'
import type { ViewProps } from './view-props.ts'
import { StateGlyph } from './views/parts/badge.tsx'
import { cutText } from './views/parts/format.ts'
import { byStatus, statuses } from './views/parts/sums.ts'

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
  past: 'The past',
  lost: 'Disconnected',
  gone: 'Gone',
  newer: 'Too old',
}

export function Header({ moment, frame, query, go, help }: Props) {
  const [theme, toggle] = useTheme()
  const line = query.at === undefined || moment.line !== 'open' ? moment.line : 'past'
  const { hello } = moment
  return (
    <header class="header">
      <h1 class="wordmark">
        <svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true">
          <rect x="1.5" y="4" width="17" height="12" rx="3" />
          <circle cx="7" cy="10" r="2" />
          <path d="M9 10h5m-2-2.2l2.4 2.2L12 12.2" />
        </svg>
        Offstage
      </h1>
      {hello !== undefined && (
        <span class="store muted mono" title={`The store: ${cutText(hello.store, 300)}`}>
          {cutText(hello.store, 60)}
        </span>
      )}
      <Tabs query={query} go={go} />
      <span class="spring" />
      <span class={`line line-${line}`} role="status" title={moment.message}>
        {words[line]}
      </span>
      <Counts frame={frame} query={query} go={go} />
      <div class="header-buttons">
        <button
          type="button"
          class="button quiet icon"
          onClick={toggle}
          aria-label={`Use the ${theme === 'dark' ? 'light' : 'dark'} colours`}
          title={theme === 'dark' ? 'Light' : 'Dark'}
        >
          <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
            {theme === 'dark' ? (
              <path d="M8 5.2a2.8 2.8 0 1 0 0 5.6a2.8 2.8 0 1 0 0-5.6M8 1.6v1.2M8 13.2v1.2M1.6 8h1.2M13.2 8h1.2M3.5 3.5l.8.8M11.7 11.7l.8.8M12.5 3.5l-.8.8M4.3 11.7l-.8.8" />
            ) : (
              <path d="M13 9.6A5.4 5.4 0 0 1 6.4 3a5.4 5.4 0 1 0 6.6 6.6z" />
            )}
          </svg>
        </button>
        <button type="button" class="button quiet icon" onClick={help} aria-label="Show the keys" title="Keys (?)">
          <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
            <path d="M3 4.2h10a1.2 1.2 0 0 1 1.2 1.2v5.2a1.2 1.2 0 0 1-1.2 1.2H3a1.2 1.2 0 0 1-1.2-1.2V5.4A1.2 1.2 0 0 1 3 4.2M4.6 6.8h.1M7.4 6.8h.1M10.2 6.8h.1M5 9.4h6" />
          </svg>
        </button>
      </div>
    </header>
  )
}

function Tabs({ query, go }: Pick<Props, 'query' | 'go'>) {
  return (
    <nav class="tabs" aria-label="Views">
      {tabs.map(({ view, title }, place) => {
        const isHere = view === query.view || (view === 'tasks' && query.view === 'task')
        return (
          <button
            key={view}
            type="button"
            class="tab"
            title={`${title} (${place + 1})`}
            aria-current={isHere ? 'page' : undefined}
            onClick={() => go({ view, ...(query.view === 'task' && { task: undefined }) })}
          >
            {title}
          </button>
        )
      })}
    </nav>
  )
}

/** How many tasks are in each status, at the moment that is shown. */
function Counts({ frame, query, go }: Pick<Props, 'frame' | 'query' | 'go'>) {
  const counts = byStatus(frame?.tally.states ?? {})
  return (
    <fieldset class="counts" aria-label="Tasks by status">
      {statuses.map((status) => {
        const pressed = query.view === 'tasks' && query.status === status
        const count = counts[status]
        return (
          <button
            key={status}
            type="button"
            class={`chip status-${status} ${count === 0 ? 'none' : ''}`}
            aria-pressed={pressed}
            aria-label={`${count} ${status}: show them`}
            title={status}
            onClick={() => go({ view: 'tasks', status: pressed ? undefined : status, from: undefined })}
          >
            <StateGlyph state={status} />
            <span class="count" data-status={status}>
              {count.toLocaleString('en')}
            </span>
          </button>
        )
      })}
    </fieldset>
  )
}
