/** @module The heart of a process: it beats in a small thread, so that a blocked event loop is not taken for a dead worker. */
import { Worker } from 'node:worker_threads'
import type { Clock, TimerHandle } from '../../clock.ts'

/** What a beat changes: a line of fixed length in a file. */
export interface BeatPlace {
  readonly path: string
  /** Where in the file it stands. */
  readonly offset: number
}

/** How many digits a number has in a beat. */
const digits = 15
const field = (n: number): string => String(Math.floor(n)).padStart(digits, '0')

/** The line of a beat: how often the heart has beaten, how often the loop has turned, and when it did last, in epoch ms. */
export const beatLine = (beats: number, turns: number, turnedAt: number): string =>
  `${field(beats)} ${field(turns)} ${field(turnedAt)}\n`

/**
 * The thread's program, as text: it must start whatever bundler put the library together.
 * It knows nothing but files and numbers.
 */
const program = `
const { parentPort, workerData } = require('node:worker_threads')
const fs = require('node:fs')
const { loop, every } = workerData
const files = new Map()
const field = (n) => String(Math.floor(n)).padStart(${digits}, '0')
let beats = 0
const beat = () => {
  beats += 1
  const line = field(beats) + ' ' + field(loop[0]) + ' ' + field(loop[1]) + '\\n'
  for (const { path, offset } of files.values()) {
    try {
      const file = fs.openSync(path, 'r+')
      try { fs.writeSync(file, line, offset) } finally { fs.closeSync(file) }
    } catch {}
  }
}
parentPort.on('message', ({ join, leave }) => {
  if (join) files.set(join.path, join)
  if (leave) files.delete(leave)
  beat()
})
setInterval(beat, every)
`

/** What a heart needs. */
export interface HeartOptions {
  readonly clock: Clock
  /** Ms between two beats. */
  readonly every: number
  /** Whether it beats in a thread; otherwise it beats with the loop. */
  readonly thread: boolean
  /** Beats where there is no thread to do it: then the loop's turns are the beats. */
  beat(path: string): void
  warn(message: string, cause: unknown): void
}

export class Heart {
  readonly #options: HeartOptions
  readonly #places = new Map<string, BeatPlace>()
  /** Turns of the loop, and when it turned last: shared with the thread. */
  readonly #loop = new Float64Array(new SharedArrayBuffer(16))
  #thread: Worker | undefined
  #timer: TimerHandle | undefined

  constructor(options: HeartOptions) {
    this.#options = options
  }

  /** Beats there from now on. */
  join(place: BeatPlace): void {
    this.#places.set(place.path, place)
    if (this.#timer === undefined) this.#start()
    this.#thread?.postMessage({ join: place })
  }

  /** Beats there no more. */
  leave(path: string): void {
    this.#places.delete(path)
    this.#thread?.postMessage({ leave: path })
    if (this.#places.size === 0) this.close()
  }

  close(): void {
    this.#places.clear()
    if (this.#timer !== undefined) this.#options.clock.clearTimeout(this.#timer)
    this.#timer = undefined
    void this.#thread?.terminate()
    this.#thread = undefined
  }

  #start(): void {
    if (this.#options.thread) this.#startThread()
    this.#turn()
  }

  #startThread(): void {
    const { every, warn } = this.#options
    try {
      const thread = new Worker(program, {
        eval: true,
        workerData: { loop: this.#loop, every },
        env: {},
        execArgv: [],
        stdout: false,
        resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 },
      })
      thread.unref()
      thread.once('error', (error) => {
        this.#thread = undefined
        warn('the heartbeat goes on without its thread', error)
      })
      this.#thread = thread
    } catch (error) {
      warn('the heartbeat goes on without its thread', error)
    }
  }

  /** The loop has turned; without a thread that is the beat. */
  #turn(): void {
    const { clock, every, beat } = this.#options
    this.#loop[0] = (this.#loop[0] ?? 0) + 1
    this.#loop[1] = clock.now()
    if (this.#thread === undefined) for (const path of this.#places.keys()) beat(path)
    this.#timer = clock.setTimeout(() => this.#turn(), every)
    this.#timer.unref?.()
  }
}
