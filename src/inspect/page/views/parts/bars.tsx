/** @module The bars of the timeline, and what is said of one that is pointed at. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { neighbour, type PlacedBar, rowHeight } from './bar-rows.ts'
import { clockOf, cutText, spanOf } from './format.ts'
import { outcomeNames, outcomes } from './outcomes.tsx'

const barHeight = rowHeight - 5
const keyOf = ({ bar }: PlacedBar): string => `${bar.task} ${bar.run}`

/** Up to so many, each is an element of its own; beyond, those of one outcome are one. */
const mostAlone = 400

interface BarsProps {
  readonly bars: readonly PlacedBar[]
  readonly chosen: string | undefined
  choose(task: string): void
  point(bar: PlacedBar | undefined): void
}

/** One of them is reached by Tab, the others by the arrows. */
export function Bars(props: BarsProps) {
  const { bars, chosen, choose, point } = props
  const [at, setAt] = useState('')
  const group = useRef<SVGGElement>(null)
  const current = bars.find((each) => keyOf(each) === at) ?? bars[0]
  const many = bars.length > mostAlone
  const alone = many ? bars.filter((each) => each === current || each.bar.task === chosen) : bars
  const keys = (event: KeyboardEvent, from: PlacedBar) => {
    if (event.key === 'Enter' || event.key === ' ') choose(from.bar.task)
    else {
      const to = event.shiftKey ? undefined : neighbour(bars, from, event.key)
      if (to === undefined) return
      setAt(keyOf(to))
      point(to)
    }
    event.preventDefault()
    event.stopPropagation()
  }
  useEffect(() => {
    // the focus goes where the arrows went
    if (group.current?.contains(document.activeElement))
      group.current.querySelector<SVGElement>('[tabindex="0"]')?.focus()
  }, [at])
  return (
    <>
      {many && <Heaps {...props} />}
      <g ref={group}>
        {alone.map((each) => (
          <One
            key={many && each === current ? 'current' : keyOf(each)}
            placed={each}
            focusable={each === current}
            chosen={each.bar.task === chosen}
            choose={choose}
            point={point}
            keys={keys}
          />
        ))}
      </g>
      <Names bars={bars} />
    </>
  )
}

interface OneProps extends Pick<BarsProps, 'choose' | 'point'> {
  readonly placed: PlacedBar
  readonly focusable: boolean
  readonly chosen: boolean
  keys(event: KeyboardEvent, from: PlacedBar): void
}

function One({ placed, focusable, chosen, choose, point, keys }: OneProps) {
  const { bar, x, y, width } = placed
  const { words, pattern } = outcomes[bar.outcome]
  return (
    // biome-ignore lint/a11y/useSemanticElements: an SVG has no buttons of its own
    <g
      class={`bar outcome-${bar.outcome} ${chosen ? 'chosen' : ''}`}
      role="button"
      tabIndex={focusable ? 0 : -1}
      aria-label={`${cutText(bar.name, 80)}, attempt ${bar.run}, ${words}`}
      onClick={() => choose(bar.task)}
      onKeyDown={(event) => keys(event, placed)}
      onFocus={() => point(placed)}
      onBlur={() => point(undefined)}
      onPointerEnter={() => point(placed)}
    >
      <rect class="bar-fill" x={x} y={y} width={width} height={barHeight} rx="2.5" />
      {pattern !== '' && (
        <rect x={x} y={y} width={width} height={barHeight} rx="2.5" fill={`url(#outcome-${bar.outcome})`} />
      )}
    </g>
  )
}

/** Thousands of bars as a few shapes: which one is meant is told by where the pointer is. */
function Heaps({ bars, choose, point }: BarsProps) {
  const under = (event: MouseEvent): PlacedBar | undefined => {
    const { left, top } = (event.currentTarget as SVGGElement).ownerSVGElement?.getBoundingClientRect() ?? new DOMRect()
    return barAt(bars, event.clientX - left, event.clientY - top)
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys reach the bar that has the focus
    <g
      class="bar-heaps"
      onPointerMove={(event) => point(under(event))}
      onClick={(event) => {
        const bar = under(event)
        if (bar !== undefined) choose(bar.bar.task)
      }}
    >
      {outcomeNames.map((name) => {
        const d = heapOf(bars.filter(({ bar }) => bar.outcome === name))
        return d === '' ? null : (
          <g key={name} class={`outcome-${name}`}>
            <path class="bar-fill" d={d} />
            {outcomes[name].pattern !== '' && <path d={d} fill={`url(#outcome-${name})`} />}
          </g>
        )
      })}
    </g>
  )
}

const heapOf = (bars: readonly PlacedBar[]): string =>
  bars
    .map(({ x, y, width }) => `M${x.toFixed(1)} ${y}h${width.toFixed(1)}v${barHeight}h${(-width).toFixed(1)}z`)
    .join('')

/** The bar at a point: the last that was drawn there. */
export function barAt(bars: readonly PlacedBar[], x: number, y: number): PlacedBar | undefined {
  return bars.findLast((each) => x >= each.x && x <= each.x + each.width && y >= each.y && y <= each.y + barHeight)
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
