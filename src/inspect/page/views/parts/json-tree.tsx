/** @module A JSON value as a tree to open and close. Everything in it is text: markup in a value stays what it says. */
import { useMemo, useState } from 'preact/hooks'
import { CopyButton } from './copy.tsx'
import { deepest, type JsonRow, rowsAtFirst, rowsOf } from './json-rows.ts'

interface TreeProps {
  readonly value: unknown
  readonly label: string
  /** How deep it is open to begin with. */
  readonly depth?: number
}

/** The tree alone. Arrows walk it, as trees are walked. */
export function JsonTree({ value, label, depth = 2 }: TreeProps) {
  const [touched, touch] = useState<ReadonlyMap<string, boolean>>(new Map())
  const [most, setMost] = useState(rowsAtFirst)
  const [at, setAt] = useState('')
  const { rows, more } = useMemo(
    () => rowsOf(value, (path, level) => touched.get(path) ?? level < depth, most),
    [value, touched, most, depth],
  )
  const set = (path: string, open: boolean) => touch(new Map(touched).set(path, open))
  const current = rows.some(({ path }) => path === at) ? at : ''
  const walk = (event: KeyboardEvent) => {
    const place = rows.findIndex(({ path }) => path === current)
    const row = rows[place]
    if (row === undefined) return
    const to = keyed(event.key, rows, place)
    if (to !== undefined) {
      setAt(to.path)
      const list = event.currentTarget as HTMLElement
      ;(list.children[rows.indexOf(to)] as HTMLElement | undefined)?.focus()
    } else if (event.key === 'ArrowRight' && row.open === false && row.depth < deepest) set(row.path, true)
    else if (event.key === 'ArrowLeft' && row.open === true) set(row.path, false)
    else if ((event.key === 'Enter' || event.key === ' ') && row.open !== undefined) set(row.path, !row.open)
    else return
    event.preventDefault()
    // Space and the arrows mean something to the page as well
    event.stopPropagation()
  }
  return (
    <div class="json">
      <div class="json-rows" role="tree" aria-label={label} onKeyDown={walk}>
        {rows.map((row) => (
          <Row
            key={row.path}
            row={row}
            focusable={row.path === current}
            choose={() => {
              setAt(row.path)
              if (row.open !== undefined && row.depth < deepest) set(row.path, !row.open)
            }}
          />
        ))}
      </div>
      {more && (
        <button type="button" class="button quiet" onClick={() => setMost(most + rowsAtFirst)}>
          Show more
        </button>
      )}
    </div>
  )
}

function keyed(key: string, rows: readonly JsonRow[], place: number): JsonRow | undefined {
  const row = rows[place] as JsonRow
  if (key === 'ArrowDown') return rows[place + 1]
  if (key === 'ArrowUp') return rows[place - 1]
  if (key === 'Home') return rows[0]
  if (key === 'End') return rows.at(-1)
  if (key === 'ArrowRight' && row.open === true) return rows[place + 1]
  if (key !== 'ArrowLeft' || row.open === true) return undefined
  return rows.slice(0, place).findLast(({ depth }) => depth < row.depth)
}

interface RowProps {
  readonly row: JsonRow
  readonly focusable: boolean
  choose(): void
}

function Row({ row, focusable, choose }: RowProps) {
  const { depth, name, kind, text, open } = row
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree around it hears the keys
    <div
      class="json-row"
      role="treeitem"
      aria-level={depth + 1}
      aria-expanded={open}
      tabIndex={focusable ? 0 : -1}
      style={{ '--depth': depth }}
      onClick={choose}
    >
      <span class="json-mark" aria-hidden="true">
        {open === undefined ? '' : open ? '▾' : '▸'}
      </span>
      {name !== undefined && <span class="json-name">{name}</span>}
      <span class={`json-value json-${kind}`}>{kind === 'string' ? `"${text}"` : text}</span>
    </div>
  )
}

interface PanelProps {
  readonly title: string
  readonly value: unknown
  readonly open?: boolean
  readonly tone?: 'error'
}

/** A value in a panel that can be closed, to be copied whole. */
export function JsonPanel({ title, value, open = true, tone }: PanelProps) {
  return (
    <div class={`fold-panel panel ${tone ?? ''}`}>
      <details open={open}>
        <summary>{title}</summary>
        {isText(value) ? (
          <pre class="plain-text">{value.slice(0, 20_000)}</pre>
        ) : (
          <JsonTree value={value} label={title} />
        )}
      </details>
      <CopyButton text={() => JSON.stringify(value, undefined, 2)} what={title.toLowerCase()} />
    </div>
  )
}

/** A text of several lines reads better as such. */
const isText = (value: unknown): value is string => typeof value === 'string' && value.includes('\n')
