/** @module Server-sent events to one reader, who may be slow, or never read at all. */
import type { Clock, TimerHandle } from '../../clock.ts'

/** How often something is said though nothing happens, in ms. */
export const heartbeatEvery = 15_000
/** How long a reader may take nothing of what waits for it, in ms, and how much may wait, in bytes. */
export const stallLimit = 30_000
export const waitingLimit = 1_048_576
/** How long a reader waits before it connects again, in ms. */
const reconnectAfter = 2_000

export interface EventWriterOptions {
  readonly clock: Clock
  /** Closes the connection of a reader that has stopped to read: what it has not taken cannot be delivered. */
  readonly drop: () => void
  /** Called once: nobody reads any more. */
  readonly onEnd: () => void
}

/** A stream that holds a bounded amount, and gives up who does not read it. */
export class EventWriter {
  readonly stream: ReadableStream<Uint8Array>
  readonly #clock: Clock
  readonly #drop: () => void
  readonly #onEnd: () => void
  readonly #encoder = new TextEncoder()
  readonly #waiting: Uint8Array[] = []
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined
  #bytes = 0
  #wanted = false
  /** When the reader took something last, or had nothing to take. */
  #takenAt: number
  #timer: TimerHandle | undefined
  #state: 'open' | 'ending' | 'ended' = 'open'

  constructor({ clock, drop, onEnd }: EventWriterOptions) {
    this.#clock = clock
    this.#drop = drop
    this.#onEnd = onEnd
    this.#takenAt = clock.monotonic()
    this.stream = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller
        },
        pull: () => {
          this.#wanted = true
          this.#flow()
        },
        cancel: () => this.#finish(),
      },
      // what waits is counted here, not there
      { highWaterMark: 0 },
    )
    this.#put(`retry: ${reconnectAfter}\n\n`)
    this.#beat()
  }

  /** JSON escapes line breaks, so the data is one line. */
  send(event: string, data: unknown, id?: string): void {
    const place = id === undefined ? '' : `id: ${id}\n`
    this.#put(`event: ${event}\n${place}data: ${JSON.stringify(data)}\n\n`)
  }

  /** Ends when what waits has been taken. */
  end(): void {
    if (this.#state !== 'open') return
    this.#state = 'ending'
    this.#flow()
  }

  /** The reader has left. */
  leave(): void {
    if (this.#state === 'ended') return
    this.#finish()
    this.#controller?.close()
  }

  get isOpen(): boolean {
    return this.#state === 'open'
  }

  #put(text: string): void {
    if (this.#state !== 'open') return
    const bytes = this.#encoder.encode(text)
    const isFull = this.#waiting.length > 0 && this.#bytes + bytes.length > waitingLimit
    if (isFull || this.#isStalled()) return this.#giveUp()
    if (this.#waiting.length === 0) this.#takenAt = this.#clock.monotonic()
    this.#waiting.push(bytes)
    this.#bytes += bytes.length
    this.#flow()
  }

  #flow(): void {
    if (this.#state === 'ended') return
    const next = this.#wanted ? this.#waiting.shift() : undefined
    if (next !== undefined) {
      this.#wanted = false
      this.#bytes -= next.length
      this.#takenAt = this.#clock.monotonic()
      this.#controller?.enqueue(next)
    }
    if (this.#state !== 'ending' || this.#waiting.length > 0) return
    this.#finish()
    this.#controller?.close()
  }

  #beat(): void {
    this.#timer = this.#clock.setTimeout(() => {
      if (this.#state === 'ended') return
      if (this.#isStalled()) return this.#giveUp()
      if (this.#waiting.length === 0) this.#put(': still here\n\n')
      this.#beat()
    }, heartbeatEvery)
    this.#timer.unref?.()
  }

  #isStalled(): boolean {
    return this.#waiting.length > 0 && this.#clock.monotonic() - this.#takenAt >= stallLimit
  }

  #giveUp(): void {
    if (this.#state === 'ended') return
    this.leave()
    this.#drop()
  }

  #finish(): void {
    if (this.#state === 'ended') return
    this.#state = 'ended'
    this.#waiting.length = 0
    this.#bytes = 0
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer)
    this.#onEnd()
  }
}
