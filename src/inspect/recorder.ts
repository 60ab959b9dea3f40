/**
 * @module The recorder: records a store while somebody looks, and makes frames of what was recorded. A frame is made for
 * all who ask for the same, and at most so many in a second.
 */
import type { Clock, TimerHandle } from '../clock.ts'
import { OffstageError } from '../errors.ts'
import type { Store } from '../index.ts'
import {
  type Frame,
  framesPerSecond,
  type Happening,
  type Mark,
  type Position,
  type Query,
  type View,
} from './protocol.ts'
import { RecorderSource } from './recorder-source.ts'
import type { Recorded } from './recording/recorded.ts'
import type { Recording } from './recording/recording.ts'
import { type Sent, Viewer } from './viewer.ts'

/** What a view is made from, besides the query. */
export interface ViewMoment {
  readonly recorded: Recorded
  readonly n: Position
  readonly live: boolean
  /** What the viewer of a task has got already. */
  readonly sent: Sent | undefined
}

/** What a recorder needs. */
export interface RecorderOptions {
  readonly store: Store
  readonly clock: Clock
  /** How many entries are kept. */
  readonly keep: number
  /** Draws what tells one recording from another. */
  epoch(): string
  view(query: Query, moment: ViewMoment): View | Promise<View>
  /** How many tasks may run at once here; undefined where nobody works. */
  slots?(): number | undefined
  warn(message: string, cause: unknown): void
}

const frameEvery = 1_000 / framesPerSecond
/** How soon a change is shown, in ms, after a quiet time: what comes with it is shown with it. */
const gather = 20
/** How often rates are shown anew while nothing happens, until they are zero. */
const fadeEvery = 1_000
/** How long, in ms, what was recorded is kept after the last viewer has left: pages are loaded anew. */
const linger = 30_000

export class Recorder {
  readonly #options: RecorderOptions
  readonly #source: RecorderSource
  readonly #viewers = new Set<Viewer>()
  #frames: TimerHandle | undefined
  #fading: TimerHandle | undefined
  #leaving: TimerHandle | undefined
  /** When frames were made last, in monotonic ms. */
  #shownAt = Number.NEGATIVE_INFINITY
  /** Raised by whatever may change what is shown: log lines are no entries. */
  #version = 0
  /** The frames of this version, made just now. */
  readonly #made = new Map<string, Promise<Frame>>()
  #madeOf = -1
  #madeAt = Number.NEGATIVE_INFINITY
  #closed = false

  constructor(options: RecorderOptions) {
    this.#options = options
    const { store, clock, keep, epoch, warn } = options
    this.#source = new RecorderSource({ store, clock, keep, epoch, changed: () => this.touch(), warn })
  }

  /** Whether it records. */
  get isAttached(): boolean {
    return this.#source.isAttached
  }

  /**
   * Tells of the view from now on, at most {@link framesPerSecond} times a second, and only what is new.
   *
   * @param seen The cursor of the last frame that the reader got, if it comes back.
   */
  subscribe(query: Query, listener: (frame: Frame) => void, seen?: string): () => void {
    const viewer = new Viewer(query, listener, seen)
    this.#viewers.add(viewer)
    void this.#look().then(
      () => this.#show(viewer),
      (error) => this.#failed(error),
    )
    return () => {
      viewer.close()
      this.#viewers.delete(viewer)
      this.#leave()
    }
  }

  /** One moment of one view. */
  async frame(query: Query): Promise<Frame> {
    return this.#frame(await this.#look(), query, undefined)
  }

  /** What was recorded, in so many slices. */
  async marks(count: number): Promise<Mark[]> {
    return (await this.#look()).marks(count)
  }

  /** Tells of everything that the store tells of from now on. It keeps the recorder attached; see {@link attached}. */
  onHappening(listener: (happening: Happening) => void): () => void {
    const off = this.#source.onHappening(listener)
    void this.attached().catch((error) => this.#failed(error))
    return () => {
      off()
      this.#leave()
    }
  }

  /** Settles once nothing is missed any more; rejects where the store cannot be read. */
  async attached(): Promise<void> {
    await this.#attach()
  }

  /** Something that is no entry may have changed what is shown. */
  touch(): void {
    this.#version += 1
    if (this.#frames === undefined && this.#viewers.size > 0) this.#arm()
  }

  close(): void {
    this.#closed = true
    for (const viewer of this.#viewers) viewer.close()
    this.#viewers.clear()
    this.#end()
  }

  async #attach(): Promise<Recording> {
    if (this.#closed) throw new OffstageError('INSPECTOR_CLOSED', 'the inspector was closed')
    if (this.#leaving !== undefined) this.#options.clock.clearTimeout(this.#leaving)
    this.#leaving = undefined
    const recording = await this.#source.attach()
    // whoever wanted it may have left meanwhile
    this.#leave()
    if (!this.#closed) return recording
    this.#end()
    throw new OffstageError('INSPECTOR_CLOSED', 'the inspector was closed')
  }

  /** Views reach as far back as the journal does; who only listens needs none. */
  async #look(): Promise<Recording> {
    const recording = await this.#attach()
    this.#source.read()
    return recording
  }

  #arm(): void {
    if (this.#closed) return
    const { clock } = this.#options
    const wait = Math.max(gather, this.#shownAt + frameEvery - clock.monotonic())
    this.#frames = clock.setTimeout(() => {
      this.#frames = undefined
      this.#shownAt = clock.monotonic()
      for (const viewer of this.#viewers) void this.#show(viewer)
    }, wait)
    this.#frames.unref?.()
  }

  /** Gives a viewer what is new, unless it is being given something. */
  async #show(viewer: Viewer): Promise<void> {
    const { recording } = this.#source
    const version = this.#version
    if (recording === undefined || !viewer.wants(recording.epoch, version)) return
    viewer.begin(recording.epoch, version)
    this.#shownAt = this.#options.clock.monotonic()
    try {
      viewer.end(await this.#frame(recording, viewer.query, viewer.sentOf(recording.epoch)))
    } catch (error) {
      viewer.end(undefined)
      this.#options.warn('a view cannot be made', error)
    }
    // what came meanwhile
    if (this.#frames === undefined && viewer.wants(this.#source.recording?.epoch ?? '', this.#version)) this.#arm()
  }

  /** Made once for all who want the same now. */
  #frame(recording: Recording, query: Query, sent: Sent | undefined): Promise<Frame> {
    const now = this.#options.clock.monotonic()
    if (this.#madeOf !== this.#version || now - this.#madeAt >= frameEvery) {
      this.#made.clear()
      this.#madeOf = this.#version
      this.#madeAt = now
    }
    const members = Object.entries(query).sort(([a], [b]) => (a < b ? -1 : 1))
    const key = JSON.stringify([recording.epoch, members, sent?.happening, sent?.line])
    const known = this.#made.get(key)
    if (known !== undefined) return known
    const made = this.#make(recording, query, sent)
    this.#made.set(key, made)
    return made
  }

  async #make(recording: Recording, query: Query, sent: Sent | undefined): Promise<Frame> {
    const live = query.at === undefined
    const { last, first, epoch, reach } = recording
    const n = live ? last : Math.min(Math.max(query.at ?? 0, first), last)
    const slots = this.#options.slots?.()
    const past = recording.timeAt(n)
    const time = live ? Math.max(past, this.#options.clock.now()) : past
    const tally = { ...recording.tallyAt(n, time), ...(slots !== undefined && { slots }) }
    if (live && Object.keys(tally.rates).length > 0) this.#fade()
    const view = await this.#options.view(query, { recorded: recording, n, live, sent })
    const line = view.view === 'task' ? `.${view.lines.at(-1)?.n ?? sent?.line ?? 0}` : ''
    return { type: 'frame', epoch, cursor: `${epoch}.${n}${line}`, n, time, live, reach, tally, view }
  }

  /** Rates go down by themselves. */
  #fade(): void {
    if (this.#fading !== undefined || this.#viewers.size === 0) return
    this.#fading = this.#options.clock.setTimeout(() => {
      this.#fading = undefined
      this.touch()
    }, fadeEvery)
    this.#fading.unref?.()
  }

  #failed(error: unknown): void {
    if (!this.#closed) this.#options.warn('the store cannot be inspected', error)
  }

  #leave(): void {
    const isWatched = this.#viewers.size + this.#source.listeners > 0
    if (isWatched || this.#leaving !== undefined || this.#closed) return
    this.#leaving = this.#options.clock.setTimeout(() => {
      this.#leaving = undefined
      this.#end()
    }, linger)
    this.#leaving.unref?.()
  }

  #end(): void {
    const { clock } = this.#options
    this.#source.detach()
    this.#made.clear()
    for (const timer of [this.#frames, this.#fading, this.#leaving]) if (timer !== undefined) clock.clearTimeout(timer)
    this.#frames = undefined
    this.#fading = undefined
    this.#leaving = undefined
  }
}
