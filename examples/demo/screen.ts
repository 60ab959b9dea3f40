/** @module What is seen while the work goes on: a table that is redrawn on a terminal, lines of text elsewhere. */
import logUpdate from 'log-update'
import type { BackgroundRunner, BackgroundTask } from 'offstage'
import { bar, bold, columns, count, dim, live, safe, seconds, table, tail } from './text.ts'

/** What is on the screen. */
export interface Scene {
  readonly runner: BackgroundRunner
  readonly digests: readonly BackgroundTask<unknown>[]
  /** The tasks that have a row of their own. */
  readonly watched: readonly BackgroundTask<unknown>[]
}

const redrawEvery = 80
const stateWidth = 23
const progressWidth = 14

/** Shows the scene until `close`. */
export class Screen {
  readonly #scene: Scene
  readonly #began = performance.now()
  readonly #states = new Map<string, string>()
  readonly #timer: NodeJS.Timeout | undefined
  #tenths = 0

  constructor(scene: Scene) {
    this.#scene = scene
    if (live) this.#timer = setInterval(() => logUpdate(this.#picture()), redrawEvery)
  }

  /** A task has moved to another state. */
  moved(id: string): void {
    if (live) return
    const task = this.#scene.watched.find((each) => each.id === id)
    if (task !== undefined && this.#states.get(id) !== task.state)
      this.#say(`${task.name}: ${task.state}${noteOf(task)}`)
    if (task !== undefined) this.#states.set(id, task.state)
    this.#sayTenths()
  }

  close(): void {
    clearInterval(this.#timer)
    if (!live) return
    logUpdate(this.#picture())
    logUpdate.done()
  }

  #sayTenths(): void {
    const { digests } = this.#scene
    const done = digests.filter((task) => task.isSettled).length
    const tenths = Math.floor((10 * done) / digests.length)
    if (tenths === this.#tenths) return
    this.#tenths = tenths
    this.#say(`digests: ${done} of ${digests.length} done, ${this.#scene.runner.stats.busySlots} slots busy`)
  }

  #say(text: string): void {
    console.log(`${seconds(performance.now() - this.#began).padStart(8)}  ${safe(text)}`)
  }

  #picture(): string {
    const { runner, digests, watched } = this.#scene
    const { busySlots, maxConcurrentTasks } = runner.stats
    const done = digests.filter((task) => task.isSettled).length
    const running = digests.filter((task) => task.isRunning)
    const head = [
      bold(`${count(done)} of ${count(digests.length)} documents`),
      bar(done / digests.length, 24),
      `${busySlots} of ${maxConcurrentTasks} slots busy`,
      seconds(performance.now() - this.#began),
    ]
    const empty = Array.from({ length: Math.max(0, maxConcurrentTasks - running.length) }, () => ['', '', '', ''])
    const rows = [...watched.map(rowOf), ...running.map(rowOf), ...empty]
    const widths = [nameWidth() + 2, stateWidth + 2, progressWidth + 2]
    return `${head.join('  ')}\n${table(['task', 'state', 'progress', ''], rows, widths)}`
  }
}

/** What the name and the note share, beside the other columns and all borders. */
const spare = (): number => columns() - stateWidth - progressWidth - 13
const nameWidth = (): number => Math.min(40, Math.floor(spare() * 0.6))

function rowOf(task: BackgroundTask<unknown>): string[] {
  const percent = `${Math.round(task.progress * 100)} %`.padStart(5)
  const progress = task.progress > 0 || task.isRunning ? `${bar(task.progress, 6)} ${percent}` : ''
  const note = safe(noteOf(task)).slice(2, spare() - nameWidth() + 2)
  return [tail(safe(task.name), nameWidth()), task.state, progress, dim(note)]
}

/** What there is to say about it: how far it is, or how it failed. */
function noteOf(task: BackgroundTask<unknown>): string {
  if (task.error !== undefined) return `, ${task.error.code}`
  if (task.state === 'pending.delayed') return `, attempt ${task.attempt} follows`
  return task.message === undefined ? '' : `, ${task.message}`
}
