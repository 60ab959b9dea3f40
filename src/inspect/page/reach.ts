/** @module How far back the page can look, in words, and how much happened when. */
import type { Mark, Reach } from '../protocol.ts'
import { countOf, spanOf } from './views/parts/format.ts'

export interface ReachWords {
  readonly back: string
  /** The reason, at length. */
  readonly why: string
  readonly faults: string | undefined
}

/** @param time The time of the moment that is shown. */
export function reachOf(reach: Reach, time: number): ReachWords {
  return { ...backOf(reach, time), faults: faultsOf(reach) }
}

function backOf({ source, since, first, last, loading, complete }: Reach, time: number): Omit<ReachWords, 'faults'> {
  if (loading !== undefined) {
    const share = Math.round(Math.min(1, Math.max(0, loading)) * 100)
    return { back: `Reading the journal, ${share} %`, why: 'The files of the store are being read.' }
  }
  if (since === undefined || first === last)
    return { back: 'Recording', why: 'Whatever happens from now on can be looked at again.' }
  const span = spanOf(time - since)
  if (complete) return { back: `The whole journal, ${span}`, why: 'Nothing was before it.' }
  if (source === 'attached')
    return {
      back: `${span} back, since you looked`,
      why: 'This store keeps no history: it is recorded while somebody looks.',
    }
  return {
    back: `${span} back, as far as it is kept`,
    why: 'Older files were tidied away, or are more than is kept here.',
  }
}

function faultsOf({ damaged, missed }: Reach): string | undefined {
  const faults: string[] = []
  if (damaged > 0) faults.push(countOf(damaged, 'damaged line'))
  if (missed > 0) faults.push(`${missed.toLocaleString('en')} not kept`)
  return faults.length === 0 ? undefined : faults.join(', ')
}

/**
 * How fast it went in each slice, from 0 to 1. The slices hold equal numbers of positions, so what differs is how long each
 * took. A few fast ones do not flatten all others, and where all are alike none is full.
 */
export function heightsOf(marks: readonly Mark[]): readonly number[] {
  const rates = marks.map(({ time, happened }, i) => happened / Math.max(1, time - (marks[i - 1]?.time ?? time)))
  const sorted = rates.toSorted((a, b) => a - b)
  const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? 0
  const high = Math.max(at(0.97), 2 * at(0.5), Number.MIN_VALUE)
  return rates.map((rate) => Math.min(1, Math.sqrt(rate / high)))
}
