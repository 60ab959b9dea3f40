import { describe, expect, it } from 'vitest'
import type { StoredTask } from '../../src/machines/store-state.ts'
import { coreOf } from '../../src/runner/runner.ts'
import { jobOf } from '../../src/schedule/job.ts'
import { testRunner } from '../../src/testing/runner.ts'

const { signal } = new AbortController()

describe('a job', () => {
  it('tells of the schedule, the slot and the task', async () => {
    const { runner, clock } = testRunner({ work: false })
    const metadata = { to: 'inbox' }
    const { id } = await runner.schedules.add({ name: 'a', when: '10m', message: 'Go', owner: 'ada', metadata })
    await clock.advance('11m')
    await runner.schedules.tick()
    const [task] = [...coreOf(runner).store.known()] as [StoredTask]
    const job = jobOf(task, signal)
    expect(job).toEqual({
      id,
      name: 'a',
      message: 'Go',
      owner: 'ada',
      scheduledAt: new Date('2030-01-01T00:10:00Z'),
      previousAt: undefined,
      metadata,
      signal,
      task: { id: task.id, name: 'a', attempt: 0 },
    })
    expect(Object.isFrozen(job)).toBe(true)
  })

  it('that was fired by hand has the time of that', async () => {
    const { runner, clock } = testRunner({ work: false })
    await runner.schedules.add({ name: 'a', when: 'daily', message: 'Go' })
    await clock.advance('90s')
    const { id } = await runner.schedules.trigger('a')
    const task = (await coreOf(runner).store.get(id)) as StoredTask
    expect(jobOf(task, signal).scheduledAt).toEqual(new Date('2030-01-01T00:01:30Z'))
  })
})
