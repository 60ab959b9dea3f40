// A function becomes a task: it runs in the background, and its handle tells how it goes.
// The handler gets a context; `wait()` gives the result, typed.
import assert from 'node:assert/strict'
import { BackgroundRunner } from 'offstage'

const runner = new BackgroundRunner({ maxConcurrentTasks: 3 })
const task = runner.submit(async ({ sleep }) => {
  await sleep('20ms')
  return 'Hello from the background'
})
console.log(task.status)
assert.equal(task.status, 'pending')

const greeting = await task.wait({ timeout: '10s' })
console.log(`${task.status}: ${greeting}`)
assert.equal(greeting, 'Hello from the background')
