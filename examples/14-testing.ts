// The testing kit brings time that stands still until it is told to move, and randomness that repeats.
// Nobody waits for hours of retries.
import assert from 'node:assert/strict'
import { defineRecipe, RetryAfterError } from 'offstage'
import { testRecipe, testRunner } from 'offstage/testing'

const report = defineRecipe({
  name: 'report',
  retry: { attempts: 4, backoff: 'exponential', minDelay: '1h', jitter: 0 },
  run: async (input: { day: string }, { attempt }) => {
    if (attempt === 1) throw new Error('the figures are not there yet')
    if (attempt === 2) throw new RetryAfterError('2h')
    return `Report of ${input.day}`
  },
})

// one recipe, all its retries, everything that happened
const { outcome, events } = await testRecipe(report, { day: 'Monday' })
console.log(outcome)
assert.deepEqual(outcome, { ok: true, status: 'completed', result: 'Report of Monday' })
assert.equal(events.filter((event) => event.type === 'state' && event.event === 'start').length, 3)

// a whole runner, moment by moment
const { runner, clock } = testRunner({ now: '2030-01-01T00:00:00Z', recipes: [report] })
const task = await runner.submitRecipe(report, { day: 'Tuesday' }, { delay: '9h' })
await clock.advance('9h')
assert.equal(task.state, 'pending.delayed')
console.log((await task.explain()).sentence)

assert.equal(await clock.until(task.wait()), 'Report of Tuesday')
assert.equal(task.completedAt?.toISOString(), '2030-01-01T12:00:00.000Z')
await clock.until(runner.stop())
