/** @module The worker processes of the demo. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { BackgroundRunner } from 'offstage'

/** How each worker works. */
export interface CrewOptions {
  readonly dir: string
  readonly slots: number
  /** Ms. */
  readonly lease: number
}

/** Starts workers, kills one, and knows them by the ids that the store has for them. */
export class Crew {
  readonly #options: CrewOptions
  readonly #processes = new Map<number, ChildProcess>()
  readonly #pids = new Map<string, number>()
  /** Those whose end is no surprise. */
  readonly #over = new Set<ChildProcess>()

  constructor(options: CrewOptions) {
    this.#options = options
  }

  start(workers: number): void {
    const { dir, slots, lease } = this.#options
    const program = fileURLToPath(new URL('./worker.js', import.meta.url))
    for (let i = 0; i < workers; i += 1) {
      const worker = fork(program, [dir, String(slots), String(lease)])
      if (worker.pid !== undefined) this.#processes.set(worker.pid, worker)
      worker.once('exit', (code, signal) => {
        if (!this.#over.has(worker)) throw new Error(`a worker ended by itself with ${code ?? signal}`)
      })
    }
  }

  /** Asks the store which processes work on it. */
  async meet(runner: BackgroundRunner): Promise<void> {
    for (const { id, pid } of await runner.workers()) this.#pids.set(id, pid)
  }

  /** `first`, `second`, in the order of their start. */
  nameOf(worker: string): string {
    const place = [...this.#processes.keys()].indexOf(this.#pids.get(worker) ?? -1)
    return ['first', 'second'][place] ?? worker
  }

  /** Kills the process of a worker with SIGKILL: it has no time for a last word. */
  async kill(worker: string): Promise<number> {
    const pid = this.#pids.get(worker)
    const process = pid === undefined ? undefined : this.#processes.get(pid)
    if (pid === undefined || process === undefined) throw new Error(`${worker} is none of ours`)
    const ended = once(process, 'exit')
    this.#over.add(process)
    process.kill('SIGKILL')
    await ended
    return pid
  }

  /** Lets go of the workers. Resolves with how each process ended. */
  dismiss(): Promise<(number | NodeJS.Signals | null)[]> {
    return Promise.all(
      [...this.#processes.values()].map(async (worker) => {
        this.#over.add(worker)
        const over = worker.exitCode !== null || worker.signalCode !== null
        const ended = over ? undefined : once(worker, 'exit')
        if (worker.connected) worker.disconnect()
        await ended
        return worker.exitCode ?? worker.signalCode
      }),
    )
  }
}
