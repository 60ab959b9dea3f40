/** Journals made at random, careless ones: much of what is written does not count. */
import type { StoreRecord } from '../../../src/machines/records.ts'
import { seededRandom } from '../../../src/random.ts'

const limits = { timeout: undefined, grace: 1_000, maxAttempts: 3, maxOrphans: 1 }

/** So many records about ever new tasks, by a clock that is set back now and then. */
export function* randomJournal(seed: number, length: number): Generator<StoreRecord> {
  const random = seededRandom(seed)
  const below = (n: number): number => Math.floor(random.next() * n)
  let now = 1_000_000
  let born = 0
  let workers = 3
  const runs = new Map<string, { run: number; claim: string }>()
  for (let i = 0; i < length; i += 1) {
    now += below(100) === 0 ? -below(5_000) : below(40)
    const at = now
    // the newest few move, old ones now and then
    const task = `t${Math.max(1, born - below(below(10) === 0 ? 200 : 20))}`
    const { run, claim } = runs.get(task) ?? { run: 0, claim: 'none' }
    const of = { task, at, claim }
    const kind = below(100)
    if (kind < 16 || born === 0) {
      born += 1
      const needs = born > 3 && below(8) === 0 ? { needs: [`t${born - 1 - below(3)}`] } : {}
      const delay = below(10) === 0 ? { delay: 50 } : {}
      yield { type: 'submit', task: `t${born}`, at, name: `task ${born}`, limits, ...needs, ...delay }
    } else if (kind < 42) {
      const next = { run: run + 1, claim: `c${i}` }
      runs.set(task, next)
      yield { type: 'start', task, at, ...next, worker: `w${workers - below(3)}` }
    } else if (kind < 52) yield { type: 'progress', ...of, fraction: below(100) / 100 }
    else if (kind < 66) yield { type: 'complete', ...of, result: i }
    else if (kind < 76) {
      const retry = below(2) === 0 ? { retryAt: at + 10 } : {}
      yield { type: 'fail', ...of, error: { code: 'ERROR', message: 'broken' }, ...retry }
    } else if (kind < 82) yield { type: 'cancel', task, at, reason: 'not wanted' }
    else if (kind < 86) yield { type: 'ended', ...of }
    else if (kind < 88) yield { type: 'ask', ...of, ask: 1, wait: { kind: 'input' } }
    else if (kind < 90) yield { type: 'answer', ...of, ask: 1 }
    else if (kind < 92) yield { type: 'release', ...of }
    else if (kind < 93) {
      yield { type: 'expire', worker: `w${workers - below(3)}`, at }
      workers += 1
    } else yield { type: 'forget', task: `t${Math.max(1, born - 30 - below(100))}`, at }
  }
}
