/** @module Studies all digests together: heavy work, so that its task runs it in a thread. */
import type { TaskContext } from 'offstage'
import type { Digest } from './digest.ts'

/** What the documents say as a whole. */
export interface Study {
  /** The most telling terms of all documents. */
  readonly terms: readonly string[]
  /** The most telling terms of each document, in the order of the digests. */
  readonly termsOf: readonly (readonly string[])[]
  /** How many different terms there are. */
  readonly vocabulary: number
  /** Documents that are copies of others. */
  readonly copies: number
  /** How the different documents compare, two by two. */
  readonly pairs: Pairs
}

/** What came of comparing documents. */
export interface Pairs {
  readonly compared: number
  /** Pairs so alike that one is a copy with small changes. */
  readonly nearCopies: number
  /** The most alike of the others; `alike` is the cosine of their terms, from 0 to 1. */
  readonly closest: { readonly paths: readonly [string, string]; readonly alike: number } | undefined
}

type Vector = ReadonlyMap<string, number>
const telling = 10
const nearCopy = 0.95

/**
 * Weighs terms by tf-idf: a term counts more the more often its document uses it, and the fewer documents know it.
 * In the whole, a term counts by its share of each document, a document by the root of its length, and copies once.
 */
export function study(_: undefined, { needs, progress, log }: TaskContext<readonly (readonly Digest[])[]>): Study {
  const digests = needs.flat()
  const unique = [...new Map(digests.map((digest) => [digest.hash, digest])).values()]
  const spread = tally(unique.flatMap(({ terms }) => terms.map(([term]) => [term, 1] as const)))
  const vectors = new Map(unique.map((digest) => [digest.hash, weigh(digest, spread, unique.length)]))
  progress(0.1, `${spread.size} terms weighed`)

  const shares = unique.flatMap(({ hash, words }) => {
    const vector = [...(vectors.get(hash) as Vector)].filter(([term]) => (spread.get(term) ?? 0) > 1)
    return vector.map(([term, weight]) => [term, weight ** 2 * Math.sqrt(words)] as const)
  })
  log(`comparing ${unique.length} documents`)
  return {
    terms: top(tally(shares)),
    termsOf: digests.map(({ hash }) => top(vectors.get(hash) ?? new Map())),
    vocabulary: spread.size,
    copies: digests.length - unique.length,
    pairs: compare(unique, vectors, progress),
  }
}

function tally(pairs: Iterable<readonly [string, number]>): Map<string, number> {
  const sums = new Map<string, number>()
  for (const [key, n] of pairs) sums.set(key, (sums.get(key) ?? 0) + n)
  return sums
}

/** A document as a vector of length 1. */
function weigh({ terms }: Digest, spread: Vector, documents: number): Vector {
  const weights = terms.map(([term, times]) => {
    return [term, (1 + Math.log(times)) * Math.log(documents / (spread.get(term) ?? 1))] as const
  })
  const length = Math.hypot(...weights.map(([, weight]) => weight)) || 1
  return new Map(weights.map(([term, weight]) => [term, weight / length]))
}

const top = (weights: Vector): string[] =>
  [...weights]
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, telling)
    .map(([term]) => term)

function compare(
  documents: readonly Digest[],
  vectors: ReadonlyMap<string, Vector>,
  progress: TaskContext['progress'],
): Pairs {
  let compared = 0
  let nearCopies = 0
  let closest: Pairs['closest']
  for (const [i, one] of documents.entries()) {
    for (const other of documents.slice(i + 1)) {
      const alike = cosine(vectors.get(one.hash) as Vector, vectors.get(other.hash) as Vector)
      compared += 1
      if (alike >= nearCopy) nearCopies += 1
      else if (alike > (closest?.alike ?? 0)) closest = { paths: [one.path, other.path], alike }
    }
    progress(0.1 + (0.9 * (i + 1)) / documents.length, `${i + 1} of ${documents.length} compared`)
  }
  return { compared, nearCopies, closest }
}

function cosine(a: Vector, b: Vector): number {
  const [short, long] = a.size < b.size ? [a, b] : [b, a]
  let sum = 0
  for (const [term, weight] of short) sum += weight * (long.get(term) ?? 0)
  return sum
}
