/** @module What is seen while the work goes on: a table that is redrawn on a terminal, lines of text elsewhere. */
import logUpdate from 'log-update'
import type { BackgroundTask } from 'offstage'
import { bar, bold, columns, count, dim, live, safe, seconds, table, tail } from './text.ts'

/** What is on the screen. */
export interface Scene {
  readonly digests: readonly BackgroundTask<unknown>[]
  /** The tasks that have a row of their own, beside the digests that run. */
  readonly watched: readonly BackgroundTask<unknown>[]
}

const redrawEvery = 80
const stateWidth = 23
const progressWidth = 14

/** Shows the scene until `close`. */
export class Screen {
  #scene: Scene = { digests: [], watched: [] }
  readonly #began = performance.now()
  readonly #states = new Map<string, string>()
  readonly #timer: NodeJS.Timeout | undefined
  readonly #said: string[] = []

  constructor() {
    if (live) this.#timer = setInterval(() => logUpdate(this.#picture()), redrawEvery)
  }

  show(scene: Scene): void {
    this.#scene = scene
  }

  /** A task has moved to another state. */
  moved(id: string): void {
    if (live) return
    const { watched, digests } = this.#scene
    const task = watched.find((each) => each.id === id) ?? digests.find((each) => each.id === id && each.isSettled)
    if (task === undefined || this.#states.get(id) === task.state) return
    this.#states.set(id, task.state)
    this.say(`${task.name}: ${task.state}${noteOf(task)}`)
  }

  /** Something happened that no task tells. */
  say(text: string): void {
    const line = `${seconds(performance.now() - this.#began).padStart(8)}  ${safe(text)}`
    if (live) this.#said.push(line)
    else console.log(line)
  }

  close(): void {
    clearInterval(this.#timer)
    if (!live) return
    logUpdate(this.#picture())
    logUpdate.done()
  }

  #picture(): string {
    const { digests, watched } = this.#scene
    const done = digests.filter((task) => task.isSettled).length
    const rows = [...watched, ...digests.filter((task) => task.isRunning)].map(rowOf)
    const head = [
      bold(`${count(done)} of ${count(digests.length)} digests`),
      bar(done / Math.max(digests.length, 1), 24),
      seconds(performance.now() - this.#began),
    ]
    const widths = [nameWidth() + 2, stateWidth + 2, progressWidth + 2]
    return `${[head.join('  '), ...this.#said].join('\n')}\n${table(['task', 'state', 'progress', ''], rows, widths)}`
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
