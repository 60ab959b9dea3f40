// An agent is whatever has `start`, `chat` or `run`, looked for in this order. It runs in the background as it is.
// What it streams becomes the output of its task, and the whole of it the result.
import assert from 'node:assert/strict'
import { BackgroundRunner, OffstageError, withBackground } from 'offstage'

/** Stands for an agent of your framework: it answers from a script. */
class Agent {
  readonly name: string
  readonly #answers: readonly string[]

  constructor(name: string, answers: readonly string[]) {
    this.name = name
    this.#answers = answers
  }

  async *start(prompt: string): AsyncGenerator<string> {
    yield `${prompt}:`
    for (const answer of this.#answers) yield ` ${answer}`
  }

  chat(): string {
    return 'only asked for where there is no start'
  }
}

await using runner = new BackgroundRunner({ maxConcurrentTasks: 3 })

const researcher = new Agent('researcher', ['agents', 'plan', 'better'])
const task = runner.submitAgent(researcher, 'AI trends', { name: 'research_task', timeout: '60s' })
await task.wait({ timeout: '60s' })
console.log(task.result)
assert.equal(task.result, 'AI trends: agents plan better')

// the same from the agent's side
const writer = withBackground({ name: 'writer', run: async (prompt: string) => prompt.toUpperCase() }, runner)
const text = writer.background.submitAgent('a short story')
console.log(`${text.name}: ${await text.wait()}`)
assert.equal(text.name, 'writer')
assert.equal(text.result, 'A SHORT STORY')

assert.throws(
  // @ts-expect-error it has none of the methods
  () => runner.submitAgent({ speak: () => 'hello' }, 'hi'),
  (error) => OffstageError.is(error, 'UNSUPPORTED_AGENT'),
)
