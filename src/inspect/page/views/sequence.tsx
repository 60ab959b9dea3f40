/** @module The sequence: who told whom what, from top to bottom. */
import { useLayoutEffect, useMemo, useState } from 'preact/hooks'
import type { Lifeline, SequenceMessage, SequenceView } from '../../protocol.ts'
import type { ViewProps } from '../view-props.ts'
import { Follow } from './parts/follow.tsx'
import { clockOf, countOf, stateWords } from './parts/format.ts'
import { type Columns, columnsOf, lifelineOf } from './parts/lifelines.ts'
import { arrows, pages, placeAfter } from './parts/rows.ts'
import { Compact, Drawn, Head, rowHeight } from './parts/sequence-parts.tsx'
import { useWidth } from './parts/size.ts'
import { Windowed } from './parts/windowed.tsx'

type Props = ViewProps<SequenceView>
const headHeight = 44
/** The room for the words beside a lifeline. */
const stateWidth = 130
const walk = { ...arrows, ...pages(10) }
/** Below this width, arrows have no room: a list says the same. */
const roomy = 620

/** The messages between runner, scheduler, workers and tasks. */
export function SequencePane(props: Props) {
  const { view, frame } = props
  if (view.messages.length > 0) return <Messages {...props} />
  return (
    <div class="sequence-pane">
      <div class="empty">
        <h2>{frame.live ? 'Nobody has said anything yet' : 'Nothing was said before this moment'}</h2>
        <p>
          Every record of the journal is a message here: a client submits a task, a worker starts it, the task
          completes, a schedule fires. Submit one with <code>offstage submit NAME</code>, or choose a task to see its
          part alone.
        </p>
      </div>
    </div>
  )
}

function Messages({ view, frame, query, go }: Props) {
  const [box, width] = useWidth<HTMLElement>(900)
  const [follow, setFollow] = useState(frame.live)
  const [picked, pick] = useState<number>()
  const { messages } = view
  const lifelines = useMemo(() => spoken(view), [view])
  const [scrolled, setScrolled] = useState(0)
  const columns = useMemo(() => columnsOf(lifelines, width - 14, scrolled), [lifelines, width, scrolled])
  const labels = useMemo(() => new Map(lifelines.map(({ id, label }) => [id, label])), [lifelines])
  const n = picked ?? query.at
  const chosen = n === undefined ? -1 : messages.findLastIndex((message) => message.n <= n)
  const list = width < roomy
  const watched = chosen >= 0 ? messages[chosen] : follow ? messages.at(-1) : undefined
  useLayoutEffect(() => {
    const rows = box.current?.querySelector('.sequence-rows')
    if (rows && watched && !list) showLifeline(rows, watched, columns)
  }, [watched?.n, lifelines, width, list])
  const open = (message: SequenceMessage) => {
    pick(undefined)
    go({ at: message.n, ...(message.task === undefined ? {} : { task: message.task }) })
  }
  const keys = (event: KeyboardEvent) => {
    const at = chosen < 0 ? messages.length : chosen
    const to = placeAfter(event.key, at, messages.length, walk)
    const here = messages[chosen]
    if (to !== undefined) {
      setFollow(false)
      pick(messages[to]?.n)
    } else if (event.key === 'Enter' && here !== undefined) open(here)
    else return
    event.preventDefault()
  }
  const words = (message: SequenceMessage) => {
    const state = message.state === undefined ? '' : `, then ${stateWords(message.state)}`
    return `${labels.get(message.from) ?? message.from} to ${labels.get(message.to) ?? message.to}: ${message.label}${state}`
  }
  return (
    <section ref={box} class={`sequence-pane panel ${list ? 'as-list' : ''}`}>
      <header class="panel-head">
        <h2>Messages</h2>
        <span class="muted">
          {countOf(messages.length, 'message')}
          {view.cut > 0 && ` · ${view.cut.toLocaleString('en')} more not shown`}
        </span>
        <span class="spring" />
        {query.task !== undefined && (
          <button type="button" class="button quiet" onClick={() => go({ task: undefined })}>
            All tasks
          </button>
        )}
        <Follow follow={follow} set={setFollow} />
      </header>
      <Windowed
        class="sequence-rows"
        label="Messages. Enter shows everything at that moment."
        role="listbox"
        count={messages.length}
        row={rowHeight}
        chosen={chosen < 0 ? undefined : chosen}
        active={chosen < 0 ? undefined : `message-${chosen}`}
        follow={follow}
        onFollow={setFollow}
        onSide={setScrolled}
        onKeyDown={keys}
        head={
          list ? undefined : (
            <Head
              lifelines={lifelines}
              columns={columns}
              chosen={query.task === undefined ? undefined : lifelineOf(query.task)}
            />
          )
        }
        headHeight={list ? 0 : headHeight}
      >
        {(place) => {
          const message = messages[place] as SequenceMessage
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the list hears the keys
            // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus, and names its active option
            <div
              key={message.n}
              id={`message-${place}`}
              class={`message ${message.task === query.task && query.task !== undefined ? 'of-task' : ''}`}
              role="option"
              aria-selected={place === chosen}
              style={list ? undefined : { width: `${columns.width}px` }}
              onClick={() => open(message)}
            >
              <time class="message-time">{clockOf(message.at)}</time>
              {!list && <span class="sr-only">{words(message)}</span>}
              {list ? (
                <Compact message={message} labels={labels} />
              ) : (
                <Drawn message={message} columns={columns} labels={labels} />
              )}
            </div>
          )
        }}
      </Windowed>
    </section>
  )
}

/** Scrolls to the lifeline of the one who is spoken to, or who speaks to those that stay. */
function showLifeline(rows: Element, { from, to }: SequenceMessage, columns: Columns): void {
  const { scrollLeft, clientWidth } = rows
  const x = columns.restOf(to) ?? columns.restOf(from)
  if (x === undefined) return
  const left = columns.edge - scrollLeft
  if (x - left < scrollLeft) rows.scrollLeft = Math.max(0, x - left - 60)
  else if (x + stateWidth > scrollLeft + clientWidth) rows.scrollLeft = x + stateWidth - clientWidth
}

/** Those who say or hear something. */
function spoken({ lifelines, messages }: SequenceView): readonly Lifeline[] {
  const heard = new Set(messages.flatMap(({ from, to }) => [from, to]))
  return lifelines.filter(({ id }) => heard.has(id))
}
