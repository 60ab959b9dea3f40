import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { WorkerInfo } from '../../src/store/store.ts'
import { bench } from './late.ts'
import { never } from './work.ts'

const began = Date.UTC(2030, 0, 1)
const info = (id: string, more: Partial<WorkerInfo> = {}): WorkerInfo => ({
  id,
  pid: 7,
  host: 'here',
  startedAt: began,
  beatAt: began,
  loopAt: began,
  recipes: ['work'],
  ...more,
})

/** A runner that only submits, and the task that it has submitted. */
async function submitted(...alive: WorkerInfo[]) {
  const kit = bench(never, { work: false })
  kit.store.alive = alive
  return { ...kit, task: await kit.submit() }
}

describe('explain, where others work on the store', () => {
  it('tells how to start a worker where none is alive', async () => {
    const { task } = await submitted()
    expect(await task.explain()).toEqual({
      code: 'NO_WORKER',
      recipe: 'work',
      store: 'late',
      sentence: 'It is queued, and no worker is alive on late: start one with: npx offstage work',
    })
  })

  it('says that no worker knows the recipe, and what they know', async () => {
    const { task } = await submitted(info('w1', { recipes: ['other'] }), info('w2', { recipes: ['third'] }))
    expect(await task.explain()).toMatchObject({
      code: 'UNKNOWN_RECIPE',
      workers: 2,
      sentence:
        'It is queued for a worker that knows the recipe work, and none of the 2 workers does (known: other, third).',
    })
  })

  it('has nothing to add where one of them will take it', async () => {
    const { task } = await submitted(info('w1'))
    expect((await task.explain()).code).toBe('QUEUED')
  })

  /** A task that another process runs. */
  async function elsewhere(more: Partial<WorkerInfo>) {
    const { store, task } = await submitted(info('w1', more))
    store.inner.claim({ worker: 'w1', at: began, slots: 1, claim: () => 'c', takes: () => true, fits: () => true })
    return task.explain()
  }

  it('names a worker whose process stands still while its heart goes on', async () => {
    expect(await elsewhere({ beatAt: began + 60_000 })).toEqual({
      code: 'WORKER_BLOCKED',
      worker: 'w1',
      pid: 7,
      host: 'here',
      since: began,
      sentence:
        'It runs on the worker w1 (process 7 on here), whose process has not turned its event loop since 2030-01-01T00:00:00.000Z.',
    })
  })

  it('names none for a pause that is no more than that', async () => {
    expect((await elsewhere({ beatAt: began + 9_999 })).code).toBe('RUNNING')
  })

  it('knows by itself what runs here, by whatever name', async () => {
    const { store, submit } = bench(never)
    const task = await submit()
    while (task.state !== 'running.executing') await turn()
    const { worker = '' } = store.inner.get(task.id)?.snapshot.context ?? {}
    store.alive = [info(worker, { beatAt: began + 60_000 })]
    expect((await task.explain()).code).toBe('RUNNING')
  })
})
