/**
 * @module The recorder: attaches a recording to a store while somebody looks, and makes frames of it. It begins with what
 * the store knows; where the store has a history, that is read meanwhile, and takes the place of the live recording.
 */
import type { Clock, TimerHandle } from '../clock.ts'
import type { Store } from '../index.ts'
import type { Frame, Happening, Mark, Position, Query, Tally, View } from './protocol.ts'
import { framesPerSecond } from './protocol.ts'
import { happeningOf } from './recording/happening.ts'
import { readHistory } from './recording/history.ts'
import type { Recorded } from './recording/recorded.ts'
import { Recording } from './recording/recording.ts'
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
/** How long, in ms, what was recorded is kept after the last viewer has left: pages are loaded anew. */
const linger = 30_000

export class Recorder {
  readonly #options: RecorderOptions
  readonly #viewers = new Set<Viewer>()
  readonly #happened = new Set<(happening: Happening) => void>()
  #recording: Recording | undefined
  #attaching: Promise<Recording> | undefined
  #detach: (() => void) | undefined
  #frames: TimerHandle | undefined
  #leaving: TimerHandle | undefined
  /** Raised by whatever may change what is shown: log lines are no entries. */
  #version = 0
  #closed = false

  constructor(options: RecorderOptions) {
    this.#options = options
  }

  /** Whether it records. */
  get isAttached(): boolean {
    return this.#detach !== undefined
  }

  /**
   * Tells of the view from now on, at most {@link framesPerSecond} times a second, and only what is new.
   *
   * @param seen The cursor of the last frame that the reader got, if it comes back.
   */
  subscribe(query: Query, listener: (frame: Frame) => void, seen?: string): () => void {
    const viewer = new Viewer(query, listener, seen)
    this.#viewers.add(viewer)
    this.#stay()
    void this.#attached().then(
      () => this.#show(viewer),
      (error) => this.#options.warn('the store cannot be inspected', error),
    )
    return () => {
      viewer.close()
      this.#viewers.delete(viewer)
      this.#leave()
    }
  }

  /** One moment of one view. */
  async frame(query: Query): Promise<Frame> {
    const recording = await this.#visit()
    return this.#frame(recording, query, undefined)
  }

  /** What was recorded, in so many slices. */
  async marks(count: number): Promise<Mark[]> {
    return (await this.#visit()).marks(count)
  }

  /** Tells of everything that happens from now on. It keeps the recorder attached. */
  onHappening(listener: (happening: Happening) => void): () => void {
    this.#happened.add(listener)
    this.#stay()
    void this.#attached().catch((error) => this.#options.warn('the store cannot be inspected', error))
    return () => {
      this.#happened.delete(listener)
      this.#leave()
    }
  }

  /** Something that is no entry may have changed what is shown. */
  touch(): void {
    this.#version += 1
    this.#arm()
  }

  close(): void {
    this.#closed = true
    for (const viewer of this.#viewers) viewer.close()
    this.#viewers.clear()
    this.#happened.clear()
    this.#end()
  }

  async #visit(): Promise<Recording> {
    const recording = await this.#attached()
    this.#leave()
    return recording
  }

  #attached(): Promise<Recording> {
    if (this.#recording !== undefined) return Promise.resolve(this.#recording)
    this.#attaching ??= this.#attach().finally(() => {
      this.#attaching = undefined
    })
    return this.#attaching
  }

  async #attach(): Promise<Recording> {
    const { store, clock, keep } = this.#options
    // opens it, and reads what others have written
    await store.list({ limit: 1 })
    const schedules = await store.schedules()
    const live = new Recording({
      epoch: this.#options.epoch(),
      source: 'attached',
      complete: false,
      keep,
      at: clock.now(),
      tasks: store.known(),
      schedules,
    })
    const over = new AbortController()
    const unsubscribe = store.subscribe((change) => {
      if ('event' in change && this.#recording === live) {
        live.add(change)
        if (this.#happened.size > 0) this.#tell(live)
      }
      this.touch()
    })
    const unhear = store.onSchedules((change) => {
      if (this.#recording === live) {
        if (change === undefined) void this.#readSchedules(live)
        else live.addSchedule(change)
        if (change !== undefined && this.#happened.size > 0) this.#tell(live)
      }
      this.touch()
    })
    this.#detach = () => {
      over.abort()
      unsubscribe()
      unhear()
    }
    this.#recording = live
    if (store.history !== undefined) void this.#readHistory(live, over.signal)
    return live
  }

  async #readSchedules(recording: Recording): Promise<void> {
    try {
      recording.resetSchedules(await this.#options.store.schedules())
      this.touch()
    } catch (error) {
      this.#options.warn('the schedules cannot be read', error)
    }
  }

  async #readHistory(live: Recording, signal: AbortSignal): Promise<void> {
    const { store, keep, epoch } = this.#options
    try {
      for await (const recording of readHistory(store, {
        keep,
        epoch,
        signal,
        loading: (done) => {
          live.loading = done
          this.touch()
        },
      })) {
        if (this.#recording !== recording) {
          live.loading = undefined
          this.#recording = recording
        } else if (this.#happened.size > 0) this.#tell(recording)
        this.touch()
      }
    } catch (error) {
      if (signal.aborted) return
      live.loading = undefined
      this.#options.warn('the history of the store cannot be read', error)
    }
  }

  /** Tells of the newest entry. */
  #tell(recording: Recording): void {
    const entry = recording.entry(recording.last)
    if (entry === undefined) return
    const happening = happeningOf(entry)
    for (const listener of this.#happened) {
      try {
        listener(happening)
      } catch (error) {
        this.#options.warn('a listener of the inspector threw', error)
      }
    }
  }

  #arm(): void {
    if (this.#frames !== undefined || this.#viewers.size === 0 || this.#closed) return
    const { clock } = this.#options
    this.#frames = clock.setTimeout(() => {
      this.#frames = undefined
      for (const viewer of this.#viewers) void this.#show(viewer)
    }, frameEvery)
    this.#frames.unref?.()
  }

  /** Gives a viewer what is new, unless it is being given something. */
  async #show(viewer: Viewer): Promise<void> {
    const recording = this.#recording
    if (recording === undefined || !viewer.wants(recording.epoch, this.#version)) return
    viewer.begin(recording.epoch, this.#version)
    try {
      viewer.end(await this.#frame(recording, viewer.query, viewer.sentOf(recording.epoch)))
    } catch (error) {
      viewer.end(undefined)
      this.#options.warn('a view cannot be made', error)
    }
    // what came meanwhile
    if (viewer.wants(recording.epoch, this.#version)) this.#arm()
  }

  async #frame(recording: Recording, query: Query, sent: Sent | undefined): Promise<Frame> {
    const live = query.at === undefined
    const { last, first } = recording
    const n = live ? last : Math.min(Math.max(query.at ?? 0, first), last)
    const slots = this.#options.slots?.()
    const tally: Tally = { ...recording.tallyAt(n), ...(slots !== undefined && { slots }) }
    const reach = recording.reach
    const time = live ? Math.max(recording.timeAt(n), this.#options.clock.now()) : recording.timeAt(n)
    const view = await this.#options.view(query, { recorded: recording, n, live, sent })
    const line = view.view === 'task' ? `.${view.lines.at(-1)?.n ?? sent?.line ?? 0}` : ''
    const { epoch } = recording
    return { type: 'frame', epoch, cursor: `${epoch}.${n}${line}`, n, time, live, reach, tally, view }
  }

  #stay(): void {
    if (this.#leaving === undefined) return
    this.#options.clock.clearTimeout(this.#leaving)
    this.#leaving = undefined
  }

  #leave(): void {
    if (this.#viewers.size + this.#happened.size > 0 || this.#leaving !== undefined || this.#closed) return
    this.#leaving = this.#options.clock.setTimeout(() => {
      this.#leaving = undefined
      this.#end()
    }, linger)
    this.#leaving.unref?.()
  }

  #end(): void {
    const { clock } = this.#options
    this.#detach?.()
    this.#detach = undefined
    this.#recording = undefined
    if (this.#frames !== undefined) clock.clearTimeout(this.#frames)
    if (this.#leaving !== undefined) clock.clearTimeout(this.#leaving)
    this.#frames = undefined
    this.#leaving = undefined
  }
}
