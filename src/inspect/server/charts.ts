/** @module The charts that can be looked at: ours, and those of users' actors. Each is laid out once, when it is wanted. */
import type { AnyStateMachine } from 'xstate'
import { chartGraph } from '../../machines/chart-graph.ts'
import { runnerMachine } from '../../machines/runner.ts'
import { scheduleMachine } from '../../machines/schedule.ts'
import { schedulerMachine } from '../../machines/scheduler.ts'
import { taskMachine } from '../../machines/task.ts'
import { workerMachine } from '../../machines/worker.ts'
import { Layouts } from '../chart/layouts.ts'
import type { Hello, LaidOutChart } from '../protocol.ts'

const ours: readonly AnyStateMachine[] = [taskMachine, runnerMachine, scheduleMachine, schedulerMachine, workerMachine]

/** Ours: the task's first. */
export const ownCharts: Hello['charts'] = ours.map(({ id }) => ({
  id,
  title: `${id.charAt(0).toUpperCase()}${id.slice(1)}`,
}))

export class Charts {
  readonly #layouts = new Layouts()
  readonly #others: (id: string) => AnyStateMachine | undefined
  /** A machine that nobody holds any more takes its picture along. */
  readonly #laidOut = new WeakMap<AnyStateMachine, Promise<LaidOutChart>>()

  /** `others`: the machines of users' actors, by the ids of their charts. */
  constructor(others: (id: string) => AnyStateMachine | undefined) {
    this.#others = others
  }

  /** @throws {ValidationError} for a chart that is too large. */
  async get(id: string): Promise<LaidOutChart | undefined> {
    const machine = ours.find((each) => each.id === id) ?? this.#others(id)
    if (machine === undefined) return undefined
    const title = ownCharts.find((each) => each.id === id)?.title
    // with the id that was asked for: two machines may call themselves the same
    return { ...(await this.#layout(machine)), id, ...(title !== undefined && { title }) }
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

  close(): void {
    this.#layouts.close()
  }
}
