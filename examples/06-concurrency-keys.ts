// Tasks of one concurrency key take turns, whatever else runs: one for each user, two for each host, as you say.
// `explain()` tells why a task waits; an idempotency key makes two submits one task.
import assert from 'node:assert/strict'
import { BackgroundRunner, type TaskContext } from 'offstage'
import { waitFor } from 'xstate'

const runner = new BackgroundRunner({ maxConcurrentTasks: 10 })
const running = new Map<string, number>()
const most = new Map<string, number>()

const call = async (user: string, { sleep }: TaskContext): Promise<void> => {
  running.set(user, (running.get(user) ?? 0) + 1)
  most.set(user, Math.max(most.get(user) ?? 0, running.get(user) ?? 0))
  await sleep(10)
  running.set(user, (running.get(user) ?? 0) - 1)
}
const submitFor = (user: string, limit: number) =>
  runner.submit(call, { args: [user], name: `call for ${user}`, concurrencyKey: { key: user, limit } })

const ada = Array.from({ length: 4 }, () => submitFor('ada', 1))
const bob = Array.from({ length: 4 }, () => submitFor('bob', 2))
const [first = assert.fail(), second = assert.fail()] = ada
await waitFor(first.actor, (snapshot) => snapshot.matches('running'))

const { code, sentence } = await second.explain()
console.log(sentence)
assert.equal(code, 'KEY_FULL')

await Promise.all([...ada, ...bob].map((task) => task.wait()))
console.log('most at once', most)
assert.deepEqual(
  [...most],
  [
    ['ada', 1],
    ['bob', 2],
  ],
)

const send = () => runner.submit(() => 'sent', { name: 'send the invoice', idempotencyKey: 'invoice-17' })
const [sent, again] = [send(), send()]
assert.equal(again.id, sent.id)
assert.equal(again.deduplicated, true)
