// A failure is tried again as often, and as late, as `retry` says. What is thrown can decide it, too:
// RetryAfterError names the delay, NonRetryableError gives up at once.
import assert from 'node:assert/strict'
import { BackgroundRunner, NonRetryableError, RetryAfterError } from 'offstage'

const runner = new BackgroundRunner({ retry: { attempts: 3, backoff: 'exponential', minDelay: '10ms' } })

const flaky = runner.submit(
  ({ attempt, maxAttempts }) => {
    if (attempt < maxAttempts) throw new Error(`no answer to attempt ${attempt}`)
    return `answered attempt ${attempt}`
  },
  { name: 'flaky' },
)
console.log(await flaky.wait())
assert.equal(flaky.result, 'answered attempt 3')

const polite = runner.submit(({ attempt }) => {
  if (attempt === 1) throw new RetryAfterError('30ms', 'too many requests')
  return attempt
})
assert.equal(await polite.wait(), 2)

const hopeless = runner.submit(() => {
  throw new NonRetryableError('the account is closed', { code: 'ACCOUNT_CLOSED' })
})
await hopeless.settled()
console.log(`${hopeless.attempt} attempt: ${hopeless.error?.code}`)
assert.equal(hopeless.attempt, 1)
assert.equal(hopeless.error?.code, 'ACCOUNT_CLOSED')

const choosy = runner.submit(
  () => {
    throw new TypeError('a mistake in the program')
  },
  { retry: { attempts: 5, when: (error) => !(error instanceof TypeError) } },
)
await choosy.settled()
assert.equal(choosy.attempt, 1)
