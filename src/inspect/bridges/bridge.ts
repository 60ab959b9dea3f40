/** @module A bridge: from what XState and recordings tell to the viewers of one protocol. */
import type { Server } from 'node:http'
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import type { AnyActorRef, EventObject, InspectionEvent } from 'xstate'
import { type Clock, SystemClock } from '../../clock.ts'
import { checkBoolean, checkOptions } from '../../validate.ts'
import type { Happening } from '../protocol.ts'
import { Cleaner, type SanitiserOptions } from './cleaner.ts'
import { Happened, type Heard } from './happened.ts'
import { Outbox, type Socket } from './outbox.ts'
import { type Seen, SeenActors, seeActor } from './seen.ts'
import { type BridgeAddress, type BridgeListenOptions, readMessage, rulesOf, Sockets } from './sockets.ts'

/** Options of a bridge to a viewer of XState. */
export interface BridgeOptions extends SanitiserOptions {
  /** Whether viewers may send events to your own actors. Offstage's never take any. @default false */
  readonly allowInjection?: boolean
  /** Pages that may connect besides those of the same address: `['http://localhost:3000']`. @default none */
  readonly origins?: readonly string[]
  /** What viewers have to bring along: 22 or more letters and digits. `false`: nothing. @default a random one */
  readonly token?: string | false
  /** @default the machine's */
  readonly clock?: Clock
}
/** What became of what. */
export interface BridgeCounts {
  readonly clients: number
  /** Live actors that a late viewer is told of, and those beyond the bound. */
  readonly actors: number
  readonly forgotten: number
  /** Viewers that did not read. */
  readonly dropped: number
  /** Events of viewers that reached an actor, and those that did not. */
  readonly injected: number
  readonly ignored: number
}
/** A bridge between what happens here and a viewer made for XState. */
export interface Bridge {
  /** For `new BackgroundRunner({ inspect })` and XState's `createActor(machine, { inspect })`. Never throws. */
  readonly inspect: (event: InspectionEvent) => void
  /** Takes what a recording tells: tasks of other processes too. Never throws. */
  readonly happened: (happening: Happening) => void
  /**
   * Takes viewers in at a path of a server of `node:http`, which has to be reached on this machine.
   *
   * @param path Of the WebSocket. @default '/'
   * @returns A function that ends it.
   * @throws {OffstageError} NEEDS_PACKAGE without the package `ws`.
   */
  attach(server: Server, path?: string): Promise<() => Promise<void>>
  /**
   * Takes viewers in on a port of this machine.
   *
   * @throws {OffstageError} NEEDS_PACKAGE without the package `ws`.
   */
  listen(options?: BridgeListenOptions): Promise<BridgeAddress>
  counts(): BridgeCounts
  /** Ends all viewers, servers that it opened, and what `attach` began. */
  close(): Promise<void>
}

/** An event that a viewer wants to send. */
export interface Injection {
  /** As the viewer says it. */
  readonly session: unknown
  readonly event: unknown
}
/** How one kind of viewer is spoken to: each function says what is sent. */
export interface Protocol {
  /** Whether viewers are told from their coming on, or once they ask. */
  readonly isEager: boolean
  /** All that there is to say of an actor at present. */
  present(actor: Seen): readonly string[]
  event(actor: Seen, event: object, source: string | undefined): readonly string[]
  moved(actor: Seen): readonly string[]
  read(message: Readonly<Record<string, unknown>>): 'asks' | Injection | undefined
}

const known = new Set([
  'sanitizeContext',
  'sanitizeEvent',
  'sanitizeOutput',
  'allowInjection',
  'origins',
  'token',
  'env',
  'clock',
])

/** Makes a bridge of a protocol. */
export function createBridge(options: BridgeOptions, what: string, make: (cleaner: Cleaner) => Protocol): Bridge {
  checkOptions(options, known, what)
  const allowed = checkBoolean(options.allowInjection ?? false, 'allowInjection')
  const { clock = new SystemClock() } = options
  const core = new Core(make(new Cleaner(options, clock)), allowed, clock, options)
  return {
    inspect: (event) => shielded(() => core.inspect(event)),
    happened: (happening) => shielded(() => core.happenings.tell(happening)),
    attach: (server, path = '/') => core.sockets.attach(server, path),
    listen: (where) => core.sockets.listen(where),
    counts: () => core.counts(),
    close: () => core.close(),
  }
}

/** What is inspected must not feel it. */
function shielded(work: () => void): void {
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

class Core implements Heard {
  readonly sockets: Sockets
  readonly happenings: Happened
  readonly #protocol: Protocol
  readonly #allowed: boolean
  readonly #clock: Clock
  readonly #actors = new SeenActors()
  readonly #outboxes = new Set<Outbox>()
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
