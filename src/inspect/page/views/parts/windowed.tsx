/** @module A list of which only the rows in sight are in the page. */
import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { bringIntoSight, windowOf } from './rows.ts'
import { useHeight } from './size.ts'

const spare = 4

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
  const height = useHeight(box, 480)
  useLayoutEffect(() => {
    const element = box.current
    if (element !== null && follow === true) element.scrollTop = element.scrollHeight
  }, [follow, count])
  useLayoutEffect(() => {
    const element = box.current
    if (element !== null && chosen !== undefined) bringIntoSight(element, chosen, row, headHeight)
  }, [chosen, row, headHeight])
  const [first, last] = windowOf(scroll, height, row, count, spare)
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
