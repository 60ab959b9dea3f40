// Work that computes belongs into a thread: this one stays free, and a thread can be ended even in an endless loop.
// `thread: true` takes a function that closes over nothing; a module is named by its URL.
import assert from 'node:assert/strict'
import { BackgroundRunner } from 'offstage'

const runner = new BackgroundRunner({ gracePeriod: '50ms' })

const primes = runner.submit(
  (below: number, { progress }) => {
    const found: number[] = []
    for (let n = 2; n < below; n += 1) {
      if (found.every((prime) => prime * prime > n || n % prime !== 0)) found.push(n)
      if (n % 1_000 === 0) progress(n / below)
    }
    return found.length
  },
  { args: [20_000], thread: true, name: 'primes' },
)
console.log(`${await primes.wait()} primes below 20,000`)
assert.equal(primes.result, 2_262)

const digest = runner.submit<string>({
  thread: new URL('./modules/digest.js', import.meta.url),
  export: 'digest',
  args: ['offstage'],
})
console.log(await digest.wait())
assert.match(await digest.wait(), /^[0-9a-f]{64}$/)

const endless = runner.submit(
  () => {
    for (;;);
  },
  { thread: true, timeout: '200ms', name: 'endless' },
)
const outcome = await endless.settled()
console.log(`${endless.name}: ${endless.error?.code}`)
assert.equal(outcome?.status, 'failed')
assert.equal(endless.error?.code, 'TIMEOUT')
await runner.stop()
