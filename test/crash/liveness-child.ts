/** A worker of the liveness tests: it says what it does, and does what it is told, a line each. */
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { SystemClock } from '../../src/clock.ts'
import { defineRecipe } from '../../src/runner/recipe.ts'
import { BackgroundRunner } from '../../src/runner/runner.ts'
import { FileStore } from '../../src/store/file/store.ts'

/** What a worker is told. */
export interface LivenessChild {
  readonly dir: string
  readonly lease: '1s'
  /** It submits a task, waits for it, and has nothing left to do. */
  readonly once?: boolean
  /** It claims a task without a runner, and completes it when it is told to, whatever has happened meanwhile. */
  readonly bare?: boolean
}

const options = JSON.parse(process.argv[2] ?? '{}') as LivenessChild
const say = (what: object): void => void process.stdout.write(`${JSON.stringify({ ...what, at: Date.now() })}\n`)

class ShiftedClock extends SystemClock {
  shift = 0
  override now(): number {
    return super.now() + this.shift
  }
}

const clock = new ShiftedClock()
/** It does not listen to its signal: what it returns late must be refused. */
const hold = defineRecipe({
  name: 'hold',
  run: async ({ ms }: { ms: number }, { task, attempt }) => {
    say({ begin: task.id, attempt })
    await sleep(ms)
    return process.pid
  },
})
const block = defineRecipe({
  name: 'block',
  run: ({ ms }: { ms: number }, { task, attempt }) => {
    say({ begin: task.id, attempt })
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
    return process.pid
  },
})

const store = new FileStore({ dir: options.dir, lease: options.lease, clock })
const runner = new BackgroundRunner({ store, recipes: [hold, block], clock, maxConcurrentTasks: 50 })

async function claimAndComplete(): Promise<void> {
  const worker = `bare-${process.pid}`
  const request = { worker, at: Date.now(), slots: 1, claim: () => `${worker}.1`, takes: () => true, fits: () => true }
  const [won] = await store.claim(request)
  if (won === undefined) throw new Error('there is nothing to claim')
  createInterface(process.stdin).once('line', async () => {
    const record = {
      type: 'complete',
      task: won.task.id,
      claim: won.claim,
      at: Date.now(),
      result: process.pid,
    } as const
    say({ verdict: await store.append(record).then(({ accepted, reason }) => ({ accepted, reason })) })
    say({ again: await store.claim(request).catch(({ code }: { code: string }) => code) })
    await store.close()
    process.stdin.destroy()
  })
  say({ begin: won.task.id })
}

if (options.bare) {
  await claimAndComplete()
} else if (options.once) {
  const task = await runner.submitRecipe(hold, { ms: 10 })
  await task.wait()
  say({ done: task.id })
} else {
  const commands: Readonly<Record<string, () => void>> = {
    pause: () => runner.pause(),
    resume: () => runner.resume(),
    back: () => {
      clock.shift = -86_400_000
    },
  }
  await store.open()
  runner.start()
  createInterface(process.stdin).on('line', (line) => {
    commands[line]?.()
    say({ did: line })
  })
  say({ ready: process.pid })
}
