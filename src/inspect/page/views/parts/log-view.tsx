/** @module What a task logged and wrote: the newest lines, followed while one wishes. */
import { useMemo, useState } from 'preact/hooks'
import type { TaskLine } from '../../../protocol.ts'
import { Follow } from './follow.tsx'
import { clockOf, countOf, cutText, secondsOf } from './format.ts'
import { briefOf } from './json-rows.ts'
import { Segmented } from './segmented.tsx'
import { Windowed } from './windowed.tsx'

const rowHeight = 20

interface LogProps {
  readonly lines: readonly TaskLine[]
  /** Whether there were older ones. */
  readonly cut: boolean
}

const kinds = ['all', 'log', 'output', 'problems'] as const
type Kind = (typeof kinds)[number]

const fits = (line: TaskLine, kind: Kind): boolean =>
  kind === 'all' || kind === line.type || (kind === 'problems' && (line.level === 'warn' || line.level === 'error'))

/** A line of output may hold line breaks: each is a row of its own. */
function rowsOf(lines: readonly TaskLine[]): readonly TaskLine[] {
  return lines.flatMap((line) =>
    line.type === 'output' && line.text.includes('\n')
      ? line.text
          .replace(/\n$/, '')
          .split('\n')
          .slice(0, 500)
          .map((text) => ({ ...line, text }))
      : [line],
  )
}

export function LogView({ lines, cut }: LogProps) {
  const [kind, setKind] = useState<Kind>('all')
  const [follow, setFollow] = useState(true)
  const [wrap, setWrap] = useState<number>()
  const rows = useMemo(() => rowsOf(lines.filter((line) => fits(line, kind))), [lines, kind])
  const opened = wrap === undefined ? undefined : rows[wrap]
  return (
    <section class="panel log-panel" aria-label="Logs and output">
      <header class="panel-head">
        <h3>Logs and output</h3>
        <span class="muted">
          {countOf(rows.length, 'line')}
          {cut && ' · older ones are not kept'}
        </span>
        <span class="spring" />
        <Segmented label="Which lines">
          {kinds.map((each) => (
            <button key={each} type="button" aria-pressed={each === kind} onClick={() => setKind(each)}>
              {each}
            </button>
          ))}
        </Segmented>
        <Follow follow={follow} set={setFollow} />
      </header>
      {rows.length === 0 ? (
        <p class="empty-line">
          Nothing yet. A handler writes lines with <code>ctx.log()</code> and streams text with <code>ctx.write()</code>
          .
        </p>
      ) : (
        <Windowed
          class="log-rows"
          label="Lines"
          role="log"
          count={rows.length}
          row={rowHeight}
          follow={follow}
          onFollow={setFollow}
        >
          {(place) => <LogRow key={place} line={rows[place] as TaskLine} open={() => setWrap(place)} />}
        </Windowed>
      )}
      {opened !== undefined && (
        <div class="log-open">
          <button type="button" class="copy" aria-label="Close the line" onClick={() => setWrap(undefined)}>
            ✕
          </button>
          <pre class="plain-text">{opened.text.slice(0, 20_000)}</pre>
          {opened.data !== undefined && (
            <pre class="plain-text muted">{JSON.stringify(opened.data, undefined, 2).slice(0, 20_000)}</pre>
          )}
        </div>
      )}
    </section>
  )
}

function LogRow({ line, open }: { readonly line: TaskLine; open(): void }) {
  const level = line.type === 'output' ? 'output' : (line.level ?? 'info')
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: what it opens is the same text, unwrapped
    // biome-ignore lint/a11y/noStaticElementInteractions: as above
    <div class={`log-row level-${level}`} onClick={open} title={clockOf(line.at)}>
      <time class="log-time">{secondsOf(line.at)}</time>
      <span class="log-level">{level === 'output' ? 'out' : level}</span>
      <span class="log-text">
        {cutText(line.text, 600)}
        {line.data !== undefined && <span class="log-data"> {briefOf(line.data, 160)}</span>}
      </span>
    </div>
  )
}
