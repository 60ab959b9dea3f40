import { describe, expect, it } from 'vitest'
import type { SubmitOptions } from '../../src/runner/types.ts'
import { testRunner } from '../../src/testing/runner.ts'

/** Submits one task for each of the options, one slot for all, and tells in which order they ran. */
async function orderOf(options: readonly (SubmitOptions & { readonly name: string })[]): Promise<string> {
  const { runner, clock } = testRunner({ maxConcurrentTasks: 1 })
  const ran: string[] = []
  for (const each of options) runner.submit(() => void ran.push(each.name), each as SubmitOptions)
  await clock.until(runner.onIdle())
  return ran.join(' ')
}

describe('the order in which tasks start', () => {
  it('is the order of the submits', async () => {
    expect(await orderOf(['a', 'b', 'c', 'd'].map((name) => ({ name })))).toBe('a b c d')
  })

  it('puts a higher priority first, and keeps the order of the submits within one', async () => {
    const tasks = [
      { name: 'a' },
      { name: 'b', priority: -1 },
      { name: 'c', priority: 1_000 },
      { name: 'd', priority: 7 },
      { name: 'e', priority: 7 },
      { name: 'f', priority: 0 },
    ]
    expect(await orderOf(tasks)).toBe('c d e a f b')
  })

  it('gives concurrency keys turns, tasks without one being one key', async () => {
    const tasks = ['x1', 'x2', 'x3', 'y1', 'y2', '-1', '-2'].map((name) => ({
      name,
      ...(name.startsWith('-') ? {} : { concurrencyKey: name.slice(0, 1) }),
    }))
    expect(await orderOf(tasks)).toBe('x1 y1 -1 x2 y2 -2 x3')
  })

  it('puts priority before turns', async () => {
    const tasks = [
      { name: 'x1', concurrencyKey: 'x' },
      { name: 'y1', concurrencyKey: 'y' },
      { name: 'x2', concurrencyKey: 'x', priority: 1 },
      { name: 'x3', concurrencyKey: 'x', priority: 1 },
    ]
    expect(await orderOf(tasks)).toBe('x2 x3 x1 y1')
  })

  it('lets a later task with a free key pass one whose key is held', async () => {
    const { runner, clock } = testRunner({ maxConcurrentTasks: 2 })
    const ran: string[] = []
    const submit = (name: string, key: string) =>
      runner.submit(
        async ({ sleep }) => {
          ran.push(name)
          await sleep('1s')
        },
        { concurrencyKey: key },
      )
    submit('x1', 'x')
    submit('x2', 'x')
    submit('y1', 'y')
    await clock.advance(0)
    expect(ran).toEqual(['x1', 'y1'])
    await clock.until(runner.onIdle())
    expect(ran).toEqual(['x1', 'y1', 'x2'])
  })
})

describe('a delayed task', () => {
  it('starts when its delay is over, never before, and needs no slot until then', async () => {
    const { runner, clock } = testRunner({ maxConcurrentTasks: 1 })
    const late = runner.submit(() => 'late', { delay: '1h' })
    expect(await clock.until(runner.submit(() => 'now').wait())).toBe('now')
    expect(late.state).toBe('pending.delayed')
    await clock.advance(3_599_999)
    expect(late.state).toBe('pending.delayed')
    await clock.advance(1)
    expect(late.result).toBe('late')
  })

  it('enters the queue when it is due, so it stands behind those that came before', async () => {
    const { runner, clock } = testRunner({ maxConcurrentTasks: 1 })
    const ran: string[] = []
    runner.submit(() => void ran.push('delayed'), { delay: '1s' })
    for (const name of ['a', 'b', 'c']) {
      runner.submit(async ({ sleep }) => {
        ran.push(name)
        await sleep(800)
      })
    }
    await clock.until(runner.onIdle())
    expect(ran).toEqual(['a', 'b', 'c', 'delayed'])
  })

  it('may be due in 25 days: it does not start at once', async () => {
    const { runner, clock } = testRunner()
    const task = runner.submit(() => 'at last', { delay: '25d' })
    await clock.advance('24d')
    expect(task.status).toBe('pending')
    await clock.advance('1d')
    expect(task.result).toBe('at last')
  })

  it('with a delay of 0 starts at once', async () => {
    const { runner } = testRunner()
    expect(await runner.submit(() => 'now', { delay: 0 }).wait()).toBe('now')
  })
})
