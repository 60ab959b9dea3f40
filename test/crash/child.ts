/** A process of the crash tests: it submits, works, cancels and forgets until it is killed, and writes down what was acknowledged. */
import { openSync, writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { seededRandom } from '../../src/random.ts'
import type { Disk } from '../../src/store/file/disk.ts'
import { NodeDisk } from '../../src/store/file/node-disk.ts'
import { FileStore } from '../../src/store/file/store.ts'
import type { ChildOptions } from './harness.ts'

const options = JSON.parse(process.argv[2] ?? '{}') as ChildOptions
const random = seededRandom(options.seed)
const below = (n: number): number => Math.floor(random.next() * n)
const log = openSync(options.log, 'a')
/** One write, and nothing of it is ours any more: it survives the kill. */
const note = (what: object): void => void writeSync(log, `${JSON.stringify(what)}\n`)

const store = new FileStore({
  dir: options.dir,
  lease: options.lease,
  segmentBytes: 30_000 + below(30_000),
  historyFor: '100d',
  historyBytes: 2 ** 40,
  watch: false,
  disk: faulty(new NodeDisk()),
})
const limits = { timeout: undefined, grace: 0, maxAttempts: 1, maxOrphans: 1_000 }
const worker = `w${options.name}`
let submitted = 0
let claims = 0

/** The disk, with the faults that a test asks for. */
function faulty(disk: NodeDisk): Disk {
  const { shortOneIn = 0, without } = options
  let pretend: { at: number; bytes: Uint8Array } | undefined
  // whatever else comes short is refused, and this process would end
  const segments = new Set<number>()
  return new Proxy<Disk>(disk, {
    get(target, name: keyof Disk) {
      if (name === 'openAppend') {
        return (path: string) => {
          const file = target.openAppend(path)
          if (file !== undefined && path.includes('/journal/')) segments.add(file)
          return file
        }
      }
      if (name === 'close') {
        return (file: number) => {
          segments.delete(file)
          target.close(file)
        }
      }
      if (name === 'append') {
        return (file: number, given: Uint8Array) => {
          const bytes = without === 'newline' && given[0] === 0x0a ? given.subarray(1) : given
          if (without === 'read-back') pretend = { at: target.stat(file).size, bytes }
          if (shortOneIn === 0 || !segments.has(file) || below(shortOneIn) > 0) return target.append(file, bytes)
          // what the system does when a write comes short, and what others do meanwhile
          const part = 1 + below(bytes.length - 1)
          target.append(file, bytes.subarray(0, part))
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3)
          if (below(2) === 0) target.append(file, bytes.subarray(part))
        }
      }
      if (name === 'read' && without === 'read-back') {
        return (file: number, into: Uint8Array, position: number) => {
          const known = pretend
          pretend = undefined
          if (known === undefined || known.at !== position || known.bytes.length > into.length) {
            return target.read(file, into, position)
          }
          into.set(known.bytes)
          return known.bytes.length
        }
      }
      const value = target[name]
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

async function submits(): Promise<void> {
  const records = Array.from({ length: 1 + below(3) }, () => {
    submitted += 1
    const task = `${options.name}-${submitted}`
    return {
      type: 'submit',
      task,
      at: Date.now(),
      name: 'ünï 漢字',
      recipe: 'r',
      input: { n: submitted },
      limits,
    } as const
  })
  const verdicts = await store.submit(records)
  verdicts.forEach(({ accepted }, i) => {
    if (accepted) note({ submit: records[i]?.task })
  })
}

async function works(): Promise<void> {
  const won = await store.claim({
    worker,
    at: Date.now(),
    slots: 1 + below(4),
    claim: () => `${worker}.${++claims}`,
    takes: () => true,
    fits: () => true,
  })
  for (const { task, claim } of won) {
    note({ begin: task.id, claim })
    if (below(3) === 0) await sleep(below(5))
    const record = { task: task.id, claim, at: Date.now() }
    if (below(12) === 0) {
      await store.append({ type: 'release', ...record })
      continue
    }
    const result = `${claim}!`
    const verdict = await store.append({ type: 'complete', ...record, result })
    // one that was told to be cancelled meanwhile ends as cancelled
    if (verdict.accepted && verdict.task?.state === 'completed') note({ complete: task.id, claim, result })
  }
}

async function cancels(): Promise<void> {
  const { tasks } = await store.list({ status: 'pending', limit: 10 })
  const task = tasks[below(tasks.length)]
  if (task === undefined) return
  const { accepted } = await store.append({ type: 'cancel', task: task.id, at: Date.now() })
  if (accepted) note({ cancel: task.id })
}

const parent = process.ppid
// nobody else would end it where the tests were killed
while (process.ppid === parent) {
  try {
    await submits()
    await works()
    if (below(10) === 0) await cancels()
    if (below(20) === 0) await store.forget({ at: Date.now(), keep: 100 })
  } catch (error) {
    const { code, message, cause } = error as { code?: string; message: string; cause?: unknown }
    // this process was stopped for so long that it was declared dead
    if (code === 'FENCED') process.exit(0)
    note({ error: `${code} ${message} ${cause instanceof Error ? cause.stack : ''}` })
    process.exit(1)
  }
}
process.exit(0)
