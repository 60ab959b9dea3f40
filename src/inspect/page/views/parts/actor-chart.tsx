/** @module The chart of an actor, fetched once, with the states that it is in. */
import { useEffect, useState } from 'preact/hooks'
import type { LaidOutChart } from '../../../protocol.ts'

type Loaded = { readonly id: string; readonly chart?: LaidOutChart; readonly error?: string }

/** The chart of that id; `undefined` while it is on its way. */
export function useChart(id: string | undefined): Loaded | undefined {
  const [loaded, load] = useState<Loaded>()
  useEffect(() => {
    if (id === undefined) return undefined
    const stop = new AbortController()
    fetch(`./api/charts/${encodeURIComponent(id)}`, { signal: stop.signal })
      .then(async (response) => {
        if (!response.ok) throw new Error(`the server answers ${response.status}`)
        load({ id, chart: (await response.json()) as LaidOutChart })
      })
      .catch((error: unknown) => {
        if (!stop.signal.aborted) load({ id, error: error instanceof Error ? error.message : 'no answer' })
      })
    return () => stop.abort()
  }, [id])
  return loaded?.id === id ? loaded : undefined
}

interface ChartProps {
  readonly chart: LaidOutChart
  /** The dotted leaves that it is in. */
  readonly active: readonly string[]
}

/** Whether a state, or one inside of it, is among the leaves. */
const holds = (id: string, active: readonly string[]): boolean =>
  active.some((leaf) => leaf === id || leaf.startsWith(`${id}.`))

/** Drawn as it was laid out. */
export function ActorChart({ chart, active }: ChartProps) {
  return (
    <svg
      class="actor-chart"
      viewBox={`-8 -8 ${chart.width + 16} ${chart.height + 16}`}
      style={{ maxWidth: `${chart.width + 16}px` }}
      role="img"
      aria-label={`The chart ${chart.title}, in ${active.join(', ') || 'no state'}`}
    >
      <defs>
        <marker id="actor-tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">
          <path d="M0 0.5L7.5 4L0 7.5z" />
        </marker>
      </defs>
      {chart.nodes.map(({ id, label, kind, x, y, width, height }) =>
        kind === 'start' ? (
          <circle key={id} class="node-start" cx={x + width / 2} cy={y + height / 2} r="4" />
        ) : (
          <g key={id} class={`node kind-${kind} ${holds(id, active) ? 'active' : ''}`}>
            <rect x={x} y={y} width={width} height={height} rx="6" />
            {kind === 'final' && (
              <rect class="inner" x={x + 3} y={y + 3} width={width - 6} height={height - 6} rx="4" />
            )}
            <text
              x={kind === 'compound' || kind === 'parallel' ? x + 10 : x + width / 2}
              y={kind === 'compound' || kind === 'parallel' ? y + 17 : y + height / 2 + 4}
              text-anchor={kind === 'compound' || kind === 'parallel' ? 'start' : 'middle'}
            >
              {label}
            </text>
          </g>
        ),
      )}
      {chart.edges.map(({ id, points, label, labels }) => (
        <g key={id} class="edge">
          <path d={`M${points.map(([x, y]) => `${x} ${y}`).join('L')}`} marker-end="url(#actor-tip)" />
          {label !== undefined &&
            labels.map(({ event, guard }, place) => (
              <text
                key={`${event} ${guard}`}
                x={label.x + label.width / 2}
                y={label.y + 11 + place * 14}
                text-anchor="middle"
              >
                {guard === undefined ? event : `${event} [${guard}]`}
              </text>
            ))}
        </g>
      ))}
    </svg>
  )
}
