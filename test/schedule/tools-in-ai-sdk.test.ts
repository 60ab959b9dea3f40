import { generateText, stepCountIs, ToolLoopAgent } from 'ai'
import { MockLanguageModelV3 } from 'ai/test'
import { describe, expect, it } from 'vitest'
import { BackgroundRunner } from '../../src/runner/runner.ts'
import { scheduleTools } from '../../src/schedule/tools.ts'

type Call = { readonly toolName: string; readonly input: unknown }

/** A model that makes these calls, one a step, and then ends. */
function scripted(...calls: readonly Call[]): MockLanguageModelV3 {
  let step = 0
  const usage = {
    inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
    outputTokens: { total: 1, text: 1, reasoning: 0 },
  }
  return new MockLanguageModelV3({
    doGenerate: async () => {
      const call = calls[step++]
      const content =
        call === undefined
          ? { type: 'text' as const, text: 'Done.' }
          : {
              type: 'tool-call' as const,
              toolCallId: `call-${step}`,
              toolName: call.toolName,
              input: JSON.stringify(call.input),
            }
      const unified = call === undefined ? ('stop' as const) : ('tool-calls' as const)
      return { content: [content], finishReason: { unified, raw: undefined }, usage, warnings: [] }
    },
  })
}

const reminder = {
  name: 'email',
  schedule: 'every day at 7am',
  message: 'Check email',
  tz: null,
  max_runs: null,
  until: null,
}

describe('the tools in the AI SDK', () => {
  it('are taken as they are: the model sees strict schemas, and its calls are answered in words', async () => {
    await using runner = new BackgroundRunner()
    const model = scripted(
      { toolName: 'schedule_add', input: reminder },
      { toolName: 'schedule_add', input: reminder },
      { toolName: 'schedule_list', input: {} },
    )
    const { text, steps } = await generateText({
      model,
      tools: scheduleTools(runner, { owner: 'ada', tz: 'Europe/Rome' }),
      prompt: 'Remind me to check email every morning at 7am',
      stopWhen: stepCountIs(5),
    })
    expect(text).toBe('Done.')
    expect(steps.flatMap(({ toolResults }) => toolResults.map(({ output }) => output))).toEqual([
      expect.stringMatching(/^Schedule 'email' added \(id: \w+, every day at 7am\)\.$/),
      expect.stringMatching(/^A schedule named 'email' already exists/),
      expect.stringMatching(/^Found 1 schedule\(s\):\n- email .* next run \S+ 07:00:00 Europe\/Rome: Check email$/),
    ])
    const [seen] = model.doGenerateCalls[0]?.tools ?? []
    expect(seen).toMatchObject({
      type: 'function',
      name: 'schedule_add',
      inputSchema: {
        type: 'object',
        required: ['name', 'schedule', 'message', 'tz', 'max_runs', 'until'],
        additionalProperties: false,
      },
    })
    expect(await runner.schedules.get('email', { owner: 'ada' })).toMatchObject({ message: 'Check email' })
  })

  it('let no argument of a model name an owner', async () => {
    await using runner = new BackgroundRunner()
    const agent = new ToolLoopAgent({
      model: scripted({ toolName: 'schedule_add', input: { ...reminder, owner: 'bob' } }),
      tools: scheduleTools(runner, { owner: 'ada' }),
    })
    const { steps } = await agent.generate({ prompt: 'Remind bob' })
    const [part] = steps[0]?.content.filter(({ type }) => type === 'tool-error') ?? []
    expect(JSON.stringify(part)).toMatch(/there is no argument/)
    expect(await runner.schedules.list()).toEqual([])
  })
})
