/** @module The bars of the timeline, and what is said of one that is pointed at. */
import { useRef, useState } from 'preact/hooks'
import { neighbour, type PlacedBar, rowHeight } from './bar-rows.ts'
import { clockOf, cutText, spanOf } from './format.ts'
import { outcomes } from './outcomes.tsx'

const barHeight = rowHeight - 5
const keyOf = ({ bar }: PlacedBar): string => `${bar.task} ${bar.run}`

interface BarsProps {
  readonly bars: readonly PlacedBar[]
  readonly chosen: string | undefined
  choose(task: string): void
  point(bar: PlacedBar | undefined): void
}

/** One of them is reached by Tab, the others by the arrows. */
export function Bars({ bars, chosen, choose, point }: BarsProps) {
  const [at, setAt] = useState('')
  const group = useRef<SVGGElement>(null)
  const current = bars.some((each) => keyOf(each) === at) ? at : bars[0] && keyOf(bars[0])
  const keys = (event: KeyboardEvent, from: PlacedBar) => {
    if (event.key === 'Enter' || event.key === ' ') choose(from.bar.task)
    else {
      const to = event.shiftKey ? undefined : neighbour(bars, from, event.key)
      if (to === undefined) return
      setAt(keyOf(to))
      ;(group.current?.children[bars.indexOf(to)] as SVGElement | undefined)?.focus()
    }
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <>
      <g ref={group}>
        {bars.map((each) => {
          const { bar, x, y, width } = each
          const { words, pattern } = outcomes[bar.outcome]
          return (
            // biome-ignore lint/a11y/useSemanticElements: an SVG has no buttons of its own
            <g
              key={keyOf(each)}
              class={`bar outcome-${bar.outcome} ${bar.task === chosen ? 'chosen' : ''}`}
              role="button"
              tabIndex={keyOf(each) === current ? 0 : -1}
              aria-label={`${cutText(bar.name, 80)}, attempt ${bar.run}, ${words}`}
              onClick={() => choose(bar.task)}
              onKeyDown={(event) => keys(event, each)}
              onFocus={() => point(each)}
              onBlur={() => point(undefined)}
              onPointerEnter={() => point(each)}
            >
              <rect class="bar-fill" x={x} y={y} width={width} height={barHeight} rx="2.5" />
              {pattern !== '' && (
                <rect x={x} y={y} width={width} height={barHeight} rx="2.5" fill={`url(#outcome-${bar.outcome})`} />
              )}
            </g>
          )
        })}
      </g>
      <Names bars={bars} />
    </>
  )
}

/** Apart from the bars, which say their names themselves, and whole. */
function Names({ bars }: { readonly bars: readonly PlacedBar[] }) {
  return (
    <g class="bar-names">
      {bars
        .filter(({ width }) => width > 44)
        .map((each) => (
          <text key={keyOf(each)} class="bar-name" x={Math.max(0, each.x) + 6} y={each.y + 11}>
            {cutText(each.bar.name, Math.max(1, Math.floor((each.width - Math.max(0, -each.x) - 10) / 6.4)))}
          </text>
        ))}
    </g>
  )
}

interface TipProps {
  readonly at: PlacedBar
  /** Where the rows begin. */
  readonly top: number
  readonly width: number
  readonly now: number
}

/** Beside the bar, inside of the plot. */
export function Tip({ at: { bar, x, y, width: wide }, top, width, now }: TipProps) {
  const middle = Math.max(0, x) + Math.min(wide, width - Math.max(0, x)) / 2
  const left = Math.max(8, Math.min(width - 268, middle - 130))
  return (
    <div class="plot-tip" role="tooltip" style={{ left: `${left}px`, top: `${top + y + rowHeight}px` }}>
      <strong>{cutText(bar.name, 60)}</strong>
      <span class={`tip-outcome outcome-${bar.outcome}`}>{outcomes[bar.outcome].words}</span>
      <dl>
        <dt>attempt</dt>
        <dd>{bar.run}</dd>
        <dt>took</dt>
        <dd>
          {spanOf((bar.until ?? Math.max(bar.since, now)) - bar.since)}
          {bar.until === undefined && ' so far'}
        </dd>
        <dt>from</dt>
        <dd>{clockOf(bar.since)}</dd>
        <dt>worker</dt>
        <dd>{cutText(bar.worker, 40)}</dd>
      </dl>
    </div>
  )
}
