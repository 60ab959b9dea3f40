/** @module The actors of XState that are inspected: who made whom, what each is in, and what it heard. */
import { useMemo, useState } from 'preact/hooks'
import type { ActorHappening, ActorRow, ActorsView } from '../../protocol.ts'
import type { ViewProps } from '../view-props.ts'
import { ActorChart, useChart } from './parts/actor-chart.tsx'
import { leavesOf, type PlacedActor, treeOf } from './parts/actor-tree.ts'
import { Follow } from './parts/follow.tsx'
import { clockOf, countOf, cutText } from './parts/format.ts'
import { briefOf } from './parts/json-rows.ts'
import { JsonPanel, JsonTree } from './parts/json-tree.tsx'
import { placeAfter } from './parts/rows.ts'
import { Windowed } from './parts/windowed.tsx'

type Props = ViewProps<ActorsView>
const rowHeight = 40
const eventHeight = 26

export function ActorsPane(props: Props) {
  if (props.view.actors.length === 0) return <NoActors live={props.frame.live} />
  return <Actors {...props} />
}

function NoActors({ live }: { readonly live: boolean }) {
  return (
    <div class="actors-pane">
      <div class="empty">
        <h2>{live ? 'No actors are inspected' : 'No actor was there at this moment'}</h2>
        <p>Your own XState actors appear here beside those of Offstage. Give them the inspector:</p>
        <pre>{`import { createInspector } from 'offstage/inspect'
import { createActor } from 'xstate'

const inspector = createInspector({ runner })
createActor(machine, { inspect: inspector.inspect }).start()`}</pre>
        <p>You will see their states, the events they hear, and their charts with the current state marked.</p>
      </div>
    </div>
  )
}

function Actors({ view, query, go }: Props) {
  const tree = useMemo(() => treeOf(view.actors), [view.actors])
  const place = tree.findIndex(({ actor }) => actor.session === query.actor)
  const chosen = tree[place]?.actor
  const choose = (to: number) => {
    const session = tree[to]?.actor.session
    if (session !== undefined) go({ actor: session })
  }
  const keys = (event: KeyboardEvent) => {
    const to = placeAfter(event.key, place, tree.length)
    if (to === undefined) return
    event.preventDefault()
    choose(to)
  }
  return (
    <div class="actors-pane">
      <div class="actors-split">
        <section class="panel actor-list">
          <header class="panel-head">
            <h2>Actors</h2>
            <span class="muted">
              {view.total > tree.length ? `${tree.length} of ${view.total.toLocaleString('en')}` : tree.length}
            </span>
          </header>
          <Windowed
            class="actor-rows"
            label="Actors"
            role="listbox"
            count={tree.length}
            row={rowHeight}
            chosen={place < 0 ? undefined : place}
            active={place < 0 ? undefined : `actor-${place}`}
            onKeyDown={keys}
          >
            {(each) => (
              <ActorLine
                key={tree[each]?.actor.session}
                id={`actor-${each}`}
                placed={tree[each] as PlacedActor}
                chosen={each === place}
                choose={() => choose(each)}
              />
            )}
          </Windowed>
        </section>
        {chosen === undefined ? (
          <div class="empty">
            <h2>Choose an actor</h2>
            <p>Its chart, its context and what it heard are shown here.</p>
          </div>
        ) : (
          <ActorDetail key={chosen.session} actor={chosen} view={view} />
        )}
      </div>
    </div>
  )
}

interface LineProps {
  readonly id: string
  readonly placed: PlacedActor
  readonly chosen: boolean
  choose(): void
}

function ActorLine({ id, placed: { actor, depth }, chosen, choose }: LineProps) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list hears the keys
    // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus, and names its active option
    <div
      id={id}
      class={`actor-row is-${actor.status}`}
      role="option"
      aria-selected={chosen}
      style={{ '--depth': depth }}
      onClick={choose}
    >
      <ActorDot status={actor.status} />
      <span class="actor-name">{cutText(actor.id, 80)}</span>
      <span class="actor-events">{actor.events.toLocaleString('en')}</span>
      <span class="actor-state">{cutText(wordsOf(actor), 120)}</span>
      <span class="actor-last">{cutText(actor.last ?? '', 60)}</span>
    </div>
  )
}

/** Filled while it lives, a ring when it is done, a cross after an error. */
function ActorDot({ status }: { readonly status: string }) {
  return (
    <svg class="actor-dot" viewBox="0 0 10 10" width="10" height="10" aria-hidden="true">
      {status === 'error' ? <path d="M2 2l6 6m0 -6l-6 6" /> : <circle cx="5" cy="5" r="3.5" />}
    </svg>
  )
}

const wordsOf = ({ value, status }: ActorRow): string => {
  const leaves = leavesOf(value)
  const state = leaves.length === 0 ? briefOf(value, 60) : leaves.join(', ')
  return status === 'active' ? state || 'active' : [status, state].filter((each) => each !== '').join(' · ')
}

function ActorDetail({ actor, view }: { readonly actor: ActorRow; readonly view: ActorsView }) {
  const loaded = useChart(actor.chart)
  const leaves = leavesOf(actor.value)
  return (
    <div class="actor-detail">
      <header class="actor-head">
        <h2>{cutText(actor.id, 120)}</h2>
        <span class={`actor-status is-${actor.status}`}>{actor.status}</span>
        <code class="muted">{cutText(actor.session, 60)}</code>
        <p class="actor-value">
          {leaves.slice(0, 20).map((leaf) => (
            <span key={leaf} class="badge">
              {cutText(leaf.replaceAll('.', ' · '), 80)}
            </span>
          ))}
        </p>
      </header>
      {actor.chart !== undefined && (
        <section class="panel actor-chart-box" aria-label="Chart">
          {loaded?.chart !== undefined ? (
            <ActorChart chart={loaded.chart} active={leaves} />
          ) : (
            <p class="muted">
              {loaded?.error === undefined ? 'Drawing its chart…' : `Its chart cannot be shown: ${loaded.error}`}
            </p>
          )}
        </section>
      )}
      {view.context !== undefined && <JsonPanel title="Context" value={view.context} />}
      <Happenings happenings={view.happenings} />
    </div>
  )
}

function Happenings({ happenings }: { readonly happenings: readonly ActorHappening[] }) {
  const [follow, setFollow] = useState(true)
  const [picked, pick] = useState<number>()
  const place = picked === undefined ? -1 : happenings.findIndex(({ n }) => n === picked)
  const open = happenings[place]
  const keys = (event: KeyboardEvent) => {
    const at = place < 0 ? happenings.length : place
    const to = placeAfter(event.key, at, happenings.length)
    if (to === undefined) return
    event.preventDefault()
    setFollow(false)
    pick(happenings[to]?.n)
  }
  return (
    <section class="panel" aria-label="What it heard">
      <header class="panel-head">
        <h3>Events</h3>
        <span class="muted">{countOf(happenings.length, 'entry', 'entries')}</span>
        <span class="spring" />
        <Follow follow={follow} set={setFollow} />
      </header>
      {happenings.length === 0 ? (
        <p class="empty-line">It has heard nothing since somebody looked.</p>
      ) : (
        <Windowed
          class="actor-events-rows"
          label="Events"
          role="listbox"
          count={happenings.length}
          row={eventHeight}
          chosen={place < 0 ? undefined : place}
          active={place < 0 ? undefined : `heard-${place}`}
          follow={follow}
          onFollow={setFollow}
          onKeyDown={keys}
        >
          {(each) => {
            const happening = happenings[each] as ActorHappening
            return (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the list hears the keys
              // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus, and names its active option
              <div
                key={happening.n}
                id={`heard-${each}`}
                class={`heard-row what-${happening.what}`}
                role="option"
                aria-selected={each === place}
                onClick={() => pick(happening.n === picked ? undefined : happening.n)}
              >
                <time class="heard-time">{clockOf(happening.at)}</time>
                <span class="heard-what">{happening.what}</span>
                <span class="heard-text">
                  {saidOf(happening)}
                  {happening.source !== undefined && (
                    <span class="heard-from"> from {cutText(happening.source, 40)}</span>
                  )}
                </span>
              </div>
            )
          }}
        </Windowed>
      )}
      {open !== undefined && (
        <div class="heard-open">
          <JsonTree
            key={open.n}
            value={open.event ?? { value: open.value, status: open.status }}
            label="What was said"
          />
        </div>
      )}
    </section>
  )
}

function saidOf({ what, event, value, status }: ActorHappening): string {
  if (what === 'snapshot')
    return [leavesOf(value).join(', ') || briefOf(value, 80), status === 'active' ? '' : status]
      .filter(Boolean)
      .join(' · ')
  if (event === undefined) return status ?? ''
  const { type } = event as { type?: unknown }
  return typeof type === 'string' ? cutText(type, 80) : briefOf(event, 80)
}
