/** @module Log lines and streamed output, kept beside the tasks: bounded, and gone with them. */
import type { StoredTask } from '../machines/store-state.ts'
import { type NewStreamEntry, type StreamEntry, streamKept } from './store.ts'

interface Stream {
  written: number
  readonly entries: StreamEntry[]
}

/** The newest {@link streamKept} entries of each task. */
export class Streams {
  readonly #streams = new Map<StoredTask, Stream>()

  /** @returns The entry with its place. */
  write(task: StoredTask, entry: NewStreamEntry): StreamEntry {
    const stream = this.#streams.get(task) ?? { written: 0, entries: [] }
    this.#streams.set(task, stream)
    stream.written += 1
    const written = placed(entry, task.snapshot.context.version, stream.written)
    stream.entries.push(written)
    if (stream.entries.length > streamKept) stream.entries.shift()
    return written
  }

  read(task: StoredTask, after: number): readonly StreamEntry[] {
    return this.#streams.get(task)?.entries.filter((entry) => entry.n > after) ?? []
  }

  delete(task: StoredTask): void {
    this.#streams.delete(task)
  }
}

/** Literals rather than a spread with more members, which takes V8 a microsecond. */
function placed(entry: NewStreamEntry, version: number, n: number): StreamEntry {
  const { at } = entry
  if (entry.type === 'output') return { type: 'output', at, version, n, chunk: entry.chunk }
  const { level, message, data } = entry
  return data === undefined
    ? { type: 'log', at, version, n, level, message }
    : { type: 'log', at, version, n, level, message, data }
}
