/** Processes whose operations on files happen one at a time, in an order that a test chooses. */
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import type { CompleteRecord, SubmitRecord } from '../../src/machines/records.ts'
import type { FileStoreOptions } from '../../src/store/file/options.ts'
import type { FaultyProcess } from '../../src/testing/faulty-process.ts'
import { bundleProgram } from '../bundle.ts'

/** What a process is to do. */
export type Command = { readonly now: number } & (
  | { readonly do: 'open'; readonly seed: number; readonly options: Partial<FileStoreOptions> }
  | { readonly do: 'submit'; readonly records: readonly SubmitRecord[] }
  | { readonly do: 'claim'; readonly worker: string; readonly task: string }
  | { readonly do: 'complete'; readonly record: CompleteRecord }
  | { readonly do: 'lines' }
)
interface Failed {
  readonly code: string
  readonly message: string
}
/** What came of it. */
export interface Answer {
  readonly done: true
  value?: unknown
  error?: Failed
}
/** What came of an operation. */
export interface Granted {
  readonly value?: unknown
  readonly error?: Failed
}
interface Request {
  readonly operation: string
  readonly args: readonly unknown[]
}

/** The program of the threads. */
export const bundleThread = (): Promise<string> =>
  bundleProgram('test/crash/stepped-thread.ts', ['fs-extra', 'xstate', 'nanoid'])

/** A thread that plays one process after the other. */
export class Stepped {
  readonly #worker: Worker
  readonly #port: MessagePort
  /** Apart from the commands: one must not be taken for the other. */
  readonly #grants: MessagePort
  readonly #gate = new Int32Array(new SharedArrayBuffer(4))
  #disk: FaultyProcess | undefined
  #request: Request | undefined
  #busy = false
  #arrived: (() => void) | undefined
  /** What the command at hand was answered, as soon as it was: what is done behind it may still go on. */
  answer: Answer | undefined
  /** The operations that were granted since the last command. */
  granted: string[] = []

  constructor(program: string) {
    const { port1, port2 } = new MessageChannel()
    const grants = new MessageChannel()
    this.#port = port1
    this.#grants = grants.port1
    this.#worker = new Worker(program, {
      workerData: { gate: this.#gate, port: port2, grants: grants.port2 },
      transferList: [port2, grants.port2],
    })
    this.#port.on('message', (message: Request | Answer | { readonly told: Answer }) => {
      if ('told' in message) {
        this.answer = message.told
        return
      }
      if ('operation' in message) this.#request = message
      else this.#busy = false
      this.#arrived?.()
    })
  }

  /** Begins a command: it stands before its first operation when this resolves. */
  begin(command: Command, disk?: FaultyProcess): Promise<void> {
    if (this.#request !== undefined) throw new Error(`${this.#request.operation} came after all was quiet`)
    if (disk !== undefined) this.#disk = disk
    this.answer = undefined
    this.granted = []
    this.#busy = true
    this.#request = undefined
    const there = this.#there()
    this.#port.postMessage(command)
    return there
  }

  /** Whether an operation waits to be granted. */
  get waits(): boolean {
    return this.#busy
  }

  /** Lets the next operation happen. */
  async step(): Promise<void> {
    const request = this.#request
    if (request === undefined || this.#disk === undefined) return
    this.#request = undefined
    const there = this.#there()
    if (request.operation !== 'close') this.granted.push(request.operation)
    const granted = await outcome(this.#disk, request)
    this.#grants.postMessage(granted)
    Atomics.store(this.#gate, 0, 1)
    Atomics.notify(this.#gate, 0)
    await there
    // closing is no operation: nobody can tell when it happens
    if (this.#busy && (this.#request as Request | undefined)?.operation === 'close') await this.step()
  }

  /** Goes on to the end, or for so many operations. */
  async go(operations = Number.POSITIVE_INFINITY): Promise<void> {
    for (let i = 0; i < operations && this.#busy; i += 1) await this.step()
  }

  async do(command: Command, disk?: FaultyProcess): Promise<Answer> {
    await this.begin(command, disk)
    await this.go()
    return this.answer as Answer
  }

  /** As SIGKILL does: the thread is free for another process when it resolves. */
  async kill(): Promise<void> {
    this.#disk?.kill()
    const { answer } = this
    await this.go()
    // what a dead process learns, nobody is told
    this.answer = answer
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
    this.#port.close()
    this.#grants.close()
  }

  #there(): Promise<void> {
    return new Promise((resolve) => {
      this.#arrived = resolve
    })
  }
}

async function outcome(disk: FaultyProcess, { operation, args }: Request): Promise<Granted> {
  try {
    if (operation === 'read') {
      const [file, length, position] = args as [number, number, number]
      const into = Buffer.alloc(length)
      return { value: into.subarray(0, disk.read(file, into, position)) }
    }
    const value = (disk as unknown as Record<string, (...args: unknown[]) => unknown>)[operation]?.(...args)
    return { value: await value }
  } catch (error) {
    const { code = 'STORE', message } = error as { readonly code?: string; readonly message: string }
    return { error: { code, message } }
  }
}
