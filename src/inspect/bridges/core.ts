/** @module What a bridge does: it hears actors and happenings, tells each viewer of them, and hears what viewers want to send. */
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import type { AnyActorRef, EventObject, InspectionEvent } from 'xstate'
import type { Clock } from '../../clock.ts'
import { OffstageError } from '../../errors.ts'
import type { Store } from '../../index.ts'
import { Recorder } from '../recorder.ts'
import type { BridgeCounts, BridgeOptions, Injection, Protocol } from './bridge.ts'
import { Happened, type Heard } from './happened.ts'
import { Outbox, type Socket } from './outbox.ts'
import { type Seen, SeenActors, seeActor } from './seen.ts'
import { readMessage, rulesOf, Sockets } from './sockets.ts'

/** How many happenings of a store are kept while it is followed: they are told at once. */
const followed = 1_000

/** What is inspected must not feel it. */
export function shielded(work: () => void): void {
  try {
    work()
  } catch {
    // a value that cannot be read is not shown
  }
}

/** A WebSocket whose messages go out in one piece where they can. */
function paced(socket: WebSocket, stream: Duplex): Socket {
  return {
    get bufferedAmount() {
      return socket.bufferedAmount
    },
    send: (text, taken) => socket.send(text, taken),
    terminate: () => socket.terminate(),
    cork: () => stream.cork(),
    uncork: () => stream.uncork(),
  }
}

export class Core implements Heard {
  readonly sockets: Sockets
  readonly happenings: Happened
  readonly #protocol: Protocol
  readonly #allowed: boolean
  readonly #clock: Clock
  readonly #actors = new SeenActors()
  readonly #outboxes = new Set<Outbox>()
  readonly #following = new Set<() => void>()
  #dropped = 0
  #injected = 0
  #ignored = 0

  constructor(protocol: Protocol, allowed: boolean, clock: Clock, { origins, token }: BridgeOptions) {
    this.#protocol = protocol
    this.#allowed = allowed
    this.#clock = clock
    this.happenings = new Happened(this.#actors, this)
    this.sockets = new Sockets(rulesOf(origins, token), (socket, stream) => {
      const dropped = (): void => {
        this.#dropped++
      }
      const outbox = new Outbox(paced(socket, stream), clock, (actor) => protocol.present(actor), dropped)
      socket.on('close', () => {
        outbox.close()
        this.#outboxes.delete(outbox)
      })
      socket.on('message', (data, isBinary) => shielded(() => this.#read(readMessage(data, isBinary), outbox)))
      if (protocol.isEager) this.#begin(outbox)
    })
  }

  inspect(event: InspectionEvent): void {
    // an actor has nothing to show when it is announced: it is told of at the event that starts it
    if (event.type !== '@xstate.event' && event.type !== '@xstate.snapshot') return
    const ref = event.actorRef as AnyActorRef
    const known = this.#actors.get(ref.sessionId)
    // an event for an actor that has ended
    if (event.type === '@xstate.event' && known === undefined && ref.getSnapshot().status !== 'active') return
    const actor = known ?? seeActor(ref, this.#clock.now())
    if (known === undefined) this.seen(actor)
    if (event.type === '@xstate.event') {
      this.event(actor, event.event, (event.sourceRef as AnyActorRef | undefined)?.sessionId)
      return
    }
    actor.shown = event.snapshot
    actor.event = event.event
    this.moved(actor)
  }

  seen(actor: Seen): void {
    this.#actors.add(actor)
    this.#tell(actor, () => this.#protocol.present(actor))
  }

  event(actor: Seen, event: object, source?: string): void {
    actor.event = event
    this.#tell(actor, () => this.#protocol.event(actor, event, source))
  }

  moved(actor: Seen): void {
    if (actor.shown.status !== 'active') this.#actors.delete(actor.session)
    this.#tell(actor, () => this.#protocol.moved(actor))
  }

  async follow(store: Store): Promise<() => void> {
    const recorder = new Recorder({
      store,
      clock: this.#clock,
      keep: followed,
      epoch: () => 'bridge',
      view: () => Promise.reject(new OffstageError('GONE', 'a bridge has no views')),
      warn: () => {},
    })
    recorder.onHappening((happening) => shielded(() => this.happenings.tell(happening)))
    const end = (): void => {
      recorder.close()
      this.#following.delete(end)
    }
    this.#following.add(end)
    try {
      // settles once it is attached: nothing is missed from here on
      await recorder.attached()
    } catch (error) {
      end()
      throw error
    }
    return end
  }

  counts(): BridgeCounts {
    return {
      clients: this.sockets.count,
      actors: this.#actors.size,
      forgotten: this.#actors.forgotten,
      dropped: this.#dropped,
      injected: this.#injected,
      ignored: this.#ignored,
    }
  }

  async close(): Promise<void> {
    for (const end of this.#following) end()
    await this.sockets.close()
    for (const outbox of this.#outboxes) outbox.close()
    this.#outboxes.clear()
  }

  #tell(actor: Seen, say: () => readonly string[]): void {
    if (this.#outboxes.size === 0) return
    const texts = say()
    for (const outbox of this.#outboxes) outbox.tell(actor, texts)
  }

  #begin(outbox: Outbox): void {
    this.#outboxes.add(outbox)
    outbox.replay(this.#actors.all())
  }

  #read(message: Readonly<Record<string, unknown>> | undefined, outbox: Outbox): void {
    const asked = message && this.#protocol.read(message)
    if (asked === undefined) return
    if (asked === 'asks') return this.#begin(outbox)
    if (this.#allowed && this.#inject(asked)) this.#injected++
    else this.#ignored++
  }

  #inject({ session, event }: Injection): boolean {
    const target = typeof session === 'string' ? this.#actors.get(session)?.target : undefined
    const { type } = (event ?? {}) as { type?: unknown }
    // what only XState and Offstage may say
    if (target === undefined || typeof type !== 'string' || /^(?:@?xstate|offstage)\./.test(type)) return false
    try {
      target.send(event as EventObject)
      return true
    } catch {
      return false
    }
  }
}
