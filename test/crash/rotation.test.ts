/** Rule 5: processes that rotate the journal, killed and stopped between any two of their operations on files. */
import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CompleteRecord } from '../../src/machines/records.ts'
import { lineOf } from '../../src/machines/task-line.ts'
import { seededRandom } from '../../src/random.ts'
import { FaultyDisk } from '../../src/testing/faulty-disk.ts'
import type { FaultyProcess } from '../../src/testing/faulty-process.ts'
import { type Answer, bundleThread, type Command, Stepped } from './stepped.ts'
import { type Acknowledged, dir, readFiles, violations, World, wrongSnapshots } from './world.ts'

const whole = process.env['OFFSTAGE_SOAK'] === '1'
/** How many orders of each kind belong to the gate. */
const sample = 25
const big = { text: 'x'.repeat(1_200) }
/** Old enough to be taken away. */
const later = 30 * 60_000
const options = { dir, segmentBytes: 1_024, historyFor: 0, historyBytes: 0 } as const

let program = ''
let threads: Stepped[] = []
let base: ReadonlyMap<string, Buffer> = new Map()
let world = new World(1, options)

beforeAll(async () => {
  program = await bundleThread()
  threads = [new Stepped(program), new Stepped(program), new Stepped(program)]
  const maker = world.station('m')
  await maker.submit('target')
  for (const task of ['o1', 'o2', 'o3', 'o4', 'o5']) await maker.submit(world.submitOf(task, big))
  await maker.submit('last')
  await maker.close()
  expect(maker.errors).toEqual([])
  base = filesOf(world.disk, dir)
}, 60_000)
afterAll(async () => {
  for (const thread of threads) await thread.end()
  rmSync(program, { force: true })
})

function filesOf(disk: FaultyDisk, folder: string): Map<string, Buffer> {
  const files = new Map<string, Buffer>()
  for (const name of disk.list(folder)) {
    const bytes = disk.get(`${folder}/${name}`)
    if (bytes !== undefined) files.set(`${folder}/${name}`, bytes)
    else for (const [path, inner] of filesOf(disk, `${folder}/${name}`)) files.set(path, inner)
  }
  return files
}

/** A process in a thread, and what it was told. */
class Actor {
  readonly name: string
  readonly thread: Stepped
  readonly disk: FaultyProcess
  #command: Command | undefined

  constructor(thread: Stepped, name: string) {
    this.name = name
    this.thread = thread
    this.disk = world.disk.process()
  }

  async open(): Promise<this> {
    const answer = await this.do({ do: 'open', seed: world.seed * 7 + this.name.charCodeAt(0), options, now: now() })
    expect(answer.error).toBeUndefined()
    return this
  }

  submit(task: string): Command {
    return { do: 'submit', records: [{ ...world.submitOf(task, big), at: now() }], now: now() }
  }

  claim(task = 'target'): Command {
    return { do: 'claim', worker: this.name, task, now: now() }
  }

  begin(command: Command): Promise<void> {
    this.#command = command
    return this.thread.begin(command, this.disk)
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
    const note = (acknowledged: Acknowledged): void => void world.acknowledged.push(acknowledged)
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

let at = 0
const now = (): number => at

/** A machine with the store of the beginning, half an hour later. */
function machine(seed: number): { p: Actor; q: Actor; r: Actor } {
  const made = new World(seed, options)
  at = made.clock.now()
  Object.assign(made, { disk: new FaultyDisk({ seed, clock: { now } }) })
  for (const [path, bytes] of base) made.disk.put(path, bytes)
  at += later
  world = made
  const [first, second, third] = threads as [Stepped, Stepped, Stepped]
  return { p: new Actor(first, 'p'), q: new Actor(second, 'q'), r: new Actor(third, 'r') }
}

/** What is wrong in the end, when all who live have read what there is. */
async function wrongIn(living: readonly Actor[]): Promise<string[]> {
  const lines = new Map<string, readonly string[]>()
  const wrong: string[] = []
  for (const actor of living) {
    const { value, error } = await actor.do({ do: 'lines', now: now() })
    if (error !== undefined) wrong.push(`${actor.name} cannot read: ${error.message}`)
    else lines.set(actor.name, value as string[])
  }
  const files = readFiles(world.disk)
  wrong.push(...violations(world, files, false), ...wrongSnapshots(world.disk, files))
  const truth = [...files.state.tasks.values()].map((task) => lineOf(task, undefined))
  for (const [name, seen] of lines)
    if (seen.join('\n') !== truth.join('\n')) wrong.push(`I5: ${name} sees another state than the files have`)
  return wrong
}

/** The winner of a task completes it; nobody else may have won it. */
async function complete(actors: readonly Actor[]): Promise<void> {
  for (const { what, task, claim = '' } of [...world.acknowledged]) {
    const winner = actors.find(({ name }) => claim.startsWith(`${name}.`))
    if (what !== 'claim' || winner === undefined) continue
    const record: CompleteRecord = { type: 'complete', task, claim, result: 'done', at: now() }
    await winner.do({ do: 'complete', record, now: now() })
  }
}

async function opened(seed: number): Promise<{ p: Actor; q: Actor; r: Actor }> {
  const actors = machine(seed)
  await actors.p.open()
  await actors.q.open()
  return actors
}

type First = 'rotates' | 'claims'

/** The first does something, and stands still behind so many operations; then the others do all that they want to. */
async function interrupted(first: First, operation: number, fate: 'is killed' | 'goes on'): Promise<string[]> {
  const { p, q, r } = await opened(operation)
  await p.begin(first === 'rotates' ? p.submit('p1') : p.claim())
  await p.thread.go(operation)
  if (fate === 'is killed') {
    p.learn()
    await p.thread.kill()
  }
  const answers = [await q.do(q.submit('q1'))]
  await r.open()
  answers.push(
    await r.do(r.submit('r1')),
    await q.do(q.submit('q2')),
    await r.do(r.claim('last')),
    await q.do(q.claim()),
  )
  if (fate === 'goes on') {
    answers.push(await p.finish())
    answers.push(await p.do(p.claim()), await p.do(p.submit('p2')))
  }
  const living = fate === 'goes on' ? [p, q, r] : [q, r]
  await complete(living)
  const errors = answers.flatMap(({ error }) => (error === undefined ? [] : [error.message]))
  return [...errors, ...(await wrongIn(living))]
}

async function operationsOf(first: First): Promise<readonly string[]> {
  const { p } = await opened(1)
  await p.do(first === 'rotates' ? p.submit('p1') : p.claim())
  return p.thread.granted
}

/** Two do something at the same time. `turns` says who is next: true is the first. */
async function together(seed: number, what: readonly [First, First], next: () => boolean): Promise<string[]> {
  const { p, q, r } = await opened(seed)
  const commands = what.map((each, i) => {
    const actor = i === 0 ? p : q
    return each === 'rotates' ? actor.submit(`${actor.name}1`) : actor.claim()
  })
  await p.begin(commands[0] as Command)
  await q.begin(commands[1] as Command)
  while (p.thread.waits || q.thread.waits) {
    const isFirst = next()
    await (isFirst && p.thread.waits ? p : q.thread.waits ? q : p).thread.step()
  }
  const answers = [p.learn(), q.learn()]
  await r.open()
  answers.push(await r.do(r.submit('r1')), await p.do(p.submit('p2')), await q.do(q.claim('last')))
  await complete([p, q, r])
  const errors = answers.flatMap(({ error }) => (error === undefined ? [] : [error.message]))
  return [...errors, ...(await wrongIn([p, q, r]))]
}

describe('a process that is', () => {
  it.each([
    ['rotates', 'is killed'],
    ['rotates', 'goes on'],
    ['claims', 'is killed'],
    ['claims', 'goes on'],
  ] as const)(
    'stopped at any operation while it %s, and then %s, harms nobody',
    { timeout: 600_000 },
    async (first, fate) => {
      const { length } = await operationsOf(first)
      const wrong: string[] = []
      for (let n = 0; n <= length; n += 1)
        for (const each of await interrupted(first, n, fate)) wrong.push(`before operation ${n + 1}: ${each}`)
      console.log(`${first}, ${fate}: ${length} operations`)
      expect(wrong).toEqual([])
      expect(length).toBeGreaterThan(first === 'rotates' ? 40 : 10)
    },
  )
})

describe('two processes that at the same time', () => {
  it.each([
    ['rotates', 'rotates'],
    ['rotates', 'claims'],
    ['claims', 'claims'],
  ] as const)('one %s and one %s, agree whoever waits for whom', { timeout: 3_600_000 }, async (one, other) => {
    const first = (await operationsOf(one)).length
    const second = (await operationsOf(other)).length
    const wrong: string[] = []
    let runs = 0
    const every = whole ? 1 : Math.ceil((first * second) / sample)
    for (let place = 0; place < first * second; place += every) {
      const i = Math.floor(place / second)
      const j = place % second
      let step = 0
      runs += 1
      // the first goes i steps, the second j, then each to its end
      const next = (): boolean => ++step <= i || step > i + j
      for (const each of await together(place, [one, other], next)) wrong.push(`${i} steps, then ${j}: ${each}`)
    }
    for (let seed = 1; seed <= (whole ? 3_000 : sample); seed += 1) {
      const random = seededRandom(seed)
      runs += 1
      for (const each of await together(seed, [one, other], () => random.next() < 0.5))
        wrong.push(`order ${seed}: ${each}`)
    }
    console.log(`${one} and ${other}: ${first} × ${second} operations, ${runs} orders`)
    expect(wrong).toEqual([])
  })
})
