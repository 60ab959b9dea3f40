/**
 * @module The heart of a process: it beats in a small thread, so that a blocked event loop is not taken for a dead worker.
 * One thread beats for all stores and workers of a process.
 */
import { closeSync, constants, openSync, writeSync } from 'node:fs'
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
/** How many bytes it has. */
export const beatBytes = 3 * (digits + 1)

/** Never through a link, and never waiting for the other end of a FIFO. */
const flags = constants.O_RDWR | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

/**
 * The thread's program, as text: it must start whatever bundler put the library together. It knows nothing but files
 * and numbers. On a full disk of a system that copies what it overwrites, only the time of the file still beats.
 */
const program = `
const { parentPort } = require('node:worker_threads')
const fs = require('node:fs')
const places = new Map()
const field = (n) => String(Math.floor(n)).padStart(${digits}, '0')
const write = (path, line, offset) => {
  const file = fs.openSync(path, ${flags})
  try {
    try {
      fs.writeSync(file, line, offset)
    } catch {
      fs.futimesSync(file, new Date(), new Date())
    }
  } finally {
    fs.closeSync(file)
  }
}
const beat = (place) => {
  place.beats += 1
  if (place.turns !== place.loop[0]) {
    place.turns = place.loop[0]
    place.turnedAt = Date.now()
  }
  try {
    write(place.path, field(place.beats) + ' ' + field(place.turns) + ' ' + field(place.turnedAt) + '\\n', place.offset)
    place.fails = false
  } catch (error) {
    if (!place.fails) parentPort.postMessage({ key: place.key, message: String(error) })
    place.fails = true
  }
}
parentPort.on('message', ({ join, leave }) => {
  if (join) {
    const place = { ...join, beats: 0, turns: -1, turnedAt: 0, fails: false }
    place.timer = setInterval(beat, join.every, place)
    places.set(join.key, place)
    beat(place)
  }
  if (leave && places.has(leave)) {
    clearInterval(places.get(leave).timer)
    places.delete(leave)
  }
})
`

/** What the thread is told of a place. */
interface ThreadPlace extends BeatPlace {
  readonly every: number
  /** The turns of the loop: shared with the thread. */
  readonly loop: Float64Array
  failed(message: string): void
  /** The thread is no more. */
  lost(cause: unknown): void
}

/** The heap that it may fill, in MB; it uses less than half of that. */
const heap = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 4, stackSizeMb: 1 }

/** The thread of a process. */
class BeatThread {
  readonly #places = new Map<number, ThreadPlace>()
  #thread: Worker | undefined
  #keys = 0

  /** @throws What the system says when no thread can be started. */
  join(place: ThreadPlace): number {
    this.#thread ??= this.#start()
    this.#keys += 1
    const key = this.#keys
    const { path, offset, every, loop } = place
    this.#places.set(key, place)
    this.#thread.postMessage({ join: { key, path, offset, every, loop } })
    return key
  }

  leave(key: number): void {
    if (!this.#places.delete(key)) return
    if (this.#places.size > 0) return this.#thread?.postMessage({ leave: key })
    const thread = this.#thread
    this.#thread = undefined
    void thread?.terminate()
  }

  #start(): Worker {
    const thread = new Worker(program, {
      eval: true,
      name: 'offstage heartbeat',
      env: {},
      execArgv: [],
      resourceLimits: heap,
    })
    thread.on('message', ({ key, message }: { key: number; message: string }) => this.#places.get(key)?.failed(message))
    thread.once('error', (error) => this.#ended(thread, error))
    thread.once('exit', (code) => this.#ended(thread, `it ended with ${code}`))
    thread.unref()
    return thread
  }

  #ended(thread: Worker, cause: unknown): void {
    if (this.#thread !== thread) return
    this.#thread = undefined
    const places = [...this.#places.values()]
    this.#places.clear()
    for (const place of places) place.lost(cause)
  }
}

/** Stores of one process share it; it runs while one of them has a worker. */
const shared = new BeatThread()

/** What a heart needs. */
export interface HeartOptions {
  readonly clock: Clock
  /** Ms between two beats. */
  readonly every: number
  /** Whether it beats in a thread; otherwise it beats with the loop. */
  readonly thread: boolean
  /** Beats where files are simulated: then the loop's turns are the beats. */
  touch(path: string): void
  /** Told with each turn of the loop. */
  turned(): void
  warn(message: string, cause: unknown): void
}

/** A place, and who beats there: the thread by its key, or this loop. */
interface Place extends BeatPlace {
  key: number | undefined
  beats: number
  fails: boolean
}

/** The hearts of a store's own workers. */
export class Heart {
  readonly #options: HeartOptions
  readonly #places = new Map<string, Place>()
  readonly #loop = new Float64Array(new SharedArrayBuffer(8))
  #timer: TimerHandle | undefined

  constructor(options: HeartOptions) {
    this.#options = options
  }

  /** Beats there from now on. */
  join({ path, offset }: BeatPlace): void {
    this.leave(path)
    const place: Place = { path, offset, key: undefined, beats: 0, fails: false }
    this.#places.set(path, place)
    if (this.#options.thread) this.#joinThread(place)
    if (this.#timer === undefined) this.#turn()
    else if (place.key === undefined) this.#beat(place)
  }

  /** Beats there no more. */
  leave(path: string): void {
    const place = this.#places.get(path)
    if (place === undefined) return
    this.#places.delete(path)
    if (place.key !== undefined) shared.leave(place.key)
    if (this.#places.size > 0 || this.#timer === undefined) return
    this.#options.clock.clearTimeout(this.#timer)
    this.#timer = undefined
  }

  close(): void {
    for (const path of [...this.#places.keys()]) this.leave(path)
  }

  #joinThread(place: Place): void {
    const { every, warn } = this.#options
    const lost = (cause: unknown): void => {
      place.key = undefined
      warn('the heartbeat goes on without its thread: a blocked event loop will be taken for a death', cause)
    }
    try {
      const { path, offset } = place
      const failed = (message: string): void => warn('the heartbeat of a worker could not be written', message)
      place.key = shared.join({ path, offset, every, loop: this.#loop, failed, lost })
    } catch (error) {
      lost(error)
    }
  }

  /** The loop has turned; without a thread that is the beat. */
  #turn(): void {
    const { clock, every, turned } = this.#options
    this.#loop[0] = (this.#loop[0] ?? 0) + 1
    this.#timer = clock.setTimeout(() => {
      this.#turn()
      turned()
    }, every)
    this.#timer.unref?.()
    for (const place of this.#places.values()) if (place.key === undefined) this.#beat(place)
  }

  /** A heart that cannot be written is not an error of whoever beats. */
  #beat(place: Place): void {
    const { clock, thread, touch, warn } = this.#options
    place.beats += 1
    try {
      if (thread) overwrite(place, beatLine(place.beats, this.#loop[0] ?? 0, clock.now()))
      else touch(place.path)
      place.fails = false
    } catch (error) {
      if (!place.fails) warn('the heartbeat of a worker could not be written', error)
      place.fails = true
    }
  }
}

function overwrite({ path, offset }: BeatPlace, line: string): void {
  const file = openSync(path, flags)
  try {
    writeSync(file, line, offset)
  } finally {
    closeSync(file)
  }
}
