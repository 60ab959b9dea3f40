import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { defineRecipe } from '../../src/runner/recipe.ts'
import { BackgroundRunner } from '../../src/runner/runner.ts'
import { FileStore } from '../../src/store/file/store.ts'
import { offstage, project, withCli } from './kit.ts'

withCli()

const approve = defineRecipe({ name: 'approve', run: (_input: unknown, { ask }) => ask('deploy\u001b[2J it?') })

describe('offstage answer', () => {
  it('says what is asked, and gives the handler of another process its answer', async () => {
    const cwd = project({})
    const runner = new BackgroundRunner({ store: new FileStore(join(cwd, '.offstage')), recipes: [approve] })
    onTestFinished(async () => {
      await runner.stop()
    })
    const task = await runner.submitRecipe(approve, {}, { id: 'a' })
    for await (const event of task.events()) {
      const state = event.type === 'state' ? event.state : event.type === 'snapshot' ? event.task.state : undefined
      if (state === 'running.waiting') break
    }

    expect(await offstage(['answer', 'a'], { cwd })).toMatchObject({ code: 0, stdout: '1 deploy\\u001b[2J it?\n' })
    const wrong = await offstage(['answer', 'a', '-i', '1', '--ask', '2'], { cwd })
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('asks for no such thing')])
    expect(await offstage(['answer', 'a', '-i', '{"yes":true}'], { cwd })).toMatchObject({
      code: 0,
      stdout: 'a goes on\n',
    })
    expect(await task.wait()).toEqual({ yes: true })
    const late = await offstage(['answer', 'a', '--json', '-i', '2'], { cwd })
    expect([late.code, JSON.parse(late.stdout)]).toEqual([1, { id: 'a', accepted: false }])
    expect((await offstage(['answer', 'a', '-i', 'yes'], { cwd })).code).toBe(2)
  })
})
