// Cancelling aborts the handler's signal, and what the handler gave that signal to. A pending task ends at once.
// `cancel()` is true if the task ends as cancelled, false if it had ended in another way: exactly one of the two wins.
import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { BackgroundRunner, OffstageError } from 'offstage'

const runner = new BackgroundRunner({ maxConcurrentTasks: 1 })

// whatever takes a signal, as fetch does, ends with the task
const running = runner.submit(({ signal }) => pause(60_000, 'never', { signal }), { name: 'long' })
const pending = runner.submit(() => 'never', { name: 'behind it' })
await pause(10)

assert.equal(await pending.cancel(), true)
assert.equal(await running.cancel('the user has left'), true)
console.log(await running.settled())
assert.deepEqual(running.outcome, { ok: false, status: 'cancelled', reason: 'the user has left', by: undefined })
assert.equal(pending.startedAt, undefined)

await assert.rejects(running.wait(), (error) => OffstageError.is(error, 'CANCELLED'))

const quick = runner.submit(() => 'done')
await quick.wait()
assert.equal(await quick.cancel(), false)
console.log(`${quick.name}: ${quick.status}`)

// a signal of your own does it too
const controller = new AbortController()
const bound = runner.submit(({ sleep }) => sleep('1h'), { signal: controller.signal })
controller.abort(new Error('the request was closed'))
assert.equal((await bound.settled())?.status, 'cancelled')
