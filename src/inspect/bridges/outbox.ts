/** @module What goes to one viewer, at its pace: in order and whole while it reads, the present states alone when it lags. */
import type { Clock, TimerHandle } from '../../clock.ts'
import type { Seen } from './seen.ts'

/** How much may wait for one viewer, in characters. */
export const longestQueue = 1_048_576
/** How long a viewer above it may take nothing at all, in ms. */
export const patience = 5_000
/** How much is handed to the socket ahead of what the viewer has taken. */
const ahead = 65_536
/** Actors that are told of without a break: other work of this process comes in between. */
const atOnce = 16
const mostStale = 2_000

/** The part of a WebSocket that is used here. */
export interface Socket {
  readonly bufferedAmount: number
  send(text: string, taken: (error?: Error | null) => void): void
  terminate(): void
  /** Keeps what is sent until `uncork`: many small messages are dear for the machine, one by one. */
  cork(): void
  uncork(): void
}

interface Line {
  readonly actor: Seen
  readonly text: string
}

export class Outbox {
  readonly #socket: Socket
  readonly #clock: Clock
  /** Says what an actor is at present. */
  readonly #present: (actor: Seen) => readonly string[]
  readonly #dropped: () => void
  #lines: Line[] = []
  #waiting = 0
  /** Of these, the present state is told once there is room; what happens to them until then is part of it. */
  readonly #stale = new Map<string, Seen>()
  #taken = 0
  #later = false
  #timer: TimerHandle | undefined
  #closed = false

  constructor(socket: Socket, clock: Clock, present: (actor: Seen) => readonly string[], dropped: () => void) {
    this.#socket = socket
    this.#clock = clock
    this.#present = present
    this.#dropped = dropped
  }

  /** Tells what happened to an actor. */
  tell(actor: Seen, texts: readonly string[]): void {
    if (this.#closed || this.#stale.has(actor.session)) {
      if (!this.#closed) this.#stale.set(actor.session, actor)
      return
    }
    for (const text of texts) {
      this.#lines.push({ actor, text })
      this.#waiting += text.length
    }
    if (this.#waiting < ahead) return this.#pumpLater()
    this.#pump()
    if (this.#waiting + this.#socket.bufferedAmount > longestQueue) this.#lag()
  }

  /** Tells the present states of actors, parents first. */
  replay(actors: Iterable<Seen>): void {
    for (const actor of actors) this.#expire(actor)
    this.#pumpLater()
  }

  close(): void {
    this.#closed = true
    this.#lines = []
    this.#stale.clear()
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer)
  }

  /** Whether anything waits for it. */
  get isIdle(): boolean {
    return this.#lines.length === 0 && this.#stale.size === 0
  }

  #expire(actor: Seen): void {
    this.#stale.set(actor.session, actor)
    if (this.#stale.size <= mostStale) return
    for (const oldest of this.#stale.keys()) {
      this.#stale.delete(oldest)
      break
    }
  }

  #lag(): void {
    for (const { actor } of this.#lines) this.#expire(actor)
    this.#lines = []
    this.#waiting = 0
    if (this.#timer !== undefined) return
    const taken = this.#taken
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = undefined
      if (this.#taken > taken || this.#closed) return
      this.close()
      this.#dropped()
      this.#socket.terminate()
    }, patience)
    this.#timer.unref?.()
  }

  #pump(): void {
    this.#socket.cork()
    this.#fill()
    this.#socket.uncork()
  }

  #fill(): void {
    let told = 0
    while (!this.#closed && this.#socket.bufferedAmount < ahead) {
      const line = this.#lines.shift()
      if (line !== undefined) {
        this.#waiting -= line.text.length
        this.#send(line.text)
        continue
      }
      if (this.#stale.size === 0 || this.#later) return
      if (told++ === atOnce) return this.#pumpLater()
      const actor = this.#oldest()
      if (actor === undefined) return
      for (const text of this.#present(actor)) this.#send(text)
    }
  }

  #oldest(): Seen | undefined {
    for (const [session, actor] of this.#stale) {
      this.#stale.delete(session)
      return actor
    }
    return undefined
  }

  #pumpLater(): void {
    if (this.#later) return
    this.#later = true
    setImmediate(() => {
      this.#later = false
      if (!this.#closed) this.#pump()
    })
  }

  #send(text: string): void {
    this.#socket.send(text, (error) => {
      if (error) return this.close()
      this.#taken++
      if (!this.isIdle) this.#pumpLater()
    })
  }
}
