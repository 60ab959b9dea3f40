/** @module The rows of the tasks: those in sight are drawn, those around them are asked for. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Position, TaskRow, TasksView } from '../../../protocol.ts'
import type { ViewProps } from '../../view-props.ts'
import { useNow } from './now.ts'
import { arrows, bringIntoSight, letters, pages, placeAfter, windowOf } from './rows.ts'
import { useHeight } from './size.ts'
import { TaskLine } from './task-line.tsx'
import { grownBy, mostRows, rowsAsked } from './task-window.ts'

type Props = ViewProps<TasksView>

const rowHeight = 36
const headHeight = 32
/** No more than so often rows are asked for, and so often where the last answer has not come yet, in ms. */
const askEvery = 200
const askAnew = 2_000
const names = ['State', 'Task', 'Id', 'Recipe', 'Attempt', 'Progress', 'Duration', 'Age'] as const
const numeric: ReadonlySet<string> = new Set(['Attempt', 'Duration', 'Age'])
const steps = { ...arrows, ...letters, ...pages(15) }
/** Parts of a grid: tables cannot be drawn in windows. */
const [group, line, head] = [
  { role: 'rowgroup' },
  { role: 'row', 'aria-rowindex': 1 },
  { role: 'columnheader' },
] as const

export function TaskGrid({ view, query, go, frame }: Props) {
  const now = useNow(frame, 1_000)
  const box = useRef<HTMLDivElement>(null)
  const { scroll, height, onScroll } = useScroll(box)
  const count = Math.min(view.total, mostRows)
  useAnchor(box, view, query.at)
  const [first, last] = windowOf(scroll, height, rowHeight, count)
  useRows(first, last, query, view.from, go)
  const rowAt = (place: number): TaskRow | undefined => view.rows[place - view.from]
  const { place, choose } = useChosen(view, count)
  const pressed = (event: KeyboardEvent) => {
    const row = rowAt(place)
    const isCommand = event.ctrlKey || event.metaKey || event.altKey
    const to = isCommand ? undefined : placeAfter(event.key, place, count, steps)
    if (to !== undefined) {
      choose(to)
      if (box.current !== null) bringIntoSight(box.current, to, rowHeight, headHeight)
    } else if (event.key === 'Enter' && event.target === event.currentTarget && row !== undefined) go({ task: row.id })
    else return
    event.preventDefault()
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: of a table all rows would have to be in the page
    <div
      ref={box}
      class="task-list"
      role="grid"
      aria-label="Tasks, newest first"
      {...active(count, place >= first && place < last ? place : undefined)}
      tabIndex={0}
      onScroll={onScroll}
      onKeyDown={pressed}
      onClick={(event) => {
        const id = (event.target as Element).closest<HTMLElement>('[data-task]')?.dataset.task
        const at = view.rows.findIndex((row) => row.id === id)
        if (id === undefined || at === -1) return
        choose(view.from + at)
        go({ task: id })
      }}
    >
      <div class="task-row task-names" {...line}>
        {names.map((name) => (
          <span key={name} {...head} class={numeric.has(name) ? 'number' : ''}>
            {name}
          </span>
        ))}
      </div>
      <div class="task-all" {...group} style={{ height: `${count * rowHeight}px` }}>
        {Array.from({ length: Math.max(0, last - first) }, (_, i) => first + i).map((each) => (
          <TaskLine
            key={each}
            place={each}
            top={each * rowHeight}
            row={rowAt(each)}
            now={now}
            isChosen={each === place}
            isOpen={query.task !== undefined && rowAt(each)?.id === query.task}
          />
        ))}
      </div>
    </div>
  )
}

/** The row that the keys are at: a task stays the chosen one while others come in above it. */
function useChosen(view: TasksView, count: number) {
  const [chosen, set] = useState<{ readonly place: number; readonly id: string | undefined }>({
    place: 0,
    id: undefined,
  })
  const found = chosen.id === undefined ? -1 : view.rows.findIndex(({ id }) => id === chosen.id)
  return {
    place: found === -1 ? Math.min(chosen.place, count - 1) : view.from + found,
    choose: (place: number) => set({ place, id: view.rows[place - view.from]?.id }),
  }
}

/** What cannot be seen cannot be named. */
const active = (count: number, place: number | undefined) => ({
  'aria-rowcount': count + 1,
  'aria-activedescendant': place === undefined ? undefined : `row-${place}`,
})

function useScroll(box: { readonly current: HTMLDivElement | null }) {
  const [scroll, setScroll] = useState(0)
  const height = useHeight(box, 600)
  // rows are drawn anew when another one comes in sight, not at each pixel
  const onScroll = (event: Event) => {
    const top = (event.currentTarget as HTMLElement).scrollTop
    setScroll(Math.floor(top / rowHeight) * rowHeight)
  }
  return { scroll, height, onScroll }
}

/** Asks for other rows when what was asked for does not hold those in sight. */
function useRows(first: number, last: number, query: Props['query'], got: number, go: Props['go']): void {
  const askedAt = useRef(0)
  useEffect(() => {
    const asked = rowsAsked(first, last, query.from ?? 0, query.size)
    if (asked === undefined) return undefined
    // somebody who scrolls without a pause would otherwise see nothing until the hand rests
    const every = got === (query.from ?? 0) ? askEvery : askAnew
    const wait = Math.max(0, askedAt.current + every - performance.now())
    const timer = setTimeout(() => {
      askedAt.current = performance.now()
      go(asked)
    }, wait)
    return () => clearTimeout(timer)
  }, [first, last, query.from, query.size, got, go])
}

/** Who reads further down keeps the rows in sight while new tasks come in above. */
function useAnchor(box: { readonly current: HTMLDivElement | null }, view: TasksView, at: Position | undefined): void {
  const before = useRef(view)
  useLayoutEffect(() => {
    const last = before.current
    before.current = view
    const element = box.current
    if (element === null || at !== undefined || element.scrollTop < rowHeight) return
    element.scrollTop += grownBy(last, view, Math.floor(element.scrollTop / rowHeight)) * rowHeight
  }, [view, at])
}
