/** @module Rounds, taken in turn by all contestants of one process, and what is read from them. */

/** What one round cost, in ms. */
export interface Round {
  readonly wall: number
  /** User and system time of all threads: what stays true when others use the machine too. */
  readonly cpu: number
}

/** What is run, and how much of it one round does. */
export interface Contestant {
  readonly name: string
  /** Prepares a round; the function it returns is what is timed. */
  prepare(): () => Promise<void> | void
  /** Clears up behind a round, untimed. */
  finish?(): Promise<unknown> | unknown
}

/** The rounds of every contestant, by name. Each round visits all of them, beginning with another one every time. */
export async function interleave(
  contestants: readonly Contestant[],
  rounds: number,
  warmUps = 2,
): Promise<ReadonlyMap<string, readonly Round[]>> {
  const taken = new Map<string, Round[]>(contestants.map(({ name }) => [name, []]))
  for (let round = -warmUps; round < rounds; round += 1) {
    for (let i = 0; i < contestants.length; i += 1) {
      const contestant = contestants[(i + round + warmUps) % contestants.length] as Contestant
      const spent = await once(contestant)
      if (round >= 0) taken.get(contestant.name)?.push(spent)
    }
  }
  return taken
}

async function once(contestant: Contestant): Promise<Round> {
  const work = contestant.prepare()
  // a full collection before every round shrinks V8's young space, which no program in production meets
  if (process.env.BENCH_GC === '1') globalThis.gc?.()
  const cpu = process.cpuUsage()
  const began = performance.now()
  await work()
  const wall = performance.now() - began
  const { user, system } = process.cpuUsage(cpu)
  await contestant.finish?.()
  return { wall, cpu: (user + system) / 1_000 }
}

/** The middle value. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const half = sorted.length >> 1
  const upper = sorted[half] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2
}

/** The value below which a share of them lies: 0.99 for p99. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}

/** Best and median of one kind of time, in ms. */
export interface Spread {
  readonly best: number
  readonly median: number
}

export function spread(rounds: readonly Round[] | undefined, kind: keyof Round): Spread {
  const values = (rounds ?? []).map((round) => round[kind])
  return { best: Math.min(...values), median: median(values) }
}
