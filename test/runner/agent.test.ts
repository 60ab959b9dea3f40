import { describe, expect, it } from 'vitest'
import type { Agent, AgentCall } from '../../src/runner/agent.ts'
import { testRunner } from '../../src/testing/runner.ts'
import { brief, record } from './recorded.ts'

const run = async (agent: unknown, options = {}): Promise<unknown> => {
  const { runner } = testRunner()
  return runner.submitAgent(agent as Agent, 'hello', options).wait()
}
const method = (name: string) => ({ [name]: (prompt: string) => `${name} ${prompt}` })

describe('an agent', () => {
  it('may be a function of the prompt', async () => {
    expect(await run((prompt: string) => `said ${prompt}`)).toBe('said hello')
  })

  it('that is a function is given the signal and a way to tell its progress', async () => {
    const { runner, clock } = testRunner()
    const agent = async (_: string, { signal, onProgress }: AgentCall): Promise<never> => {
      onProgress(0.5, 'thinking')
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    }
    const task = runner.submitAgent(agent, 'hello')
    await clock.advance(0)
    expect([task.progress, task.message]).toEqual([0.5, 'thinking'])
    await task.cancel()
    expect(await task.settled()).toMatchObject({ status: 'cancelled' })
  })

  it.each(['start', 'chat', 'run', 'generate', 'invoke'])('may have the method %s', async (name) => {
    expect(await run(method(name))).toBe(`${name} hello`)
  })

  it('that has several methods is called by start before chat before run, whatever their order', async () => {
    expect(await run({ ...method('run'), ...method('chat'), ...method('start') })).toBe('start hello')
    expect(await run({ ...method('invoke'), ...method('run'), ...method('chat') })).toBe('chat hello')
    expect(await run({ ...method('invoke'), ...method('generate'), ...method('run') })).toBe('run hello')
  })

  it('is called as a method, with the prompt alone', async () => {
    class Echo {
      readonly #voice = 'echo'
      start(...args: unknown[]): unknown[] {
        return [this.#voice, ...args]
      }
    }
    expect(await run(new Echo())).toEqual(['echo', 'hello'])
  })

  it.each([[{}], [{ start: 'no' }], [null], [undefined], ['agent'], [7]])(
    '%j is refused, and told what was looked for',
    (agent) => {
      const { runner } = testRunner()
      const submit = (): unknown => runner.submitAgent(agent as Agent, 'hello')
      expect(submit).toThrow(/^an agent must be a function or have one of start, chat, run, generate, invoke, got /)
      expect(submit).toThrow(expect.objectContaining({ code: 'UNSUPPORTED_AGENT' }))
      expect(runner.tasks).toEqual([])
    },
  )

  it('must be given text', () => {
    const { runner } = testRunner()
    expect(() => runner.submitAgent(() => 1, 7 as never)).toThrow(/^prompt must be text, got 7/)
  })

  it('names the task, unless the options do', async () => {
    const { runner } = testRunner()
    const named = { name: 'Researcher', start: () => 1 }
    function summarise(): number {
      return 1
    }
    const tasks = [
      runner.submitAgent(named, 'p'),
      runner.submitAgent(named, 'p', { name: 'mine' }),
      runner.submitAgent(summarise, 'p'),
      runner.submitAgent({ start: () => 1 }, 'p'),
    ]
    expect(tasks.map(({ name }) => name)).toEqual(['Researcher', 'mine', 'summarise', 'agent'])
    await runner.waitAll()
  })
})

describe('a stream of text', () => {
  async function* words(): AsyncGenerator<unknown> {
    yield 'one '
    yield { n: 2 }
    yield undefined
    yield ' three'
  }

  it('becomes the output as it comes, and its whole is the result', async () => {
    const { runner, clock } = testRunner()
    runner.pause()
    const task = runner.submitAgent({ start: words }, 'hello')
    const events = record(task.events())
    await clock.advance(0)
    runner.resume()
    const output = (await events).map(brief).filter(([type]) => type === 'output')
    expect(output.map(([, chunk]) => chunk).join('')).toBe('one {"n":2} three')
    expect(task.result).toBe('one {"n":2} three')
  })

  it('is left when the task should stop', async () => {
    const { runner, clock } = testRunner()
    let left = false
    const task = runner.submitAgent(async function* (_, { signal }) {
      try {
        yield 'first'
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
        yield 'second'
        yield 'third'
      } finally {
        left = true
      }
    }, 'hello')
    await clock.advance(0)
    await task.cancel()
    expect(await task.settled()).toMatchObject({ status: 'cancelled' })
    expect(left).toBe(true)
  })
})
