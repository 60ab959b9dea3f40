/** @module Who lays charts out: a thread where there may be one, for the loop of the host has other things to do. */
import { Worker } from 'node:worker_threads'
import type { Clock, TimerHandle } from '../../clock.ts'
import { OffstageError } from '../../errors.ts'
import type { ChartGraph } from '../../machines/chart-graph.ts'
import { beside } from '../beside.ts'
import type { LaidOutChart } from '../protocol.ts'
import { layoutChart, refuseLarge } from './layout.ts'

/** What the thread is asked. */
export interface LayoutQuestion {
  readonly key: number
  readonly graph: ChartGraph
}

/** What it answers. */
export type LayoutAnswer =
  | { readonly key: number; readonly chart: LaidOutChart }
  | { readonly key: number; readonly failure: string }

interface Waiting {
  resolve(chart: LaidOutChart): void
  reject(error: OffstageError): void
}

/** No chart of those that are not refused comes near it, in MB. */
const heap = { maxOldGenerationSizeMb: 512 }

/** How long the thread stays for another chart, in ms: it takes a second to be there. */
const idle = 30_000

/** Lays charts out. Its thread begins with the first one, leaves when none is wanted, and never keeps the process alive. */
export class Layouts {
  readonly #clock: Clock
  readonly #program = beside('chart/layout-thread.js')
  readonly #waiting = new Map<number, Waiting>()
  #thread: Worker | undefined
  #keys = 0
  #closed = false
  #leaving: TimerHandle | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * The same chart gives the same picture.
   *
   * @throws {ValidationError} for more than 400 states or 2,000 edges. @throws {OffstageError} INSPECTOR_CLOSED; CHART where
   * it could not be laid out.
   */
  async layout(graph: ChartGraph): Promise<LaidOutChart> {
    refuseLarge(graph)
    if (this.#closed) throw closed()
    if (this.#program === undefined) return layoutChart(graph)
    this.#stay()
    this.#thread ??= this.#start(this.#program)
    const thread = this.#thread
    this.#keys += 1
    const key = this.#keys
    return new Promise((resolve, reject) => {
      thread.postMessage({ key, graph } satisfies LayoutQuestion)
      this.#waiting.set(key, { resolve, reject })
    })
  }

  close(): void {
    this.#closed = true
    this.#end(closed())
  }

  #start(program: URL): Worker {
    const thread = new Worker(program, {
      name: 'offstage layout',
      env: {},
      execArgv: [],
      resourceLimits: heap,
    })
    thread.unref()
    thread.on('message', (answer: LayoutAnswer) => {
      // the last word of one that was told to end
      if (this.#thread !== thread) return
      const waiting = this.#waiting.get(answer.key)
      this.#waiting.delete(answer.key)
      if ('chart' in answer) waiting?.resolve(answer.chart)
      else waiting?.reject(failed(answer.failure))
      if (this.#waiting.size === 0) this.#leaveSoon()
    })
    const over = (why: unknown): void => {
      if (this.#thread === thread) this.#end(failed(why))
    }
    thread.once('error', over)
    thread.once('exit', (code) => over(`its thread ended with ${code}`))
    return thread
  }

  #leaveSoon(): void {
    this.#stay()
    this.#leaving = this.#clock.setTimeout(() => this.#end(closed()), idle)
    this.#leaving.unref?.()
  }

  #stay(): void {
    if (this.#leaving !== undefined) this.#clock.clearTimeout(this.#leaving)
    this.#leaving = undefined
  }

  /** The next chart begins another thread. */
  #end(error: OffstageError): void {
    this.#stay()
    void this.#thread?.terminate()
    this.#thread = undefined
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
  }
}

const closed = (): OffstageError => new OffstageError('INSPECTOR_CLOSED', 'the inspector was closed')
const failed = (cause: unknown): OffstageError =>
  new OffstageError('CHART', 'the chart could not be laid out', { cause })
