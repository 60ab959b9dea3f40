/** @module Which segments and snapshots nobody needs any more. */

/** What there is. */
export interface History {
  /** Lowest first. */
  readonly segments: readonly { readonly n: number; readonly bytes: number; readonly changedAt: number }[]
  readonly snapshots: readonly number[]
  readonly now: number
  /** How long replaced segments are kept, in ms, and how many bytes of them. */
  readonly keepFor: number
  readonly keepBytes: number
  /** How long they are kept whatever their size. */
  readonly leastAge: number
}

/** How many generations back are kept whatever their age: somebody may be reading them. */
const generations = 2

/** What may go: segments that a snapshot has replaced long ago, and snapshots with no segment behind them. */
export function obsolete({ segments, snapshots, now, keepFor, keepBytes, leastAge }: History): {
  readonly segments: readonly number[]
  readonly snapshots: readonly number[]
} {
  const newest = snapshots.at(-generations)
  if (newest === undefined) return { segments: [], snapshots: [] }
  const replaced = segments.filter(({ n }) => n < newest)
  let bytes = 0
  let from = newest
  for (const { n, bytes: size, changedAt } of replaced.toReversed()) {
    const age = now - changedAt
    bytes += size
    if (age > leastAge && (age > keepFor || bytes > keepBytes)) break
    from = n
  }
  // history begins at a snapshot: what stands before the first of them cannot be folded alone
  const first = snapshots.findLast((n) => n <= from) ?? 1
  return {
    segments: replaced.filter(({ n }) => n < first).map(({ n }) => n),
    snapshots: snapshots.filter((n) => n < first),
  }
}
