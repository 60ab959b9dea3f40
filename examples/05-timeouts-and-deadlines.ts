// `timeout` bounds one attempt, `deadline` the whole task with its queue and retries. Both stop the work by its signal.
// `wait({ timeout })` bounds only the waiting: the task goes on.
import assert from 'node:assert/strict'
import { BackgroundRunner, OffstageError } from 'offstage'

const runner = new BackgroundRunner()

const slow = runner.submit(({ sleep }) => sleep('1h'), { name: 'slow', timeout: '20ms' })
await slow.settled()
console.log(`${slow.name}: ${slow.error?.code}, ${slow.error?.message}`)
assert.equal(slow.error?.code, 'TIMEOUT')

// a timeout is retried like any other failure
const secondTry = runner.submit(({ attempt, sleep }) => (attempt === 1 ? sleep('1h') : 'in time'), {
  timeout: '20ms',
  retry: { attempts: 2, minDelay: 0 },
})
assert.equal(await secondTry.wait(), 'in time')

const late = runner.submit(({ sleep }) => sleep('1h'), { name: 'late', deadline: '30ms' })
await late.settled()
console.log(`${late.name}: ${late.error?.code}, ${late.error?.message}`)
assert.equal(late.error?.code, 'TIMEOUT')

// an attempt that could only begin after the deadline is not waited for
const tooSlow = runner.submit(
  () => {
    throw new Error('not yet')
  },
  { name: 'too slow', deadline: '1s', retry: { attempts: 5, minDelay: '1m' } },
)
await tooSlow.settled()
console.log(`${tooSlow.name}: ${tooSlow.error?.code}, ${tooSlow.error?.message}, after ${tooSlow.attempt} attempt`)
assert.equal(tooSlow.error?.code, 'ERROR')
assert.equal(tooSlow.attempt, 1)

const patient = runner.submit(({ sleep }) => sleep('60ms').then(() => 'done'))
await assert.rejects(patient.wait({ timeout: '5ms' }), (error) => OffstageError.is(error, 'WAIT_TIMEOUT'))
assert.equal(await patient.wait(), 'done')
