/** @module Who lays charts out: a thread where there may be one, for the loop of the host has other things to do. */
import { Worker } from 'node:worker_threads'
import { OffstageError } from '../../errors.ts'
import type { ChartGraph } from '../../machines/chart-graph.ts'
import { threadUrl } from '../../thread-url.ts'
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

/** Lays charts out. Its thread is there while a chart is waited for, and never keeps the process alive. */
export class Layouts {
  readonly #program = threadUrl('inspect/chart/layout-thread')
  readonly #waiting = new Map<number, Waiting>()
  #thread: Worker | undefined
  #keys = 0
  #closed = false

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
    this.#thread ??= this.#start(this.#program)
    const thread = this.#thread
    this.#keys += 1
    const key = this.#keys
    return new Promise((resolve, reject) => {
      this.#waiting.set(key, { resolve, reject })
      thread.postMessage({ key, graph } satisfies LayoutQuestion)
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
      const waiting = this.#waiting.get(answer.key)
      this.#waiting.delete(answer.key)
      if ('chart' in answer) waiting?.resolve(answer.chart)
      else waiting?.reject(failed(answer.failure))
      if (this.#waiting.size === 0) this.#end(closed())
    })
    const over = (why: unknown): void => {
      if (this.#thread === thread) this.#end(failed(why))
    }
    thread.once('error', over)
    thread.once('exit', (code) => over(`its thread ended with ${code}`))
    return thread
  }

  /** The next chart begins another thread. */
  #end(error: OffstageError): void {
    void this.#thread?.terminate()
    this.#thread = undefined
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
  }
}

const closed = (): OffstageError => new OffstageError('INSPECTOR_CLOSED', 'the inspector was closed')
const failed = (cause: unknown): OffstageError =>
  new OffstageError('CHART', 'the chart could not be laid out', { cause })
