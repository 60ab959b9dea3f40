/** @module The slider through time: over the positions of what is known, with how much happened where. */
import { useEffect, useState } from 'preact/hooks'
import type { Frame, Mark, Query, Reach, View } from '../protocol.ts'
import { fetchMarks } from './connection.ts'
import type { ViewProps } from './view-props.ts'
import { countOf, momentOf, spanOf } from './views/parts/format.ts'

interface Props {
  readonly frame: Frame | undefined
  readonly query: Query
  readonly go: ViewProps<View>['go']
}

const slices = 240
/** How often the strip is drawn anew while it is live, in ms. */
const marksEvery = 2_000

export function Travel({ frame, query, go }: Props) {
  const marks = useMarks(frame?.epoch, query.at === undefined ? Math.floor((frame?.reach.last ?? 0) / 50) : -1)
  const reach = frame?.reach
  if (frame === undefined || reach === undefined) return <footer class="travel" />
  const { first, last } = reach
  const at = query.at ?? last
  const live = query.at === undefined
  const step = (by: number) => {
    const next = Math.max(first, at + by)
    go({ at: next >= last && by > 0 ? undefined : Math.min(next, last) })
  }
  return (
    <footer class="travel">
      <div class="travel-buttons">
        <button
          type="button"
          class="button small"
          onClick={() => step(-1)}
          disabled={at <= first}
          aria-label="One step back"
        >
          ‹
        </button>
        <button
          type="button"
          class={`button small live ${live ? 'is-live' : ''}`}
          aria-pressed={live}
          onClick={() => go({ at: live ? last : undefined })}
          disabled={last === first && live}
        >
          {live ? 'Live' : 'Go live'}
        </button>
        <button type="button" class="button small" onClick={() => step(1)} disabled={live} aria-label="One step forth">
          ›
        </button>
      </div>
      <div class="travel-track">
        <Density marks={marks} first={first} last={last} at={at} />
        <input
          type="range"
          class="slider"
          aria-label="The moment that is shown"
          aria-valuetext={`${momentOf(frame.time)}, position ${at.toLocaleString('en')} of ${last.toLocaleString('en')}`}
          min={first}
          max={Math.max(last, first + 1)}
          value={at}
          disabled={last === first}
          onInput={(event) => {
            const value = Number(event.currentTarget.value)
            go({ at: value >= last ? undefined : value })
          }}
        />
      </div>
      <div class="travel-words">
        <time class="mono" dateTime={new Date(frame.time).toISOString()}>
          {momentOf(frame.time)}
        </time>
        <span class="muted">
          {at.toLocaleString('en')} of {last.toLocaleString('en')}
        </span>
        <span class="muted reach">{wordsOf(reach, frame.time)}</span>
      </div>
    </footer>
  )
}

/** How far back it goes, and why no further. */
function wordsOf(reach: Reach, now: number): string {
  const parts: string[] = []
  if (reach.loading !== undefined) parts.push(`reading the journal, ${Math.round(reach.loading * 100)} %`)
  else if (reach.complete) parts.push('from the very beginning')
  else if (reach.since !== undefined) {
    const back = `reaches ${spanOf(now - reach.since)} back`
    parts.push(reach.source === 'attached' ? `${back}, to when somebody looked first` : `${back}, as far as it is kept`)
  }
  if (reach.damaged > 0) parts.push(`${countOf(reach.damaged, 'damaged line')}`)
  if (reach.missed > 0) parts.push(`${reach.missed.toLocaleString('en')} not kept`)
  return parts.join(' · ')
}

function useMarks(epoch: string | undefined, age: number): readonly Mark[] {
  const [marks, set] = useState<readonly Mark[]>([])
  useEffect(() => {
    if (epoch === undefined) return undefined
    const stop = new AbortController()
    const read = () => fetchMarks(slices, stop.signal).then(set, () => {})
    const timer = setTimeout(read, marks.length === 0 ? 0 : marksEvery)
    return () => {
      clearTimeout(timer)
      stop.abort()
    }
  }, [epoch, age])
  return marks
}

/** How much happened in each slice; what failed is drawn over it. */
function Density({ marks, first, last, at }: { marks: readonly Mark[]; first: number; last: number; at: number }) {
  const span = Math.max(1, last - first)
  // the strip is over positions, so what differs is how long they took
  const times = marks.map(({ time }, i) => Math.max(1, time - (marks[i - 1]?.time ?? time)))
  const rates = marks.map(({ happened }, i) => happened / (times[i] ?? 1))
  const most = Math.max(...rates, 0.000_001)
  return (
    <svg class="density" viewBox="0 0 1000 24" preserveAspectRatio="none" aria-hidden="true">
      {marks.map(({ n, happened, failed }, i) => {
        const x = ((n - happened - first) / span) * 1_000
        const width = Math.max(0.5, (happened / span) * 1_000 - 0.4)
        const height = 3 + 19 * Math.sqrt((rates[i] ?? 0) / most)
        return (
          <g key={n}>
            <rect class="happened" x={x} y={24 - height} width={width} height={height} />
            {failed > 0 && <rect class="failed" x={x} y={21} width={width} height={3} />}
          </g>
        )
      })}
      <line class="here" x1={((at - first) / span) * 1_000} x2={((at - first) / span) * 1_000} y1={0} y2={24} />
    </svg>
  )
}
