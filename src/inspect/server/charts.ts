/** @module The charts that can be looked at: ours, and those of users' actors. Each is laid out once, when it is wanted. */
import type { AnyStateMachine } from 'xstate'
import type { Clock } from '../../clock.ts'
import { chartGraph } from '../../machines/chart-graph.ts'
import { Layouts } from '../chart/layouts.ts'
import type { LaidOutChart } from '../protocol.ts'
import { keptPictures, ownCharts, ownMachines } from './own-charts.ts'

export class Charts {
  readonly #others: (id: string) => AnyStateMachine | undefined
  readonly #layouts: Layouts
  #kept: Promise<ReadonlyMap<string, LaidOutChart>> | undefined
  /** A machine that nobody holds any more takes its picture along. */
  readonly #laidOut = new WeakMap<AnyStateMachine, Promise<LaidOutChart>>()

  /** `others`: the machines of users' actors, by the ids of their charts. */
  constructor(others: (id: string) => AnyStateMachine | undefined, clock: Clock) {
    this.#others = others
    this.#layouts = new Layouts(clock)
  }

  /** @throws {ValidationError} for a chart that is too large. @throws {OffstageError} as {@link Layouts.layout}. */
  async get(id: string): Promise<LaidOutChart | undefined> {
    const own = ownMachines.find((machine) => machine.id === id)
    if (own !== undefined) return this.#own(own)
    const machine = this.#others(id)
    // with the id that was asked for: two machines may call themselves the same
    return machine && { ...(await this.#layout(machine)), id }
  }

  close(): void {
    this.#layouts.close()
  }

  async #own(machine: AnyStateMachine): Promise<LaidOutChart> {
    this.#kept ??= keptPictures()
    const { id } = machine
    const title = ownCharts.find((each) => each.id === id)?.title ?? id
    return { ...((await this.#kept).get(id) ?? (await this.#layout(machine))), title }
  }

  #layout(machine: AnyStateMachine): Promise<LaidOutChart> {
    const known = this.#laidOut.get(machine)
    if (known !== undefined) return known
    const made = this.#layouts.layout(chartGraph(machine))
    this.#laidOut.set(machine, made)
    // whoever asks again may have more luck
    made.catch(() => this.#laidOut.delete(machine))
    return made
  }
}
