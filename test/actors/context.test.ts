import { AsyncLocalStorage } from 'node:async_hooks'
import { expect, it } from 'vitest'
import { testRunner } from '../../src/testing/runner.ts'

it('runs a handler outside of the async context of whoever woke the pump, so that no request leaks into another', async () => {
  const { runner, clock } = testRunner({ maxConcurrentTasks: 1 })
  const request = new AsyncLocalStorage<string>()
  const seen = ['a', 'b', 'c'].map((name) => request.run(name, () => runner.submit(() => request.getStore() ?? 'none')))
  expect(await clock.until(Promise.all(seen.map((task) => task.wait())))).toEqual(['none', 'none', 'none'])
})
