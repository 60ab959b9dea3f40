import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import * as offstage from '../src/index.ts'
import * as machines from '../src/machines/index.ts'
import * as testing from '../src/testing/index.ts'

/** The names of values that are written down for an entry. */
async function written(entry: string): Promise<string[]> {
  const text = await readFile(new URL('../docs/api.txt', import.meta.url), 'utf8')
  const part = text.split('\n\n').find((each) => each.startsWith(`${entry}\n`)) ?? ''
  const names = part
    .split('\n')
    .slice(1)
    .map((line) => line.trim())
  return names.filter((name) => name !== '' && !name.startsWith('type '))
}

describe('the public face', () => {
  it.each([
    ['offstage', offstage],
    ['offstage/machines', machines],
    ['offstage/testing', testing],
  ])('of %s is what was written down', async (entry, names) => {
    expect(Object.keys(names).sort()).toEqual((await written(entry)).sort())
    expect(Object.values(names).every((value) => value !== undefined)).toBe(true)
  })

  it('is enough to run work in ten lines', async () => {
    const { BackgroundRunner, OffstageError, TaskStatus, defineRecipe } = offstage
    await using runner = new BackgroundRunner({ maxConcurrentTasks: 3 })
    const greet = defineRecipe({ name: 'greet', run: async (input: { who: string }) => `Hello ${input.who}` })
    const task = await runner.submitRecipe(greet, { who: 'Ada' })
    expect(await task.wait({ timeout: '10s' })).toBe('Hello Ada')
    expect(task.status).toBe(TaskStatus.COMPLETED)
    const failed = runner.submit(() => Promise.reject(new Error('no')))
    expect(OffstageError.is(await failed.wait().catch((error: unknown) => error), 'ERROR')).toBe(true)
  })

  it('has statuses that nobody can change, and jobs have the same', () => {
    expect(Object.isFrozen(offstage.TaskStatus)).toBe(true)
    expect(Object.values(offstage.TaskStatus)).toEqual(['pending', 'running', 'completed', 'failed', 'cancelled'])
    expect(offstage.JobStatus).toBe(offstage.TaskStatus)
  })

  it('prints a runner by its store', () => {
    expect(String(new offstage.BackgroundRunner())).toBe('BackgroundRunner("memory")')
  })
})
