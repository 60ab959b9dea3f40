/** @module The chart of an actor, fetched once, with the states that it is in. */
import { useEffect, useState } from 'preact/hooks'
import type { LaidOutChart } from '../../../protocol.ts'
import { address } from '../../connection.ts'
import { ChartDrawing, type Counted } from './chart-drawing.tsx'
import { useWidth } from './size.ts'

type Loaded = { readonly id: string; readonly chart?: LaidOutChart; readonly error?: string }

/** The chart of that id; `undefined` while it is on its way. */
export function useChart(id: string | undefined): Loaded | undefined {
  const [loaded, load] = useState<Loaded>()
  useEffect(() => {
    if (id === undefined) return undefined
    const stop = new AbortController()
    fetch(address(`api/charts/${encodeURIComponent(id)}`), { signal: stop.signal })
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

const nothing: Counted = { counts: {}, rates: {}, edges: {}, pulses: new Set() }
/** Larger than it was laid out, it would look coarse. */
const largest = 1.1

/** The whole chart, as wide as there is room. */
export function ActorChart({ chart, active }: ChartProps) {
  const [box, width] = useWidth<HTMLDivElement>(600)
  const scale = Math.min(largest, width / Math.max(1, chart.width))
  const height = Math.ceil(chart.height * scale)
  return (
    <div ref={box} class="actor-chart" style={{ height: `${height}px` }}>
      <ChartDrawing
        chart={chart}
        width={width}
        height={height}
        place={{ x: 0, y: 0, scale }}
        counted={nothing}
        chosen={active}
        last={undefined}
        choose={undefined}
      />
    </div>
  )
}
