// Every task is an XState actor. XState's own `inspect` sees runner, tasks and attempts, their events and snapshots:
// what any inspector for XState shows, it shows for your tasks.
import assert from 'node:assert/strict'
import { BackgroundRunner } from 'offstage'
import type { AnyActorRef } from 'xstate'

const lines: string[] = []
const runner = new BackgroundRunner({
  inspect: (event) => {
    const { id } = event.actorRef as AnyActorRef
    if (event.type === '@xstate.actor') lines.push(`actor ${id}`)
    if (event.type === '@xstate.event') lines.push(`  ${id} hears ${event.event.type}`)
    if (event.type === '@xstate.snapshot') {
      const { value } = event.snapshot as { value?: unknown }
      lines.push(`  ${id} is ${JSON.stringify(value)}`)
    }
  },
})

const task = runner.submit(({ progress }) => progress(0.5), { id: 'hello' })
await task.wait()
await runner.stop()

console.log(lines.map((line) => line.replace(/runner-\w+/, 'runner')).join('\n'))
for (const part of ['actor hello', '  hello hears start', '  hello hears progress', '  hello is "completed"']) {
  assert(lines.includes(part), part)
}

// one actor, without an inspector
const quiet = new BackgroundRunner()
const other = quiet.submit(({ sleep }) => sleep('10ms'))
const states: string[] = []
other.actor.subscribe((snapshot) => states.push(JSON.stringify(snapshot.value)))
await other.wait()
console.log(states.join(' '))
assert.equal(states.at(-1), '"completed"')
