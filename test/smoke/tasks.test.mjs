/** @module One task each: awaited, cancelled, timed out, with XState's production build. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BackgroundRunner, OffstageError } from 'offstage'

const untilStopped = ({ signal }) =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })

test('a task gives its result', async () => {
  const runner = new BackgroundRunner()
  const task = runner.submit(async () => 6 * 7, { name: 'answer' })
  assert.equal(await task.wait({ timeout: '10s' }), 42)
  assert.equal(task.status, 'completed')
  await runner.stop()
})

test('a cancelled task stops its work and says why', async () => {
  const runner = new BackgroundRunner()
  let told
  const started = new Promise((resolve) => {
    told = resolve
  })
  const task = runner.submit((ctx) => {
    told()
    return untilStopped(ctx)
  })
  await started
  assert.equal(await task.cancel('not needed'), true)
  const outcome = await task.settled({ timeout: '10s' })
  assert.equal(outcome.status, 'cancelled')
  assert.equal(outcome.reason, 'not needed')
  await assert.rejects(task.wait(), (error) => OffstageError.is(error, 'CANCELLED'))
  assert.equal(await task.cancel(), true)
  await runner.stop()
})

test('a task that takes too long fails with TIMEOUT', async () => {
  const runner = new BackgroundRunner()
  const task = runner.submit(untilStopped, { timeout: '20ms' })
  await assert.rejects(task.wait({ timeout: '10s' }), (error) => OffstageError.is(error, 'TIMEOUT'))
  assert.equal(task.status, 'failed')
  assert.equal(await task.cancel(), false)
  await runner.stop()
})
