import { assign, setup } from 'xstate'
import { BackgroundRunner, type BackgroundTask, defineRecipe, fromTask, type Schema } from '../../src/index.ts'

const runner = new BackgroundRunner()

// a handler may answer in several ways, some at once and some later
const either: BackgroundTask<string | number> = runner.submit(({ attempt, sleep }) =>
  attempt === 1 ? sleep(1).then(() => 1) : 'at once',
)

// what is submitted is what the schema takes, not what it makes of it
declare const schema: Schema<{ query: string; depth?: number }, { query: string; depth: number }>
const search = defineRecipe({ name: 'search', inputSchema: schema, run: ({ depth }) => depth + 1 })
const found: Promise<BackgroundTask<number>> = runner.submitRecipe(search, { query: 'tides' })
const byName: Promise<BackgroundTask<number>> = runner.submitRecipe<typeof search>('search', { query: 'tides' })
// @ts-expect-error the query is missing
runner.submitRecipe(search, { depth: 1 })

// a machine takes it as an actor, with its input and its output
export const machine = setup({
  types: { context: {} as { depth: number } },
  actors: { search: fromTask(runner, search) },
}).createMachine({
  context: { depth: 0 },
  invoke: {
    src: 'search',
    input: { query: 'tides' },
    onDone: { actions: assign({ depth: ({ event }) => event.output }) },
  },
})
export { byName, either, found }
