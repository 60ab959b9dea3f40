import { expect, it } from 'vitest'
import { testRunner } from '../../src/testing/runner.ts'

it('counts a task whose need was cancelled before it was submitted once, and is idle then', async () => {
  const { runner, clock } = testRunner()
  const need = runner.submit(() => 1, { delay: '1h' })
  await need.cancel()
  const task = runner.submit(() => 2, { needs: [need] })
  expect(task.error?.code).toBe('DEPENDENCY')
  expect(runner.stats).toMatchObject({ pending: 0, running: 0, failed: 1, cancelled: 1 })
  await clock.until(runner.onIdle())
})

it('starts tasks that are delayed to the same instant in the order of their submits', async () => {
  const { runner, clock } = testRunner({ maxConcurrentTasks: 1 })
  const started: string[] = []
  for (const name of ['a', 'b', 'c']) runner.submit(() => started.push(name), { delay: '1m' })
  await clock.until(runner.onIdle())
  expect(started).toEqual(['a', 'b', 'c'])
})
