// A handler submits children. While it waits for them its own slot is free, so parents cannot block their children.
// Children end with their parent: cancelling one task cancels the whole tree.
import assert from 'node:assert/strict'
import { BackgroundRunner, type TaskContext } from 'offstage'
import { waitFor } from 'xstate'

const runner = new BackgroundRunner({ maxConcurrentTasks: 1 })

/** Adds numbers by dividing them, a task for each part. */
async function sum(numbers: readonly number[], { submit }: TaskContext): Promise<number> {
  const [first = 0, ...rest] = numbers
  if (rest.length === 0) return first
  const middle = numbers.length >> 1
  const halves = [numbers.slice(0, middle), numbers.slice(middle)].map((half) => submit(sum, { args: [half] }))
  const sums = await Promise.all(halves.map((half) => half.wait()))
  return sums.reduce((a, b) => a + b)
}

const root = runner.submit(sum, { args: [[1, 2, 3, 4, 5, 6, 7, 8]] })
console.log(`${await root.wait()} with ${runner.tasks.length} tasks in one slot`)
assert.equal(root.result, 36)
assert.equal(runner.tasks.length, 15)

const family = runner.submit(({ submit }) => submit(({ sleep }) => sleep('1h'), { name: 'child' }).wait())
await waitFor(family.actor, (snapshot) => snapshot.matches({ running: 'waiting' }))
await family.cancel('not needed any more')
await runner.waitAll()

const child = runner.tasks.find((task) => task.parentId === family.id)
console.log(`${child?.name}: ${child?.status}`)
assert.equal(child?.status, 'cancelled')
