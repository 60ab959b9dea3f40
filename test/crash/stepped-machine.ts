/** A machine whose processes are threads that a test steps through, with a store that has been rotated before. */
import { rmSync } from 'node:fs'
import { lineOf } from '../../src/machines/task-line.ts'
import { FaultyDisk } from '../../src/testing/faulty-disk.ts'
import type { FaultyProcess } from '../../src/testing/faulty-process.ts'
import { type Answer, bundleThread, type Command, Stepped } from './stepped.ts'
import { type Acknowledged, dir, readFiles, violations, World, wrongSnapshots } from './world.ts'

const big = { text: 'x'.repeat(1_200) }
/** Old enough to be taken away. */
export const later = 30 * 60_000
const options = { dir, segmentBytes: 1_024, historyFor: 0, historyBytes: 0 } as const

/** Threads for three processes, and the store that each machine begins with. */
export class Machines {
  readonly #threads: readonly Stepped[]
  readonly #program: string
  readonly #files: ReadonlyMap<string, Buffer>

  /** Two small tasks, `target` and `last`, and five that each filled a segment. */
  static async make(): Promise<Machines> {
    const world = new World(1, options)
    const maker = world.station('m')
    await maker.submit('target')
    for (const task of ['o1', 'o2', 'o3', 'o4', 'o5']) await maker.submit(world.submitOf(task, big))
    await maker.submit('last')
    await maker.close()
    if (maker.errors.length > 0) throw maker.errors[0] as Error
    return new Machines(await bundleThread(), filesOf(world.disk, dir))
  }

  private constructor(program: string, files: ReadonlyMap<string, Buffer>) {
    this.#program = program
    this.#threads = [new Stepped(program), new Stepped(program), new Stepped(program)]
    this.#files = files
  }

  /** A machine half an hour later. The processes of the one before are over. */
  begin(seed: number): Machine {
    return new Machine(seed, this.#files, this.#threads)
  }

  async end(): Promise<void> {
    for (const thread of this.#threads) await thread.end()
    rmSync(this.#program, { force: true })
  }
}

export class Machine {
  readonly world: World
  readonly disk: FaultyDisk
  readonly seed: number
  readonly p: Actor
  readonly q: Actor
  readonly r: Actor
  /** What time it is. */
  at: number

  constructor(seed: number, files: ReadonlyMap<string, Buffer>, [p, q, r]: readonly Stepped[]) {
    this.seed = seed
    this.world = new World(seed, options)
    this.at = this.world.clock.now()
    this.disk = new FaultyDisk({ seed, clock: { now: () => this.at } })
    for (const [path, bytes] of files) this.disk.put(path, bytes)
    this.at += later
    this.p = new Actor(this, p as Stepped, 'p')
    this.q = new Actor(this, q as Stepped, 'q')
    this.r = new Actor(this, r as Stepped, 'r')
  }

  /** The winner of each task completes it. */
  async complete(): Promise<void> {
    for (const { what, task, claim = '' } of [...this.world.acknowledged]) {
      const winner = [this.p, this.q, this.r].find(({ name }) => claim.startsWith(`${name}.`))
      if (what === 'claim' && winner !== undefined) await winner.do(winner.complete(task, claim))
    }
  }

  /** What is wrong in the end, when all who live have read what there is. */
  async wrong(living: readonly Actor[]): Promise<string[]> {
    const seen = new Map<string, string>()
    const wrong: string[] = []
    for (const actor of living) {
      const { value, error } = await actor.do({ do: 'lines', now: this.at })
      if (error !== undefined) wrong.push(`${actor.name} cannot read: ${error.message}`)
      else seen.set(actor.name, (value as string[]).join('\n'))
    }
    const files = readFiles(this.disk)
    wrong.push(...violations(this.world, files, false), ...wrongSnapshots(this.disk, files))
    const truth = [...files.state.tasks.values()].map((task) => lineOf(task, undefined)).join('\n')
    for (const [name, lines] of seen)
      if (lines !== truth) wrong.push(`I5: ${name} sees another state than the files have`)
    return wrong
  }
}

/** A process in a thread, and what it was told. */
export class Actor {
  readonly name: string
  readonly thread: Stepped
  readonly #machine: Machine
  readonly #disk: FaultyProcess
  #command: Command | undefined

  constructor(machine: Machine, thread: Stepped, name: string) {
    this.name = name
    this.thread = thread
    this.#machine = machine
    this.#disk = machine.disk.process()
  }

  async open(): Promise<this> {
    const seed = this.#machine.seed * 7 + this.name.charCodeAt(0)
    const { error } = await this.do({ do: 'open', seed, options, now: this.#machine.at })
    if (error !== undefined) throw new Error(`${this.name} could not open the store: ${error.message}`)
    return this
  }

  /** So large that the segment is full, and is rotated, unless it is `small`. */
  submit(task: string, isSmall = false): Command {
    const { at, world } = this.#machine
    const record = world.submitOf(task, isSmall ? {} : big)
    return { do: 'submit', records: [{ ...record, at }], now: at }
  }

  claim(task = 'target'): Command {
    return { do: 'claim', worker: this.name, task, now: this.#machine.at }
  }

  complete(task: string, claim: string): Command {
    const { at } = this.#machine
    return { do: 'complete', record: { type: 'complete', task, claim, result: 'done', at }, now: at }
  }

  begin(command: Command): Promise<void> {
    this.#command = command
    return this.thread.begin(command, this.#disk)
  }

  /** The command goes on to its end. */
  async finish(): Promise<Answer> {
    await this.thread.go()
    return this.learn()
  }

  async do(command: Command): Promise<Answer> {
    await this.begin(command)
    return this.finish()
  }

  /** Keeps what it was told. */
  learn(): Answer {
    const { answer } = this.thread
    const command = this.#command
    if (answer === undefined || command === undefined) return { done: true }
    const note = (acknowledged: Acknowledged): void => void this.#machine.world.acknowledged.push(acknowledged)
    if (command.do === 'submit')
      for (const [i, accepted] of ((answer.value ?? []) as boolean[]).entries())
        if (accepted) note({ what: 'submit', task: command.records[i]?.task ?? '' })
    if (command.do === 'claim')
      for (const won of (answer.value ?? []) as Omit<Acknowledged, 'what'>[]) note({ what: 'claim', ...won })
    if (command.do === 'complete' && answer.value === true)
      note({ what: 'complete', task: command.record.task, claim: command.record.claim, result: 'done' })
    this.#command = undefined
    return answer
  }
}

function filesOf(disk: FaultyDisk, folder: string): Map<string, Buffer> {
  const files = new Map<string, Buffer>()
  for (const name of disk.list(folder)) {
    const bytes = disk.get(`${folder}/${name}`)
    if (bytes !== undefined) files.set(`${folder}/${name}`, bytes)
    else for (const [path, inner] of filesOf(disk, `${folder}/${name}`)) files.set(path, inner)
  }
  return files
}
