// A paused runner finishes what runs and starts nothing. `stop` ends a runner for good: it lets running tasks end
// for a while, then tells them to stop, and reports what was left. `await using` stops, too.
import assert from 'node:assert/strict'
import { BackgroundRunner, OffstageError } from 'offstage'

const runner = new BackgroundRunner({ maxConcurrentTasks: 2 })

runner.pause()
const tasks = [10, 20, 60_000].map((ms) => runner.submit(({ sleep }) => sleep(ms), { name: `sleep ${ms} ms` }))
const [quick] = tasks
console.log((await (quick ?? assert.fail()).explain()).sentence)
assert.equal(runner.stats.pending, 3)

runner.resume()
await quick?.wait()
console.log(runner.stats)

const { cancelled, zombies } = await runner.stop({ drain: '100ms' })
console.log(tasks.map((task) => `${task.name}: ${task.status}`).join(', '), { cancelled, zombies })
assert.deepEqual(
  tasks.map((task) => task.status),
  ['completed', 'completed', 'cancelled'],
)
assert.deepEqual(zombies, [])
assert.throws(
  () => runner.submit(() => 1),
  (error) => OffstageError.is(error, 'RUNNER_STOPPED'),
)

// work until nothing is left, then stop: for scripts and cron routes
const script = new BackgroundRunner()
const job = script.submit(({ sleep }) => sleep('5ms').then(() => 'worked'))
await script.work({ until: 'idle', timeout: '10s' })
assert.equal(job.result, 'worked')
