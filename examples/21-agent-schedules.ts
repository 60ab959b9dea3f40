// An agent with tools sets a schedule, a loop fires it, and a runner runs the agent in the background.
import assert from 'node:assert/strict'
import { setTimeout } from 'node:timers/promises'
import { BackgroundRunner, ScheduleLoop, scheduleTools } from 'offstage'

const runner = new BackgroundRunner()

// whose schedules they are comes from your session; no argument of a tool names an owner
const tools = scheduleTools(runner, { owner: 'ada', tz: 'Europe/Rome' })

/** Stands for an agent of your framework: its model thinks for a moment, answers from a script, and calls tools. */
const agent = {
  name: 'assistant',
  async start(prompt: string): Promise<string> {
    await setTimeout(50)
    if (!prompt.startsWith('Remind me')) return `Done: ${prompt}`
    const wish = /every .*$/.exec(prompt)?.[0] ?? ''
    return tools.schedule_add.execute({ name: 'reminder', schedule: wish, message: 'Check email' })
  },
}

const loop = new ScheduleLoop({
  runner,
  tickSeconds: 30,
  // this program has nothing else to live for
  ref: true,
  onTrigger: async (job) => {
    const task = runner.submitAgent(agent, job.message, { name: `schedule-${job.name}` })
    console.log(`background task ${task.id} started for '${job.name}'`)
    answers.push(String(await task.wait()))
    if (answers.length === 2) enough()
  },
})
const answers: string[] = []
let enough = (): void => {}
const twice = new Promise<void>((resolve) => {
  enough = resolve
})

loop.start()
loop.start() // does nothing: it runs already
assert.equal(loop.isRunning, true)

const told = await agent.start('Remind me every 1 second')
console.log(told)
assert.match(told, /^Schedule 'reminder' added \(id: \w+, every 1 second\)\.$/)
const again = await agent.start('Remind me every 2 seconds')
assert.match(
  again,
  /^A schedule named 'reminder' already exists \(id: \w+\)\. Remove it first or choose a different name\.$/,
)

await twice
console.log(await tools.schedule_list.execute({}))
assert.deepEqual(answers.slice(0, 2), ['Done: Check email', 'Done: Check email'])

// another user's agent sees nothing of it
const others = scheduleTools(runner, { owner: 'bob' })
assert.equal(await others.schedule_list.execute({}), 'No schedules found. Use schedule_add to create one.')
assert.equal(await others.schedule_remove.execute({ name: 'reminder' }), "Schedule 'reminder' not found.")

assert.equal(await tools.schedule_remove.execute({ name: 'reminder' }), "Schedule 'reminder' removed.")
await loop.stop({ timeout: '5s' })
assert.equal(loop.isRunning, false)
await runner.stop()
