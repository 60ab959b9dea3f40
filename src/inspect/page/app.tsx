/** @module The page: header, views, the chosen task beside them, and the slider through time. */
import type { ComponentChildren } from 'preact'
import { useCallback, useEffect, useState } from 'preact/hooks'
import { iso } from '../../machines/iso.ts'
import type { Action, ActionAnswer, Frame, Hello, Query, View } from '../protocol.ts'
import { changed, hashOf, queryOf } from './address.ts'
import { act } from './connection.ts'
import { Header } from './header.tsx'
import { Help } from './help.tsx'
import { useKeys } from './keys.ts'
import { Travel } from './travel.tsx'
import { type Moment, useMoment } from './use-moment.ts'
import type { ViewProps } from './view-props.ts'
import { ActorsPane } from './views/actors.tsx'
import { ChartPane } from './views/chart.tsx'
import { cutText, momentOf } from './views/parts/format.ts'
import { SchedulesPane } from './views/schedules.tsx'
import { SequencePane } from './views/sequence.tsx'
import { TaskPane } from './views/task.tsx'
import { TasksPane } from './views/tasks.tsx'
import { TimelinePane } from './views/timeline.tsx'

type Change = Parameters<ViewProps<View>['go']>[0]
interface Toast {
  readonly answer: ActionAnswer
  readonly id: number
}

/** How long an answer is shown, in ms. */
const shownFor = 6_000

function useQuery(): readonly [Query, (change: Change) => void] {
  const [query, set] = useState(() => queryOf(location.hash))
  useEffect(() => {
    const follow = () => set(queryOf(location.hash))
    addEventListener('hashchange', follow)
    return () => removeEventListener('hashchange', follow)
  }, [])
  const go = useCallback((change: Change) => {
    const now = queryOf(location.hash)
    const next = changed(now, change)
    const hash = hashOf(next)
    if (hash === location.hash) return
    // a slider and a window of rows leave no trail behind the back button
    const isStep =
      next.view === now.view && next.task === now.task && (next.at === undefined) === (now.at === undefined)
    history[isStep ? 'replaceState' : 'pushState'](null, '', hash)
    set(next)
  }, [])
  return [query, go]
}

/** The task that is shown beside another view. */
const besideOf = (query: Query): Query | undefined =>
  query.task === undefined || query.view === 'task'
    ? undefined
    : { view: 'task', task: query.task, ...(query.at !== undefined && { at: query.at }) }

export function App() {
  const [query, go] = useQuery()
  const [help, setHelp] = useState(false)
  const [toast, setToast] = useState<Toast>()
  const main = useMoment(query)
  const beside = besideOf(query)
  const task = useMoment(beside)
  const frame = main.frame ?? main.stale
  const hello = main.hello
  useKeys({ frame, go, help: () => setHelp((shown) => !shown), close: () => setHelp(false) })
  useEffect(() => {
    if (toast === undefined) return undefined
    const timer = setTimeout(() => setToast(undefined), shownFor)
    return () => clearTimeout(timer)
  }, [toast])
  const doIt = useCallback(async (action: Action): Promise<ActionAnswer> => {
    const answer = await act(action)
    setToast({ answer, id: performance.now() })
    return answer
  }, [])
  const mayAct = hello?.actions === true && query.at === undefined && main.line === 'open' ? doIt : undefined
  return (
    <div class={`app ${beside === undefined ? '' : 'with-task'}`}>
      <Header moment={main} frame={frame} query={query} go={go} help={() => setHelp(true)} />
      <Banners moment={main} frame={frame} query={query} go={go} />
      <main class="main" id="main">
        <section class="stage" aria-label={query.view}>
          <Pane moment={main} frame={frame} hello={hello} query={query} go={go} act={mayAct} />
        </section>
        {beside !== undefined && main.line !== 'newer' && (
          <aside class="beside" aria-label="The chosen task">
            <div class="beside-head">
              <h2 class="muted">The chosen task</h2>
              <span class="spring" />
              <button type="button" class="button quiet small" onClick={() => go({ task: undefined })}>
                Close <kbd>Esc</kbd>
              </button>
            </div>
            <Pane moment={task} frame={task.frame ?? task.stale} hello={hello} query={beside} go={go} act={mayAct} />
          </aside>
        )}
      </main>
      <Travel frame={frame} query={query} go={go} />
      {toast !== undefined && <Told key={toast.id} toast={toast} go={go} close={() => setToast(undefined)} />}
      {help && <Help close={() => setHelp(false)} />}
    </div>
  )
}

interface ToldProps {
  readonly toast: Toast
  readonly go: ViewProps<View>['go']
  readonly close: () => void
}

/** What became of an action. */
function Told({ toast: { answer }, go, close }: ToldProps) {
  const made = answer.ok ? answer.task : undefined
  return (
    <p class={`toast ${answer.ok ? '' : 'refused'}`} role="status">
      {cutText(answer.message, 400)}
      {made !== undefined && (
        <button type="button" class="button quiet small" onClick={() => go({ task: made })}>
          Show the task
        </button>
      )}
      <button type="button" class="button quiet small" onClick={close} aria-label="Close this message">
        ✕
      </button>
    </p>
  )
}

/** Whatever is the matter with what is shown. */
function Banners({ moment, frame, query, go }: Pick<PaneProps, 'moment' | 'frame' | 'query' | 'go'>) {
  const { line, message } = moment
  return (
    <div class="banners">
      {line === 'lost' && (
        <p class="banner bad" role="status">
          <strong>Disconnected.</strong> What you see is the last that was heard. Trying again…
        </p>
      )}
      {(line === 'gone' || line === 'newer') && frame !== undefined && (
        <p class="banner bad" role="status">
          <strong>{line === 'gone' ? 'Nothing more will come.' : 'This page is too old.'}</strong>
          {cutText(message ?? '', 300)}
        </p>
      )}
      {query.at !== undefined && <Past frame={frame} go={go} />}
    </div>
  )
}

/** Says that what is shown was, and is not any more. */
function Past({ frame, go }: Pick<PaneProps, 'frame' | 'go'>) {
  const at = frame === undefined || frame.live ? undefined : frame.time
  return (
    <div class="banner past" role="status">
      <strong>You are looking at the past</strong>
      {at !== undefined && (
        <time class="mono" dateTime={iso(at)}>
          {momentOf(at)}
        </time>
      )}
      <span>A view only: nothing runs again.</span>
      <span class="spring" />
      <button type="button" class="button small" onClick={() => go({ at: undefined })}>
        Back to live
      </button>
    </div>
  )
}

interface PaneProps {
  readonly moment: Moment
  readonly frame: Frame | undefined
  readonly hello: Hello | undefined
  readonly query: Query
  readonly go: ViewProps<View>['go']
  readonly act: ViewProps<View>['act']
}

const blank: Hello = { type: 'hello', protocol: 1, version: '', store: '', actions: false, charts: [] }

function Pane({ moment, frame, hello, query, go, act: mayAct }: PaneProps): ComponentChildren {
  if ((moment.line === 'newer' || moment.line === 'gone') && frame === undefined)
    return (
      <div class="empty">
        <strong>{moment.line === 'gone' ? 'Nothing to see any more' : 'This page is too old'}</strong>
        {cutText(moment.message ?? '', 300)}
      </div>
    )
  // the view of the query before is not what was asked for
  if (frame === undefined || frame.view.view !== query.view || isOther(frame.view, query))
    return (
      <p class="empty coming">
        {moment.message ?? (moment.line === 'lost' ? 'The server does not answer.' : 'Loading…')}
      </p>
    )
  const props = { frame, hello: hello ?? blank, query, go, act: mayAct }
  return paneOf(frame.view, props)
}

const isOther = (view: View, query: Query): boolean =>
  view.view === 'task' && query.task !== undefined && view.id !== query.task

function paneOf(view: View, props: Omit<ViewProps<View>, 'view'>): ComponentChildren {
  switch (view.view) {
    case 'chart':
      return <ChartPane {...props} view={view} />
    case 'tasks':
      return <TasksPane {...props} view={view} />
    case 'task':
      return <TaskPane key={view.id} {...props} view={view} />
    case 'timeline':
      return <TimelinePane {...props} view={view} />
    case 'sequence':
      return <SequencePane {...props} view={view} />
    case 'schedules':
      return <SchedulesPane {...props} view={view} />
    case 'actors':
      return <ActorsPane {...props} view={view} />
  }
}
