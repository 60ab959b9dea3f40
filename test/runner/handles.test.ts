import { describe, expect, it } from 'vitest'
import { testRunner } from '../../src/testing/runner.ts'

describe('onProgress', () => {
  it('hears each progress, with the task that it belongs to', async () => {
    const { runner } = testRunner()
    const heard: unknown[] = []
    const task = runner.submit(
      async ({ progress }) => {
        progress(0)
        progress(0.5, 'half')
        await null
        progress(1)
      },
      { onProgress: (progress, { id, progress: now }) => heard.push([progress, id, now]) },
    )
    await task.wait()
    expect(heard).toEqual([
      [{ fraction: 0, message: undefined }, task.id, 0],
      [{ fraction: 0.5, message: 'half' }, task.id, 0.5],
      [{ fraction: 1, message: undefined }, task.id, 1],
    ])
  })

  it('hears nothing of other tasks, and nothing after the end', async () => {
    const { runner, clock } = testRunner()
    const heard: number[] = []
    let late = (): void => {}
    const task = runner.submit(
      ({ progress }) => {
        progress(0.5)
        late = () => progress(0.9)
      },
      { onProgress: ({ fraction }) => heard.push(fraction) },
    )
    const other = runner.submit(({ progress }) => progress(0.1))
    await Promise.all([task.wait(), other.wait()])
    late()
    await clock.advance(0)
    expect([heard, task.progress]).toEqual([[0.5], 0.5])
  })

  it('may cancel the task', async () => {
    const { runner, clock } = testRunner()
    const task = runner.submit(
      async ({ progress, sleep }) => {
        progress(0.5)
        await sleep('1h')
      },
      { onProgress: (_, self) => void self.cancel('enough') },
    )
    expect(await clock.until(task.settled())).toMatchObject({ status: 'cancelled', reason: 'enough' })
  })
})
