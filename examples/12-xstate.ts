// `fromTask` makes a task an actor, which your own machine invokes: its result is the output, its failure the error.
// Leaving the state cancels the task.
import assert from 'node:assert/strict'
import { BackgroundRunner, defineRecipe, fromTask } from 'offstage'
import { assign, createActor, setup, waitFor } from 'xstate'

const runner = new BackgroundRunner()
const summarise = defineRecipe({
  name: 'summarise',
  run: async (input: { text: string; pause: number }, { progress, sleep }) => {
    progress(0.5, 'half way')
    await sleep(input.pause)
    return input.text.split(' ').slice(0, 2).join(' ')
  },
})

const machine = setup({
  types: {
    context: {} as { text: string; pause: number; summary: string },
    events: {} as { type: 'begin'; text: string; pause: number } | { type: 'give up' },
  },
  actors: { summarise: fromTask(runner, summarise) },
}).createMachine({
  initial: 'idle',
  context: { text: '', pause: 0, summary: '' },
  states: {
    idle: {
      on: {
        begin: { target: 'summarising', actions: assign(({ event }) => ({ text: event.text, pause: event.pause })) },
      },
    },
    summarising: {
      invoke: {
        id: 'work',
        src: 'summarise',
        input: ({ context: { text, pause } }) => ({ text, pause }),
        onDone: { target: 'done', actions: assign({ summary: ({ event }) => event.output }) },
        onError: 'idle',
      },
      on: { 'give up': 'idle' },
    },
    done: { type: 'final' },
  },
})

const actor = createActor(machine).start()

// the invoked task is an actor, and its progress is in its snapshot
actor.send({ type: 'begin', text: 'a story without end', pause: 60_000 })
const work = actor.getSnapshot().children.work ?? assert.fail()
const { message } = await waitFor(work, (snapshot) => snapshot.progress > 0)
console.log(message)
assert.equal(message, 'half way')

actor.send({ type: 'give up' })
const [left] = await runner.waitAll()
console.log(`${left?.name}: ${left?.status}`)
assert.equal(left?.status, 'cancelled')

actor.send({ type: 'begin', text: 'a long story', pause: 0 })
const { context } = await waitFor(actor, (snapshot) => snapshot.matches('done'))
console.log(context.summary)
assert.equal(context.summary, 'a long')
