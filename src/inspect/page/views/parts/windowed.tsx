/** @module A list of which only the rows in sight are in the page. */
import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'

/** How many rows are in the page at once, at most. */
export const rowsAtOnce = 80
const spare = 4

/** The rows to draw: those in sight and a few around them. */
export function visible(scroll: number, height: number, row: number, count: number): readonly [number, number] {
  const first = Math.max(0, Math.min(Math.floor(scroll / row) - spare, count - 1))
  const wanted = Math.ceil(height / row) + 2 * spare
  return [first, Math.min(count, first + Math.min(rowsAtOnce, wanted))]
}

interface WindowedProps {
  readonly class: string
  readonly label: string
  readonly role?: 'listbox' | 'log' | 'list'
  readonly count: number
  /** The height of a row in px. */
  readonly row: number
  /** The row that is kept in sight. */
  readonly chosen?: number | undefined
  /** Whether the newest row is kept in sight; told false when somebody scrolls up. */
  readonly follow?: boolean
  readonly onFollow?: (follow: boolean) => void
  /** Told how far it is scrolled to the right, in px. */
  readonly onSide?: (scrolled: number) => void
  readonly onKeyDown?: (event: KeyboardEvent) => void
  /** Of the chosen row. */
  readonly active?: string | undefined
  /** What stays on top, and how high it is. */
  readonly head?: ComponentChildren
  readonly headHeight?: number
  readonly children: (place: number) => ComponentChildren
}

/** Rows of one height. */
export function Windowed(props: WindowedProps) {
  const { count, row, chosen, follow, onFollow, onSide, head, headHeight = 0 } = props
  const box = useRef<HTMLDivElement>(null)
  const [scroll, setScroll] = useState(0)
  const [height, setHeight] = useState(480)
  useLayoutEffect(() => {
    const element = box.current
    if (element === null) return undefined
    const observer = new ResizeObserver(() => setHeight(element.clientHeight))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  useLayoutEffect(() => {
    const element = box.current
    if (element !== null && follow === true) element.scrollTop = element.scrollHeight
  }, [follow, count])
  useLayoutEffect(() => {
    const element = box.current
    if (element === null || chosen === undefined) return
    const top = chosen * row
    const below = headHeight + top + row - element.clientHeight
    if (top < element.scrollTop) element.scrollTop = top
    else if (below > element.scrollTop) element.scrollTop = below
  }, [chosen, row, headHeight])
  const [first, last] = visible(scroll, height, row, count)
  // what is not in the page cannot be named
  const inSight = chosen !== undefined && chosen >= first && chosen < last
  const scrolled = (event: Event) => {
    const element = event.currentTarget as HTMLElement
    setScroll(element.scrollTop)
    onSide?.(element.scrollLeft)
    const atEnd = element.scrollTop + element.clientHeight >= element.scrollHeight - row
    if (onFollow !== undefined && atEnd !== follow) onFollow(atEnd)
  }
  const rows = Array.from({ length: Math.max(0, last - first) }, (_, i) => props.children(first + i))
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: its role is one of those above
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: its role is one of those above
    <div
      ref={box}
      class={`windowed ${props.class}`}
      role={props.role ?? 'list'}
      aria-label={props.label}
      aria-activedescendant={inSight ? props.active : undefined}
      tabIndex={0}
      onScroll={scrolled}
      onKeyDown={props.onKeyDown}
    >
      {head}
      <div class="windowed-all" role="presentation" style={{ height: `${count * row}px` }}>
        <div class="windowed-some" role="presentation" style={{ transform: `translateY(${first * row}px)` }}>
          {rows}
        </div>
      </div>
    </div>
  )
}
