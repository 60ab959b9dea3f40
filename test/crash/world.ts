/**
 * A machine in memory: a disk, a clock, and processes with a store each. It keeps what was acknowledged to them, and
 * holds it against the files, which it reads by itself.
 */
import { setImmediate as turn } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import { OffstageError } from '../../src/errors.ts'
import { foldStore, type Verdict } from '../../src/machines/fold-store.ts'
import { readRecord } from '../../src/machines/read-record.ts'
import type { StoreRecord, SubmitRecord } from '../../src/machines/records.ts'
import { StateReader, writeState } from '../../src/machines/state-json.ts'
import { emptyStore, type StoredTask, type StoreState } from '../../src/machines/store-state.ts'
import { lineOf } from '../../src/machines/task-line.ts'
import { seededRandom } from '../../src/random.ts'
import type { Disk } from '../../src/store/file/disk.ts'
import { frames } from '../../src/store/file/frame.ts'
import { Layout } from '../../src/store/file/layout.ts'
import type { FileStoreOptions } from '../../src/store/file/options.ts'
import { FileStore } from '../../src/store/file/store.ts'
import type { Claimed } from '../../src/store/store.ts'
import type { Operation } from '../../src/testing/faults.ts'
import { FaultyDisk } from '../../src/testing/faulty-disk.ts'
import type { FaultyProcess } from '../../src/testing/faulty-process.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'

export const dir = '/home/store'
export const layout = new Layout(dir)

const operations: readonly Operation[] = [
  ...(['create', 'openAppend', 'openRead', 'read', 'append', 'stat', 'lstat', 'sync', 'syncFolder', 'list'] as const),
  ...(['link', 'rename', 'remove', 'makeFolder', 'touch', 'realpath'] as const),
]

/** A disk that tells before each operation. */
export function watched(disk: Disk, before: (operation: Operation, args: readonly unknown[]) => void): Disk {
  const all = disk as unknown as Record<string, (...args: unknown[]) => unknown>
  const seen: Record<string, unknown> = {
    close: (file: number) => disk.close(file),
    fileSystem: (path: string) => disk.fileSystem?.(path),
  }
  for (const name of operations) {
    seen[name] = (...args: unknown[]) => {
      before(name, args)
      return all[name]?.(...args)
    }
  }
  return seen as unknown as Disk
}

/**
 * As systems do it: a sync that fails is told once to everybody who had the file open then, and to nobody who opens it
 * later.
 */
class FailedSyncs {
  /** How many syncs of segments have failed. */
  count = 0
  readonly #open = new Map<number, { readonly path: string; told: boolean }>()

  watch(disk: Disk): Disk {
    const opened = (file: number | undefined, path: string): number | undefined => {
      if (file !== undefined) this.#open.set(file, { path, told: true })
      return file
    }
    return {
      ...watched(disk, () => {}),
      create: (path) => opened(disk.create(path), path) as number,
      openAppend: (path) => opened(disk.openAppend(path), path),
      close: (file) => {
        this.#open.delete(file)
        disk.close(file)
      },
      sync: async (file) => {
        const own = this.#open.get(file)
        try {
          await disk.sync(file)
        } catch (error) {
          if ((error as { code?: unknown }).code === 'KILLED') throw error
          if (own?.path.startsWith(layout.journal)) this.count += 1
          for (const other of this.#open.values()) if (other !== own && other.path === own?.path) other.told = false
          throw error
        }
        if (own === undefined || own.told) return
        own.told = true
        throw Object.assign(new Error('EIO: fdatasync'), { code: 'EIO' })
      },
    }
  }
}

/** What was acknowledged to somebody. */
export interface Acknowledged {
  readonly what: 'submit' | 'claim' | 'complete' | 'fail' | 'cancel' | 'forget'
  readonly task: string
  readonly claim?: string
  readonly run?: number
  readonly result?: string
  /** A sync of the journal had failed: who came later reads what may not be on the medium, and cannot know. */
  readonly onSand?: boolean
}

/** A process: its disk, its store, and what it was told. */
export class Station {
  readonly name: string
  readonly disk: FaultyProcess
  readonly store: FileStore
  readonly world: World
  readonly held: Claimed[] = []
  readonly errors: OffstageError[] = []
  /** What it was told after it had learnt that the store is lost to it. */
  readonly afterLoss: string[] = []
  lost = 0
  /** Whether the last call was answered. */
  answered = false
  #claims = 0

  constructor(world: World, name: string, options: Partial<FileStoreOptions>, wrap?: (disk: Disk) => Disk) {
    this.world = world
    this.name = name
    this.disk = world.disk.process()
    const seen = world.failedSyncs.watch(this.disk)
    const random = seededRandom(world.seed * 31 + name.charCodeAt(0))
    this.store = new FileStore({
      ...world.options,
      random,
      clock: world.clock,
      disk: wrap?.(seen) ?? seen,
      ...options,
    })
    this.store.onLost(() => {
      this.lost += 1
    })
  }

  /** Ends within a bound of simulated time: with what was acknowledged, or with an error that has a code. */
  async ask<T>(call: () => T | Promise<T>, noting?: (answer: T) => readonly Acknowledged[]): Promise<T | undefined> {
    this.answered = false
    try {
      const wasLost = this.lost > 0
      const answer = await this.world.settled(
        (async () => call())().then((given) => {
          for (const note of noting?.(given) ?? []) {
            this.world.acknowledged.push({ ...note, onSand: this.world.failedSyncs.count > 0 })
            if (wasLost) this.afterLoss.push(`${note.what} ${note.task}`)
          }
          return given
        }),
      )
      this.answered = true
      return answer
    } catch (error) {
      // a blob that cannot be looked at is told as the system says it
      if (!OffstageError.is(error) && String(error).includes(`lstat '${layout.blobs}`)) return undefined
      if (!OffstageError.is(error))
        throw new Error(`${this.name}: not an error of ours: ${String(error)}`, { cause: error })
      if (error.code === 'STALLED') throw error
      this.errors.push(error)
      return undefined
    }
  }

  submit(...tasks: readonly (string | SubmitRecord)[]): Promise<unknown> {
    const records = tasks.map((task) => (typeof task === 'string' ? this.world.submitOf(task) : task))
    return this.ask(
      () => this.store.submit(records),
      (verdicts) =>
        verdicts.flatMap((verdict, i) => accepted(verdict, { what: 'submit', task: records[i]?.task ?? '' })),
    )
  }

  async claim(slots = 1): Promise<readonly Claimed[]> {
    const worker = `worker-${this.name}`
    const claimed = await this.ask(
      () =>
        this.store.claim({
          worker,
          at: this.world.clock.now(),
          slots,
          claim: () => `${this.name}${++this.#claims}`,
          takes: () => true,
          fits: () => true,
        }),
      (won) => won.map(({ task, claim }) => ({ what: 'claim', task: task.id, claim, run: task.snapshot.context.run })),
    )
    this.held.push(...(claimed ?? []))
    return claimed ?? []
  }

  progress({ task, claim }: Claimed): Promise<unknown> {
    return this.ask(() => this.store.append({ type: 'progress', task: task.id, claim, fraction: 0.5, at: this.at }))
  }

  complete({ task, claim }: Claimed, result = `done ${task.id}`): Promise<unknown> {
    return this.ask(
      () => this.store.append({ type: 'complete', task: task.id, claim, result, at: this.at }),
      (verdict) => accepted(verdict, { what: 'complete', task: task.id, claim, result }),
    )
  }

  fail({ task, claim }: Claimed): Promise<unknown> {
    const error = { code: 'ERROR', message: 'no' }
    return this.ask(
      () => this.store.append({ type: 'fail', task: task.id, claim, error, at: this.at }),
      (verdict) => accepted(verdict, { what: 'fail', task: task.id, claim }),
    )
  }

  cancel(task: string): Promise<unknown> {
    return this.ask(
      () => this.store.append({ type: 'cancel', task, at: this.at }),
      (verdict) => accepted(verdict, { what: 'cancel', task }),
    )
  }

  forget(task: string): Promise<unknown> {
    return this.ask(
      () => this.store.forget({ at: this.at, accepts: ({ id }) => id === task }),
      ({ forgotten }) => (forgotten === 1 ? [{ what: 'forget', task }] : []),
    )
  }

  close(): Promise<unknown> {
    return this.ask(() => this.store.close())
  }

  get at(): number {
    return this.world.clock.now()
  }
}

const accepted = (verdict: Verdict, note: Acknowledged): Acknowledged[] => (verdict.accepted ? [note] : [])

/** How long anything may take, in simulated ms, and how many turns of the loop before time moves. */
const longest = 60_000
const turns = 40

export class World {
  readonly seed: number
  readonly clock = new VirtualClock({ now: 1_000_000 })
  readonly disk: FaultyDisk
  readonly options: Partial<FileStoreOptions>
  readonly acknowledged: Acknowledged[] = []
  readonly failedSyncs = new FailedSyncs()

  constructor(seed: number, options: Partial<FileStoreOptions> = {}) {
    this.seed = seed
    this.disk = new FaultyDisk({ seed, clock: this.clock })
    this.disk.put('/home/notes', 'the folder above the store is there, and safe')
    this.options = { dir, lease: '15s', historyFor: '30d', historyBytes: 1024 ** 3, ...options }
  }

  station(name: string, options: Partial<FileStoreOptions> = {}, wrap?: (disk: Disk) => Disk): Station {
    return new Station(this, name, options, wrap)
  }

  submitOf(task: string, input: unknown = { text: 'x'.repeat(100) }): SubmitRecord {
    const limits = { timeout: undefined, grace: 5_000, maxAttempts: 1, maxOrphans: 1 }
    return { type: 'submit', task, at: this.clock.now(), name: task, recipe: 'any', input, limits }
  }

  /** The power fails: claims are not synced, and power loss merely repeats what they stand for. */
  cutPower(strict: boolean): void {
    this.disk.crash({ strict })
    const kept = this.acknowledged.filter(({ what, onSand }) => what !== 'claim' && onSand !== true)
    this.acknowledged.splice(0, this.acknowledged.length, ...kept)
  }

  /** @throws {OffstageError} STALLED when it has not ended within a minute of simulated time. */
  async settled<T>(promise: Promise<T>): Promise<T> {
    let over = false
    const note = (): void => {
      over = true
    }
    promise.then(note, note)
    for (let waited = 0; waited <= longest && !over; waited += 250) {
      for (let i = 0; i < turns && !over; i += 1) await turn()
      if (!over && waited > 0) await this.clock.advance(250)
    }
    if (!over) throw new OffstageError('STALLED', 'a call did not end')
    return promise
  }
}

/** A record that counts, and what became of it. */
export interface Judged {
  readonly segment: number
  readonly record: StoreRecord
  readonly verdict: Verdict
}

/** What the files say. */
export interface Files {
  readonly state: StoreState
  readonly judged: readonly Judged[]
  /** Every line that each task has ever been. */
  readonly lines: ReadonlyMap<string, ReadonlySet<string>>
  /** The fold of all segments before each one, as a snapshot has it. */
  readonly before: ReadonlyMap<number, Buffer>
  readonly segments: readonly number[]
  readonly snapshots: readonly number[]
  readonly damaged: number
  /** What came before stands in a snapshot only: its segments are gone, or a failed sync has cost them something. */
  readonly isPatched: boolean
}

/** Reads segments by itself: the lowest first, with the snapshot before it, each up to its seal. */
export function readFiles(disk: FaultyDisk): Files {
  const numbers = (folder: string): number[] =>
    disk
      .list(folder)
      .flatMap((name) => (name.endsWith('.jsonl') && !name.startsWith('.') ? [Number(name.slice(0, 8))] : []))
      .sort((a, b) => a - b)
  const segments = numbers(layout.journal)
  const files = { state: emptyStore(), judged: [] as Judged[], before: new Map<number, Buffer>(), damaged: 0 }
  const lines = new Map<string, Set<string>>()
  const snapshots = numbers(layout.snapshots)
  let isPatched = false
  let open = segments.length > 0
  const first = segments[0] ?? 1
  for (let n = first; open && disk.get(layout.segment(n)) !== undefined; n += 1) {
    const kept = snapshots.includes(n) ? disk.get(layout.snapshot(n)) : undefined
    files.before.set(n, bytesOf(files.state))
    const isBeginning = n === first && n > 1
    if (isBeginning && kept === undefined) throw new Error(`there is no snapshot before segment ${n}, the first`)
    if (kept !== undefined && (isBeginning || (files.damaged > 0 && !files.before.get(n)?.equals(kept)))) {
      files.state = stateIn(kept)
      files.before.set(n, kept)
      for (const task of files.state.tasks.values()) keepLine(lines, task)
      isPatched = true
    }
    open = false
    for (const line of linesOf(disk.get(layout.segment(n)) as Buffer)) {
      if (line === undefined) {
        files.damaged += 1
        continue
      }
      if (line.type === 'seal') {
        open = true
        break
      }
      const record = readRecord(line)
      if (record === undefined || record === 'unknown' || !('type' in record) || record.type === 'header') continue
      const verdict = foldStore(files.state, record)
      files.judged.push({ segment: n, record, verdict })
      for (const { task } of verdict.changes) keepLine(lines, task)
      const named = 'task' in record ? files.state.tasks.get(record.task) : undefined
      if (named !== undefined) keepLine(lines, named)
    }
  }
  return { ...files, lines, segments, snapshots, isPatched }
}

function stateIn(snapshot: Buffer): StoreState {
  const reader = new StateReader()
  for (const line of snapshot.toString().split('\n')) if (line !== '') reader.line(line.slice(9))
  return reader.end()
}

function keepLine(lines: Map<string, Set<string>>, task: StoredTask): void {
  const all = lines.get(task.id) ?? new Set()
  all.add(lineOf(task, undefined))
  lines.set(task.id, all)
}

/** A state as a snapshot has it. */
export function bytesOf(state: StoreState): Buffer {
  return frames([...writeState(state)])
}

function* linesOf(bytes: Buffer): Generator<{ type?: unknown } | undefined> {
  let from = 0
  for (let to = bytes.indexOf(10); to >= 0; to = bytes.indexOf(10, from)) {
    const line = bytes.subarray(from, to)
    from = to + 1
    if (line.length === 0) continue
    const text = line.subarray(9)
    const whole = line.length > 9 && line.toString('latin1', 0, 8) === crc32(text).toString(16).padStart(8, '0')
    yield whole ? (JSON.parse(text.toString()) as { type?: unknown }) : undefined
  }
}

/** What is wrong, by the names of the invariants. @param powerCut What was never synced may be gone: claims. */
export function violations(world: World, files: Files, powerCut: boolean): string[] {
  const wrong: string[] = []
  const wins = new Map<string, string>()
  const ends = new Map<string, Judged>()
  const born = new Set<string>()
  for (const judged of files.judged) {
    const { record, verdict } = judged
    if (!verdict.accepted) continue
    if (record.type === 'submit') born.add(record.task)
    if (record.type === 'start') wins.set(`${record.task} ${record.run}`, record.claim)
    if ('task' in record && ['complete', 'fail', 'cancel'].includes(record.type))
      ends.set(`${record.type} ${record.task}`, judged)
    if (record.type === 'forget') ends.set(`forget ${record.task}`, judged)
  }
  const told = new Map<string, string>()
  for (const { what, task, claim = '', run = 0, result } of world.acknowledged) {
    if (what === 'submit' && !born.has(task) && !isIn(files, task)) wrong.push(`I1: the submit of ${task} is lost`)
    if (what === 'claim') {
      const attempt = `${task} ${run}`
      if (told.has(attempt)) wrong.push(`I2: ${attempt} was won by ${told.get(attempt)} and by ${claim}`)
      told.set(attempt, claim)
      // its record may have been replaced by a snapshot
      const isReplaced = files.isPatched && !wins.has(attempt)
      if (!powerCut && !isReplaced && wins.get(attempt) !== claim) wrong.push(`I4: ${attempt} was not won by ${claim}`)
    }
    if (what === 'complete' || what === 'fail' || what === 'cancel' || what === 'forget') {
      const end = ends.get(`${what} ${task}`)?.record
      if (files.isPatched && isEnded(files, task)) continue
      if (end === undefined) wrong.push(`I3: the ${what} of ${task} is lost`)
      else if (what === 'complete' && end.type === 'complete') {
        const same =
          end.resultBlob === undefined ? end.result === result : end.resultBlob.bytes === (result?.length ?? 0) + 2
        if (end.claim !== claim || !same) wrong.push(`I3: the completion of ${task} has changed`)
      }
    }
  }
  return wrong
}

const isIn = ({ isPatched, state }: Files, task: string): boolean =>
  isPatched && (state.tasks.has(task) || state.forgotten.has(task))
const isEnded = ({ state }: Files, task: string): boolean => state.tasks.get(task)?.settled ?? state.forgotten.has(task)

/** I6: each snapshot is the fold of what stands before it. */
export function wrongSnapshots(disk: FaultyDisk, files: Files): string[] {
  return files.snapshots.flatMap((n) => {
    const before = files.before.get(n)
    if (before === undefined) return [`I6: snapshot ${n} has no segments before it`]
    return disk.get(layout.snapshot(n))?.equals(before) ? [] : [`I6: snapshot ${n} is not the fold before it`]
  })
}

/** I5: a process sees the state of the files, or, when it cannot read on, one that they have been in. */
export function strange(station: Station, files: Files, isCurrent: boolean): string[] {
  const wrong: string[] = []
  const known = [...station.store.known()]
  for (const task of known) {
    const line = lineOf(task, undefined)
    if (files.lines.get(task.id)?.has(line) !== true) wrong.push(`I5: ${station.name} sees ${task.id} as it never was`)
    const now = files.state.tasks.get(task.id)
    if (isCurrent && (now === undefined || lineOf(now, undefined) !== line))
      wrong.push(`I5: ${station.name} sees an old ${task.id}`)
  }
  if (isCurrent && known.length !== files.state.tasks.size)
    wrong.push(`I5: ${station.name} sees ${known.length} of ${files.state.tasks.size} tasks`)
  return wrong
}
