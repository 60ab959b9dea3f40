/**
 * @module A runner that is inspected, in a process of its own. For each line that it reads it runs the load of the core
 * benchmark once, and says what that took. First it says where it can be looked at. Argument: whether an inspector is there.
 */
import { createInterface } from 'node:readline'
import { BackgroundRunner } from 'offstage'
import { createInspector } from 'offstage/inspect'

const tasks = Number(process.argv[2])
const isInspected = process.argv[3] === 'yes'
const concurrency = 5
const timeout = 60_000
const work = async (): Promise<void> => {}

const runner = new BackgroundRunner({ maxConcurrentTasks: concurrency })
const inspector = isInspected ? createInspector({ runner }) : undefined
const listening = await inspector?.listen()
console.log(listening?.url ?? 'ready')
for await (const _ of createInterface(process.stdin)) {
  const cpu = process.cpuUsage()
  const began = performance.now()
  for (let i = 0; i < tasks; i += 1) runner.submit(work, { timeout })
  await runner.onIdle()
  const wall = performance.now() - began
  const { user, system } = process.cpuUsage(cpu)
  console.log(JSON.stringify({ wall, cpu: (user + system) / 1_000 }))
}
await inspector?.close()
await runner.stop()
console.log('{}')
