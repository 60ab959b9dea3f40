/** @module When slots were busy in all workers, from nothing but the events that this process hears. */
import type { BackgroundRunner } from 'offstage'

/** The figures of a run. Times in ms. */
export interface Figures {
  readonly wall: number
  /** The time that all slots together were busy. Those of a dead worker count until its tasks are taken over. */
  readonly busy: number
  /** The most slots that were busy at one time. */
  readonly most: number
  /** Attempts that were started. */
  readonly attempts: number
  /** How many slots were busy on average in each of equal parts of the time. */
  readonly load: readonly number[]
}

interface Step {
  readonly at: number
  readonly busy: number
}

/** Follows a runner until `stop`. A task has a slot while it runs, except while it waits for its children. */
export class Timeline {
  readonly #controller = new AbortController()
  readonly #holders = new Set<string>()
  readonly #steps: Step[] = []
  readonly #followed: Promise<void>
  readonly #began = Date.now()
  #attempts = 0

  /** @param changed Called when a task has moved to another state. */
  constructor(runner: BackgroundRunner, changed: (id: string) => void) {
    this.#followed = this.#follow(runner, changed)
  }

  async stop(): Promise<Figures> {
    this.#controller.abort()
    await this.#followed
    const end = Date.now()
    const steps = [{ at: this.#began, busy: 0 }, ...this.#steps, { at: end, busy: 0 }]
    return {
      wall: end - this.#began,
      busy: busyBetween(steps, this.#began, end),
      most: Math.max(...steps.map(({ busy }) => busy)),
      attempts: this.#attempts,
      load: loadOf(steps, this.#began, end),
    }
  }

  async #follow(runner: BackgroundRunner, changed: (id: string) => void): Promise<void> {
    for await (const event of runner.events({ signal: this.#controller.signal })) {
      if (event.type !== 'state') continue
      if (event.event === 'start') this.#attempts += 1
      const holds = event.status === 'running' && event.state !== 'running.waiting'
      if (holds) this.#holders.add(event.id)
      else this.#holders.delete(event.id)
      this.#steps.push({ at: Date.parse(event.at), busy: this.#holders.size })
      changed(event.id)
    }
  }
}

/** The area below the steps within a stretch of time. */
function busyBetween(steps: readonly Step[], from: number, to: number): number {
  return steps.reduce((sum, { at, busy }, i) => {
    const until = steps[i + 1]?.at ?? at
    return sum + busy * Math.max(0, Math.min(until, to) - Math.max(at, from))
  }, 0)
}

const parts = 50

function loadOf(steps: readonly Step[], from: number, to: number): number[] {
  const length = (to - from) / parts
  return Array.from({ length: parts }, (_, i) => {
    const begin = from + i * length
    return busyBetween(steps, begin, begin + length) / length
  })
}
