/** @module The slider through time: over the positions of what is known, with how much happened where. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { iso } from '../../machines/iso.ts'
import type { Frame, Mark, Query, Reach, View } from '../protocol.ts'
import { fetchMarks } from './connection.ts'
import { heightsOf, reachOf } from './reach.ts'
import type { ViewProps } from './view-props.ts'
import { momentOf } from './views/parts/format.ts'

interface Props {
  readonly frame: Frame | undefined
  readonly query: Query
  readonly go: ViewProps<View>['go']
}

const slices = 240
/** How often the strip is drawn anew while it is live, in ms: sooner where much of it is missing. */
const marksEvery = 2_000
const marksSoon = 400
const count = (value: number): string => value.toLocaleString('en')

export function Travel({ frame, query, go }: Props) {
  const marks = useMarks(frame?.epoch, query.at === undefined, frame?.reach)
  if (frame === undefined) return <div class="travel" />
  const { first, last } = frame.reach
  const at = Math.max(first, Math.min(last, query.at ?? last))
  const live = query.at === undefined
  const still = last === first
  const to = (place: number) => go({ at: place >= last ? undefined : Math.max(first, place) })
  return (
    <section class="travel" aria-label="Time travel">
      <div class="travel-buttons">
        <button
          type="button"
          class="button icon"
          onClick={() => to(at - 1)}
          disabled={at <= first}
          aria-label="One step back"
          title="One step back ([)"
        >
          <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
            <path d="M10 3.5L5.5 8l4.5 4.5" />
          </svg>
        </button>
        <button
          type="button"
          class={`button live ${live ? 'is-live' : ''}`}
          aria-pressed={live}
          title={live ? 'Stop the time here (Space)' : 'Back to what happens now (Space)'}
          onClick={() => go({ at: live ? last : undefined })}
          disabled={still && live}
        >
          {live ? 'Live' : 'Go live'}
        </button>
        <button
          type="button"
          class="button icon"
          onClick={() => to(at + 1)}
          disabled={live}
          aria-label="One step forth"
          title="One step forth (])"
        >
          <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
            <path d="M6 3.5L10.5 8L6 12.5" />
          </svg>
        </button>
      </div>
      <div class="travel-track">
        {frame.reach.loading !== undefined && <span class="reading" />}
        <Density marks={marks} first={first} last={live ? (marks.at(-1)?.n ?? last) : last} at={at} />
        <input
          type="range"
          class="slider"
          aria-label="The moment that is shown"
          aria-valuetext={`${momentOf(frame.time)}, position ${count(at)} of ${count(last)}`}
          min={first}
          max={Math.max(last, first + 1)}
          value={still ? first + 1 : at}
          disabled={still}
          style={{ '--done': `${still ? 100 : ((at - first) / (last - first)) * 100}%` }}
          onInput={(event) => to(Number(event.currentTarget.value))}
        />
      </div>
      <Words frame={frame} at={at} />
    </section>
  )
}

/** The running maximum of the times that were written, and how far back it goes. */
function Words({ frame, at }: { readonly frame: Frame; readonly at: number }) {
  const { reach, time } = frame
  const { back, why, faults } = reachOf(reach, time)
  return (
    <div class="travel-words">
      {reach.last === 0 ? (
        <span>Nothing has happened yet</span>
      ) : (
        <time class="mono" dateTime={iso(time)} title="The latest time written up to this position">
          {momentOf(time)}
        </time>
      )}
      <span class="muted place" title="Position in the journal">
        {count(at)} / {count(reach.last)}
      </span>
      <span class="muted reach" title={why}>
        {back}
        {faults !== undefined && <span class="faults"> · {faults}</span>}
      </span>
    </div>
  )
}

function useMarks(epoch: string | undefined, live: boolean, reach: Reach | undefined): readonly Mark[] {
  const [marks, set] = useState<readonly Mark[]>([])
  const last = useRef(0)
  last.current = reach?.last ?? 0
  const read = reach?.loading === undefined
  useEffect(() => {
    if (epoch === undefined) return undefined
    const stop = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    // the past does not change, and one request at a time is enough
    const ask = () =>
      void fetchMarks(slices, stop.signal)
        .then(
          (got) => {
            set(got)
            return (got.at(-1)?.n ?? 0) < last.current * 0.97 ? marksSoon : marksEvery
          },
          () => marksEvery,
        )
        .then((wait) => {
          if (live && !stop.signal.aborted) timer = setTimeout(ask, wait)
        })
    ask()
    return () => {
      clearTimeout(timer)
      stop.abort()
    }
  }, [epoch, live, read])
  return marks
}

interface DensityProps {
  readonly marks: readonly Mark[]
  readonly first: number
  readonly last: number
  readonly at: number
}

/** How much happened in each slice; what failed is drawn over it. */
function Density({ marks, first, last, at }: DensityProps) {
  const span = Math.max(1, last - first)
  const heights = heightsOf(marks)
  const here = ((at - first) / span) * 1_000
  return (
    <svg class="density" viewBox="0 0 1000 24" preserveAspectRatio="none" aria-hidden="true">
      {marks.map(({ n, happened, failed }, i) => {
        const x = ((n - happened - first) / span) * 1_000
        const width = Math.max(0.5, (happened / span) * 1_000 - 0.8)
        const height = 2 + 18 * (heights[i] ?? 0)
        return (
          <g key={i}>
            <rect class={n <= at ? 'happened shown' : 'happened'} x={x} y={22 - height} width={width} height={height} />
            {failed > 0 && <rect class="failed" x={x} y={19.5} width={width} height={2.5} />}
          </g>
        )
      })}
      {at < last && <line class="here" x1={here} x2={here} y1={0} y2={24} />}
    </svg>
  )
}
