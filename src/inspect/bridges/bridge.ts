/** @module What a bridge is: from what XState and recordings tell to the viewers of one protocol. */
import type { Server } from 'node:http'
import type { InspectionEvent } from 'xstate'
import type { Clock } from '../../clock.ts'
import type { Store } from '../../index.ts'
import type { Happening } from '../protocol.ts'
import type { SanitiserOptions } from './cleaner.ts'
import type { Seen } from './seen.ts'
import type { BridgeAddress, BridgeListenOptions } from './sockets.ts'

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
   * Shows what happens to the tasks and schedules of a store from now on, whichever process does it.
   *
   * @returns A function that ends it.
   * @throws What the store throws when it cannot be read.
   */
  follow(store: Store): Promise<() => void>
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
