/** @module The real viewers' receivers, and what they were told. */
import { createRequire } from 'node:module'
import { createWebSocketReceiver, type StatelyInspectionEvent } from '@statelyai/inspect'
import { WebSocket } from 'ws'

const require4 = createRequire(new URL('../../fixtures/xstate-4/package.json', import.meta.url))

/** The part of XState 4 that is used here. */
export interface Machine4 {
  readonly id: string
  readonly context: unknown
  readonly definition: { readonly states: Readonly<Record<string, unknown>> }
  readonly stateIds: readonly string[]
  readonly initialState: State4
  getStateNodeById(id: string): Node4
  resolveState(state: State4): State4
  withConfig(options: object): Machine4
  transition(state: State4, event: object): State4
}
export interface Node4 {
  readonly id: string
  readonly type: string
  readonly tags: readonly string[]
  readonly meta: unknown
  readonly initial: unknown
  readonly events: readonly string[]
  readonly transitions: readonly {
    readonly eventType: string
    readonly target: readonly Node4[] | undefined
    readonly cond?: { readonly type: string; readonly name?: string }
    readonly actions: readonly { readonly type: string }[]
  }[]
}
export interface State4 {
  readonly value: unknown
  readonly context: unknown
  readonly done: boolean
  readonly event: { readonly type: string }
  readonly nextEvents: readonly string[]
  toStrings(): readonly string[]
}
export type Told4 =
  | {
      readonly type: 'service.register'
      readonly machine: Machine4
      readonly state: State4
      readonly id: string
      readonly sessionId: string
      readonly parent?: string
    }
  | { readonly type: 'service.state'; readonly state: State4; readonly sessionId: string }
  | { readonly type: 'service.event'; readonly event: { readonly name: string }; readonly sessionId: string }
  | { readonly type: 'service.stop'; readonly sessionId: string }
interface Receiver4 {
  subscribe(next: (told: Told4) => void): void
  send(command: object): void
}

export const xstate4 = require4('xstate') as {
  createMachine(config: object): Machine4
  State: { create(state: object): State4 }
}
const inspect4 = require4('@xstate/inspect') as {
  createWebSocketReceiver(options: { server: string }): Receiver4
}

/** What somebody heard, and a way to wait for more of it. */
export class Heard<T> {
  readonly all: T[] = []
  readonly #waiting = new Set<(told: T) => void>()

  push(told: T): void {
    this.all.push(told)
    for (const look of this.#waiting) look(told)
  }

  /** Resolves once something fits. */
  until<U extends T>(fits: (told: T) => told is U): Promise<U>
  until(fits: (told: T) => boolean): Promise<T>
  until(fits: (told: T) => boolean): Promise<T> {
    const found = this.all.find(fits)
    if (found !== undefined) return Promise.resolve(found)
    return new Promise((resolve) => {
      const look = (told: T): void => {
        if (!fits(told)) return
        this.#waiting.delete(look)
        resolve(told)
      }
      this.#waiting.add(look)
    })
  }
}

/** The receiver of `@statelyai/inspect`. */
export function statelyViewer(url: string): Heard<StatelyInspectionEvent> {
  const heard = new Heard<StatelyInspectionEvent>()
  createWebSocketReceiver({ server: url }).subscribe((event) => heard.push(event))
  return heard
}

/** The receiver of `@xstate/inspect`, which looks for the WebSocket of browsers. */
export function xstate4Viewer(url: string): { readonly heard: Heard<Told4>; readonly receiver: Receiver4 } {
  ;(globalThis as { WebSocket: unknown }).WebSocket = WebSocket
  const heard = new Heard<Told4>()
  const receiver = inspect4.createWebSocketReceiver({ server: url.slice('ws://'.length) })
  receiver.subscribe((told) => heard.push(told))
  return { heard, receiver }
}

/** A promise that is resolved by hand. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open: () => open() }
}
