/** @module The sequence: who told whom what, from top to bottom. */
import { useLayoutEffect, useMemo, useState } from 'preact/hooks'
import type { Lifeline, SequenceMessage, SequenceView } from '../../protocol.ts'
import type { ViewProps } from '../view-props.ts'
import { statusOfState } from './parts/badge.tsx'
import { clockOf, countOf, cutText, stateWords } from './parts/format.ts'
import { arrowOf, type Columns, columnsOf, lifelineOf, timeWidth } from './parts/lifelines.ts'
import { useWidth } from './parts/size.ts'
import { Windowed } from './parts/windowed.tsx'

type Props = ViewProps<SequenceView>
const rowHeight = 36
const headHeight = 44
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
  const columns = useMemo(() => columnsOf(lifelines, width - 14), [lifelines, width])
  const labels = useMemo(() => new Map(lifelines.map(({ id, label }) => [id, label])), [lifelines])
  const n = picked ?? query.at
  const chosen = n === undefined ? -1 : messages.findLastIndex((message) => message.n <= n)
  const list = width < roomy
  const watched = chosen >= 0 ? messages[chosen] : follow ? messages.at(-1) : undefined
  useLayoutEffect(() => {
    const rows = box.current?.querySelector('.sequence-rows')
    const x = watched && columns.xOf(watched.to)
    if (rows === null || rows === undefined || x === undefined || list) return
    const { scrollLeft, clientWidth } = rows
    // the words beside the lifeline need room as well
    if (x - timeWidth < scrollLeft) rows.scrollLeft = Math.max(0, x - timeWidth - 60)
    else if (x + 110 > scrollLeft + clientWidth) rows.scrollLeft = x + 110 - clientWidth
  }, [watched?.n, columns, list])
  const open = (message: SequenceMessage) => {
    pick(undefined)
    go({ at: message.n, ...(message.task === undefined ? {} : { task: message.task }) })
  }
  const keys = (event: KeyboardEvent) => {
    const at = chosen < 0 ? messages.length : chosen
    const to = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + 10,
      PageUp: at - 10,
      Home: 0,
      End: messages.length - 1,
    }[event.key]
    const here = messages[chosen]
    if (to !== undefined) {
      setFollow(false)
      pick(messages[Math.max(0, Math.min(messages.length - 1, to))]?.n)
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
        <label class="check">
          <input type="checkbox" checked={follow} onChange={(event) => setFollow(event.currentTarget.checked)} />
          Follow
        </label>
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
              {list ? <Compact message={message} labels={labels} /> : <Drawn message={message} columns={columns} />}
            </div>
          )
        }}
      </Windowed>
    </section>
  )
}

/** Those who say or hear something. */
function spoken({ lifelines, messages }: SequenceView): readonly Lifeline[] {
  const heard = new Set(messages.flatMap(({ from, to }) => [from, to]))
  return lifelines.filter(({ id }) => heard.has(id))
}

const kinds: Readonly<Record<Lifeline['kind'], string>> = {
  client: 'client',
  runner: 'runner',
  scheduler: 'scheduler',
  worker: 'worker',
  task: 'task',
  actor: 'actor',
}

interface HeadProps {
  readonly lifelines: readonly Lifeline[]
  readonly columns: Columns
  readonly chosen: string | undefined
}

function Head({ lifelines, columns, chosen }: HeadProps) {
  return (
    <div class="lifelines" role="presentation" style={{ width: `${columns.width}px` }}>
      {lifelines.map(({ id, kind, label }) => (
        <div
          key={id}
          class={`lifeline kind-${kind} ${id === chosen ? 'chosen' : ''}`}
          style={{ width: `${columns.each}px` }}
        >
          <span class="lifeline-box" title={`${label} (${id})`}>
            {label !== kind && <span class="lifeline-kind">{kinds[kind]}</span>}
            <span class="lifeline-label">{cutText(label, 60)}</span>
          </span>
        </div>
      ))}
    </div>
  )
}

function Drawn({ message, columns }: { readonly message: SequenceMessage; readonly columns: Columns }) {
  const arrow = arrowOf(message, columns, rowHeight)
  const status = message.state === undefined ? '' : statusOfState(message.state)
  return (
    <>
      <svg class="message-drawing" width={columns.width} height={rowHeight} aria-hidden="true">
        <path class="lifeline-path" d={columns.path(rowHeight)} />
        {arrow !== undefined && (
          <g class={`arrow status-${status}`}>
            <path class="arrow-line" d={arrow.path} />
            <path class="arrow-head" d={arrow.head} />
            <text class="arrow-label" x={arrow.textX} y={rowHeight - 17} text-anchor={arrow.anchor}>
              {cutText(message.label, 40)}
            </text>
            {arrow.tailX !== undefined && (
              <text
                class="arrow-label"
                x={arrow.tailX}
                y={rowHeight - 17}
                text-anchor={arrow.anchor === 'end' ? 'start' : 'end'}
              >
                {cutText(message.label, 40)}
              </text>
            )}
          </g>
        )}
      </svg>
      {arrow !== undefined && message.state !== undefined && (
        <span class={`message-state status-${status}`} aria-hidden="true" style={{ left: `${arrow.stateX + 9}px` }}>
          {shortState(message.state)}
        </span>
      )}
    </>
  )
}

/** The last part says most: `stopping cancel` of `running.stopping.cancel`. */
const shortState = (state: string): string =>
  state
    .split('.')
    .slice(state.startsWith('running.stopping') ? 1 : -1)
    .join(' ')

interface CompactProps {
  readonly message: SequenceMessage
  readonly labels: ReadonlyMap<string, string>
}

function Compact({ message, labels }: CompactProps) {
  const name = (id: string): string => cutText(labels.get(id) ?? id, 60)
  return (
    <span class="message-words">
      <span class="message-who">
        {name(message.from)} <span aria-hidden="true">→</span> {name(message.to)}
      </span>
      <span class="message-what">
        <b>{cutText(message.label, 40)}</b>
        {message.state !== undefined && (
          <span class={`message-state status-${statusOfState(message.state)}`}>{shortState(message.state)}</span>
        )}
      </span>
    </span>
  )
}
