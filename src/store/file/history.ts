/** @module The journal as it was written: a base, then each record with what the fold made of it, then what is appended. */
import { setImmediate as turn } from 'node:timers/promises'
import { StoreError } from '../../errors.ts'
import { foldStore } from '../../machines/fold-store.ts'
import { judgeHeader, type SegmentHeader } from '../../machines/format.ts'
import { readRecord } from '../../machines/read-record.ts'
import { emptyStore, type StoreState } from '../../machines/store-state.ts'
import type { HistoryOptions, HistoryStep } from '../store.ts'
import type { Disk } from './disk.ts'
import { type Layout, numbersIn } from './layout.ts'
import { type Line, Segment } from './segment.ts'
import { readNewestSnapshot } from './snapshot.ts'

/** What a history is read from. */
export interface HistoryHost {
  readonly disk: Disk
  readonly layout: Layout
  readonly storeId: string
  monotonic(): number
  /** Makes the values that stand in files of their own readable: those of a record, or of all tasks. */
  prepare(from: StoreState | HistoryStep): void
  /** What cannot be read, in words. */
  failure(error: unknown): Error
  /** Calls the listener whenever something may have been appended. */
  onNews(listener: () => void): () => void
}

/** How long one may read, in ms, before others get a turn. */
const longestStretch = 8
/** How often the beginning is looked for while others take files away. */
const mostTries = 8

/** Reads the journal from as far back as there is an unbroken way. Ends at the end, or by the signal if it follows. */
export async function* readHistory(host: HistoryHost, options: HistoryOptions = {}): AsyncGenerator<HistoryStep> {
  const { follow = false, signal } = options
  const bell = new Bell(host, signal)
  const reader = new HistoryReader(host)
  try {
    for (let tries = 0; signal?.aborted !== true; ) {
      bell.reset()
      const more = yield* reader.read(() => signal?.aborted === true)
      if (more === 'begin') {
        tries += 1
        if (tries > mostTries) throw new StoreError('STORE', `the journal of ${host.layout.root} has a gap`)
        continue
      }
      tries = 0
      yield { type: 'level' }
      if (!follow) return
      await bell.rung()
    }
  } catch (error) {
    throw host.failure(error)
  } finally {
    bell.close()
    reader.close()
  }
}

class HistoryReader {
  readonly #host: HistoryHost
  #state: StoreState | undefined
  #segment: Segment | undefined
  /** How many lines of the segment were given. */
  #given = 0

  constructor(host: HistoryHost) {
    this.#host = host
  }

  /** Reads to the end. `'begin'`: others have taken away what comes next. */
  async *read(isOver: () => boolean): AsyncGenerator<HistoryStep, 'level' | 'begin'> {
    if (this.#segment === undefined && !(yield* this.#begin())) return 'begin'
    let since = this.#host.monotonic()
    for (;;) {
      const segment = this.#segment as Segment
      const steps: HistoryStep[] = []
      const more = segment.read((line) => this.#line(segment, line, steps))
      this.#damage(segment, steps)
      for (const step of steps) {
        if (isOver()) return 'level'
        yield this.#judged(step)
        if (this.#host.monotonic() - since < longestStretch) continue
        await turn()
        since = this.#host.monotonic()
      }
      if (!more && !segment.sealed) return 'level'
      if (segment.sealed && !this.#next(segment)) return this.#isEnd(segment.n) ? 'level' : this.#lose()
      if (this.#host.monotonic() - since < longestStretch) continue
      await turn()
      since = this.#host.monotonic()
    }
  }

  close(): void {
    this.#segment?.close()
    this.#segment = undefined
  }

  /** Finds the oldest segment from which all others follow, and the fold of what was before. */
  async *#begin(): AsyncGenerator<HistoryStep, boolean> {
    const { disk, layout } = this.#host
    const segments = numbersIn(disk, layout.journal)
    const snapshots = new Set(numbersIn(disk, layout.snapshots))
    const gap = segments.findLastIndex((n, i) => i > 0 && segments[i - 1] !== n - 1)
    for (const n of segments.slice(Math.max(gap, 0))) {
      if (n > 1 && !snapshots.has(n)) continue
      const { state, next } =
        n === 1 ? { state: undefined, next: 1 } : await readNewestSnapshot(disk, layout, undefined, n)
      const file = next === n ? disk.openRead(layout.segment(n)) : undefined
      if (file === undefined) continue
      this.#state = state ?? emptyStore()
      this.#segment = new Segment(disk, n, file)
      this.#given = 0
      this.#host.prepare(this.#state)
      yield { type: 'base', state: this.#state, complete: n === 1 }
      return true
    }
    await turn()
    return false
  }

  #line(segment: Segment, line: Line, steps: HistoryStep[]): void {
    this.#damage(segment, steps)
    const record = readRecord(line)
    const where = { segment: segment.n, line: segment.events + segment.frames.damaged }
    if (record === undefined || record === 'unknown') steps.push({ type: 'damage', where, lines: 1 })
    else if (record.type === 'header') this.#header(segment, record)
    else steps.push({ type: 'record', record, where } as HistoryStep)
  }

  /** Damaged lines that were met since the last step. */
  #damage({ n, events, frames: { damaged } }: Segment, steps: HistoryStep[]): void {
    if (damaged > this.#given)
      steps.push({ type: 'damage', where: { segment: n, line: events + damaged }, lines: damaged - this.#given })
    this.#given = damaged
  }

  #header({ n }: Segment, header: SegmentHeader): void {
    const { layout, storeId } = this.#host
    const judged = judgeHeader(header)
    if (header.storeId !== storeId) throw new StoreError('STORE', `${layout.segment(n)} belongs to another store`)
    if (judged.verdict === 'refuse') throw new StoreError('STORE', `${layout.root}: ${judged.reason}`)
  }

  /** Folds a record when its turn comes: whoever reads sees the state just after it. */
  #judged(step: HistoryStep): HistoryStep {
    if (step.type !== 'record') return step
    this.#host.prepare(step)
    return { ...step, verdict: foldStore(this.#state as StoreState, step.record) }
  }

  #next(sealed: Segment): boolean {
    const file = this.#host.disk.openRead(this.#host.layout.segment(sealed.n + 1))
    if (file === undefined) return false
    sealed.close()
    this.#segment = new Segment(this.#host.disk, sealed.n + 1, file)
    this.#given = 0
    return true
  }

  /** Whether nothing stands behind a segment yet. */
  #isEnd(n: number): boolean {
    const { disk, layout } = this.#host
    return (
      (numbersIn(disk, layout.journal).at(-1) ?? 0) <= n && (numbersIn(disk, layout.snapshots).at(-1) ?? 0) <= n + 1
    )
  }

  #lose(): 'begin' {
    this.close()
    return 'begin'
  }
}

/** Waits for news, those included that came while nobody waited. */
class Bell {
  readonly #off: (() => void)[] = []
  #ring: () => void = () => {}
  #rung: Promise<void> = Promise.resolve()

  constructor(host: HistoryHost, signal: AbortSignal | undefined) {
    const ring = (): void => this.#ring()
    this.#off.push(host.onNews(ring))
    signal?.addEventListener('abort', ring)
    this.#off.push(() => signal?.removeEventListener('abort', ring))
  }

  /** What comes from now on counts. */
  reset(): void {
    this.#rung = new Promise((resolve) => {
      this.#ring = resolve
    })
  }

  rung(): Promise<void> {
    return this.#rung
  }

  close(): void {
    for (const off of this.#off) off()
  }
}
