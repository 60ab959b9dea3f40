// Tasks in a folder outlive the process. Two runners share one here, each with a store of its own, as two processes do:
// one submits, waits and cancels, the other works.
import assert from 'node:assert/strict'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BackgroundRunner, type BackgroundTask, defineRecipe, FileStore } from 'offstage'

const dir = join(await mkdtemp(join(tmpdir(), 'offstage-')), 'tasks')

let networkIsUp = false
const translate = defineRecipe({
  name: 'translate',
  run: async ({ text }: { text: string }, { progress, attempt }) => {
    if (!networkIsUp) throw new Error('no network')
    progress(0.5, 'half way')
    return { text: text.toUpperCase(), attempt }
  },
  retry: { attempts: 10, minDelay: '200ms' },
})
const listen = defineRecipe({
  name: 'listen',
  // sleep() hears the signal, as fetch and others do that are handed one
  run: async (_: undefined, { sleep }) => {
    await sleep('1h')
  },
})
const recipes = [translate, listen]

/** Resolves when it holds, looked at after each event of the task. */
async function until(task: BackgroundTask<unknown>, holds: () => boolean): Promise<void> {
  for await (const _ of task.events()) if (holds()) return
}

// a web server would have this one: it never works
await using submits = new FileStore(dir)
await using producer = new BackgroundRunner({ store: submits, recipes, work: false })

const task = await producer.submitRecipe(translate, { text: 'hello' }, { idempotencyKey: 'greeting' })
const again = await producer.submitRecipe(translate, { text: 'hello' }, { idempotencyKey: 'greeting' })
console.log(`${task.id} is on disk, and ${task.status}`)
assert.equal(again.id, task.id)
assert.equal(again.deduplicated, true)
const { code, sentence } = await task.explain()
console.log(sentence)
assert.equal(code, 'NO_WORKER')

// a worker tries, and is stopped before it succeeds: what is on disk stays
{
  await using store = new FileStore(dir)
  await using worker = new BackgroundRunner({ store, recipes })
  worker.start()
  await until(task, () => task.attempt > 1)
}
await task.refresh()
console.log(`attempt ${task.attempt} follows`)
assert.equal(task.status, 'pending')

// another worker goes on with the attempt that is due
networkIsUp = true
await using works = new FileStore(dir)
await using worker = new BackgroundRunner({ store: works, recipes })
worker.start()
const result = await task.wait({ timeout: '20s' })
console.log(result)
assert.equal(result.text, 'HELLO')
assert.ok(result.attempt > 1)
assert.equal(task.progress, 0.5)
assert.deepEqual((await worker.get(task.id))?.result, result)

// what runs over there is cancelled from here: its signal is aborted
const endless = await producer.submitRecipe(listen)
await until(endless, () => endless.isRunning)
assert.equal(await endless.cancel('heard enough'), true)
const outcome = await endless.settled({ timeout: '20s' })
console.log(outcome)
assert.deepEqual(outcome, { ok: false, status: 'cancelled', reason: 'heard enough', by: undefined })

// a person may have it run once more
const repeated = await worker.retry(endless.id)
assert.notEqual(repeated.id, endless.id)
assert.equal(repeated.toJSON().retryOf, endless.id)
await repeated.cancel()
