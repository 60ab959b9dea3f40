/** @module `offstage logs`: the log lines and the output of a task. */
import type { Call } from '../command.ts'
import { Exit } from '../exit.ts'
import type { Output } from '../output.ts'
import { openSession } from '../session.ts'
import { onStop } from '../signals.ts'
import { findTask } from '../tasks.ts'
import { styled } from '../text.ts'
import { follow, kept, type Written } from '../written.ts'

export async function logs(call: Call): Promise<Exit> {
  const { args, options, out } = call
  const { runner, store } = await openSession(call)
  const task = await findTask(runner, args[0] ?? '')
  const printer = new Printer(out)
  if (options.follow === true) {
    const stop = new AbortController()
    call.defer(onStop(() => stop.abort()))
    for await (const entry of follow(store, task, stop.signal)) printer.print(entry)
  } else for (const { entry } of await kept(store, task.id)) printer.print(entry)
  printer.end()
  return Exit.DONE
}

/** Output is printed as it came, so a log line behind it may have to begin on a new line. */
class Printer {
  readonly #out: Output
  #within = false

  constructor(out: Output) {
    this.#out = out
  }

  print(entry: Written): void {
    if (entry.type === 'progress') return
    const out = this.#out
    if (out.json) return void out.data(plain(entry))
    if (entry.type === 'output') {
      if (entry.chunk === '') return
      out.text(entry.chunk, '')
      this.#within = !entry.chunk.endsWith('\n')
      return
    }
    this.end()
    out.line(styled('dim', entry.at), ' ', levelPart(entry.level), ' ', entry.message, dataText(entry.data))
  }

  end(): void {
    if (this.#within) this.#out.text('')
    this.#within = false
  }
}

export const levelPart = (level: string): ReturnType<typeof styled> =>
  styled(level === 'error' ? 'red' : level === 'warn' ? 'yellow' : 'dim', level.padEnd(5))
export const dataText = (data: unknown): string => (data === undefined ? '' : ` ${JSON.stringify(data)}`)

/** Kept and fresh lines have the same members. */
function plain(entry: Exclude<Written, { type: 'progress' }>): object {
  if (entry.type === 'output') return { type: entry.type, at: entry.at, chunk: entry.chunk }
  const { type, at, level, message, data } = entry
  return { type, at, level, message, ...(data !== undefined && { data }) }
}
