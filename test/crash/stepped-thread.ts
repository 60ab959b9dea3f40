/** The program of a thread that plays a process: each of its operations on files waits until it is granted. */
import { setImmediate as turn } from 'node:timers/promises'
import { type MessagePort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { OffstageError } from '../../src/errors.ts'
import { lineOf } from '../../src/machines/task-line.ts'
import { seededRandom } from '../../src/random.ts'
import type { Disk } from '../../src/store/file/disk.ts'
import { FileStore } from '../../src/store/file/store.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import type { Answer, Command, Granted } from './stepped.ts'

const { gate, port, grants } = workerData as {
  readonly gate: Int32Array
  readonly port: MessagePort
  readonly grants: MessagePort
}

/** Turns of the loop without an operation, after which nothing more is coming. */
const quiet = 25
let asked = 0

function ask(operation: string, args: readonly unknown[]): unknown {
  asked += 1
  port.postMessage({ operation, args })
  // who was woken for the grant before must wait again
  while (Atomics.compareExchange(gate, 0, 1, 0) !== 1) Atomics.wait(gate, 0, 0)
  const granted = receiveMessageOnPort(grants)
  if (granted === undefined) throw new Error(`${operation} was granted without an answer`)
  const { value, error } = granted.message as Granted
  if (error !== undefined) throw Object.assign(new Error(error.message), { code: error.code })
  return value
}

const disk = {
  read(file: number, into: Uint8Array, position: number): number {
    const bytes = ask('read', [file, into.length, position]) as Uint8Array
    into.set(bytes)
    return bytes.length
  },
  sync: async (file: number) => void ask('sync', [file]),
  syncFolder: async (path: string) => void ask('syncFolder', [path]),
} as unknown as Disk
for (const name of ['create', 'openAppend', 'openRead', 'close', 'append', 'stat', 'lstat', 'list', 'link', 'rename'])
  Object.assign(disk, { [name]: (...args: unknown[]) => ask(name, args) })
for (const name of ['remove', 'makeFolder', 'touch', 'realpath'])
  Object.assign(disk, { [name]: (...args: unknown[]) => ask(name, args) })

let clock = new VirtualClock()
let store: FileStore | undefined
let claims = 0

async function run(command: Command): Promise<unknown> {
  if (command.do === 'open') {
    clock = new VirtualClock({ now: command.now })
    claims = 0
    store = new FileStore({ ...command.options, disk, clock, random: seededRandom(command.seed) })
    await store.open()
    return undefined
  }
  if (store === undefined) throw new Error('no store is open')
  clock.step(command.now - clock.now())
  if (command.do === 'submit') {
    const verdicts = await store.submit(command.records)
    return verdicts.map(({ accepted }) => accepted)
  }
  if (command.do === 'claim') {
    const won = await store.claim({
      worker: command.worker,
      at: command.now,
      slots: 1,
      claim: () => `${command.worker}.${++claims}`,
      takes: () => true,
      fits: ({ id }) => id === command.task,
    })
    return won.map(({ task, claim }) => ({ task: task.id, claim, run: task.snapshot.context.run }))
  }
  if (command.do === 'complete') return (await store.append(command.record)).accepted
  await store.get('any')
  return [...store.known()].map((task) => lineOf(task, undefined))
}

async function rest(): Promise<void> {
  for (let silent = 0, last = asked; silent < quiet; silent += 1) {
    await turn()
    if (asked !== last) silent = 0
    last = asked
  }
}

port.on('message', async (command: Command) => {
  const answer: Answer = { done: true }
  try {
    answer.value = await run(command)
  } catch (error) {
    answer.error = { code: OffstageError.is(error) ? error.code : 'FOREIGN', message: String(error) }
  }
  port.postMessage({ told: answer })
  await rest()
  port.postMessage(answer)
})
process.emitWarning = () => {}
