import { describe, expect, it, vi } from 'vitest'
import { defineRecipe } from '../../src/runner/recipe.ts'
import { testRunner } from '../../src/testing/runner.ts'
import { never, silent } from './work.ts'

const conflict = (code: string) => expect.objectContaining({ code })

describe('an id', () => {
  it('of one’s own answers the first task when it is submitted again', async () => {
    const { runner } = testRunner()
    const work = vi.fn((n: number) => n)
    const options = { id: 'order-1', name: 'work', args: [7] as const }
    const first = runner.submit(work, options)
    const again = runner.submit(work, options)
    expect([first.deduplicated, again.deduplicated, again.id]).toEqual([false, true, 'order-1'])
    expect(await Promise.all([first.wait(), again.wait()])).toEqual([7, 7])
    expect([work.mock.calls.length, runner.tasks.length]).toEqual([1, 1])
  })

  it('with other work behind it is a conflict, and so is one of another owner, without details', () => {
    const { runner } = testRunner()
    runner.submit((n: number) => n, { id: 'order-1', name: 'work', args: [7], owner: 'ada' })
    const other = { id: 'order-1', name: 'work', args: [8] as const }
    expect(() => runner.submit((n: number) => n, { ...other, owner: 'ada' })).toThrow(conflict('ID_CONFLICT'))
    expect(() => runner.submit((n: number) => n, { ...other, owner: 'bob' })).toThrow(
      expect.objectContaining({ code: 'ID_CONFLICT', message: 'id "order-1" belongs to another task' }),
    )
    expect(runner.tasks).toHaveLength(1)
  })

  it('is made of 22 letters and digits, another one each time, and the same for the same seed', () => {
    const ids = [1, 1, 2].map((seed) => {
      const { runner } = testRunner({ seed })
      return Array.from({ length: 100 }, () => runner.submit(never).id)
    })
    expect(ids[0]).toEqual(ids[1])
    expect(new Set(ids.flat()).size).toBe(200)
    expect(ids.flat().every((id) => /^[A-Za-z0-9]{22}$/.test(id))).toBe(true)
  })
})

describe('idempotencyKey', () => {
  const greet = defineRecipe({ name: 'greet', run: (input: { name: string }) => `Hello ${input.name}` })

  it('answers the first task while that goes on, and after it has completed', async () => {
    const { runner } = testRunner({ recipes: [greet] })
    const submit = () => runner.submitRecipe(greet, { name: 'Ada' }, { idempotencyKey: 'k' })
    const [first, second] = await Promise.all([submit(), submit()])
    await first.wait()
    const third = await submit()
    expect([second, third].map(({ id, deduplicated }) => [id, deduplicated])).toEqual(Array(2).fill([first.id, true]))
    expect([third.result, runner.stats.completed]).toEqual(['Hello Ada', 1])
  })

  it('belongs to one input: another is a conflict', async () => {
    const { runner } = testRunner({ recipes: [greet] })
    await runner.submitRecipe(greet, { name: 'Ada' }, { idempotencyKey: 'k' })
    await expect(runner.submitRecipe(greet, { name: 'Bob' }, { idempotencyKey: 'k' })).rejects.toMatchObject({
      code: 'KEY_CONFLICT',
    })
    expect(runner.tasks).toHaveLength(1)
  })

  it('is apart for each recipe and each owner', async () => {
    const other = defineRecipe({ name: 'other', run: () => 1 })
    const { runner } = testRunner({ recipes: [greet, other] })
    const key = { idempotencyKey: 'k' }
    await runner.submitRecipe(greet, { name: 'Ada' }, key)
    await runner.submitRecipe(greet, { name: 'Ada' }, { ...key, owner: 'ada' })
    await runner.submitRecipe(other, undefined, key)
    expect(runner.tasks).toHaveLength(3)
  })

  it.each(['failed', 'cancelled'])('is free again when its task was %s', async (how) => {
    const { runner } = testRunner({ logger: silent })
    const options = { name: 'work', idempotencyKey: 'k' }
    const first = runner.submit(() => Promise.reject(new Error('no')), options)
    if (how === 'cancelled') await first.cancel()
    await first.settled()
    const second = runner.submit(() => 'again', options)
    expect([first.status, second.deduplicated, await second.wait()]).toEqual([how, false, 'again'])
  })
})

describe('owners', () => {
  it('see their own tasks only, where they ask as such', async () => {
    const { runner } = testRunner()
    const mine = runner.submit(() => 1, { owner: 'ada' })
    runner.submit(() => 2, { owner: 'bob' })
    expect((await runner.get(mine.id, { owner: 'ada' }))?.id).toBe(mine.id)
    expect(await runner.get(mine.id, { owner: 'bob' })).toBeUndefined()
    expect((await runner.list({ owner: 'ada' })).tasks.map(({ id }) => id)).toEqual([mine.id])
    expect((await runner.list()).tasks).toHaveLength(2)
  })
})

describe('bulk verbs', () => {
  it('cancelAll cancels what is unfinished, and counts who accepted', async () => {
    const { runner, clock } = testRunner({ maxConcurrentTasks: 1 })
    await runner.submit(() => 'done').wait()
    const running = runner.submit(({ sleep }) => sleep('1h'))
    const pending = runner.submit(() => 1)
    await clock.advance(0)
    expect(await runner.cancelAll({ reason: 'closing time' })).toBe(2)
    await clock.until(runner.onIdle())
    expect([running.outcome, pending.outcome]).toEqual(
      Array(2).fill({ ok: false, status: 'cancelled', reason: 'closing time', by: undefined }),
    )
    expect(await runner.cancelAll()).toBe(0)
  })

  it('waitAll waits for what is unfinished now, and not for what comes later', async () => {
    const { runner, clock } = testRunner({ logger: silent })
    await runner.submit(() => 'done').wait()
    const tasks = [runner.submit(({ sleep }) => sleep('1m')), runner.submit(() => Promise.reject(new Error('no')))]
    const all = runner.waitAll()
    const later = runner.submit(({ sleep }) => sleep('1d'), { timeout: false })
    expect((await clock.until(all)).map(({ id }) => id)).toEqual(tasks.map(({ id }) => id))
    expect(later.status).toBe('running')
  })

  it('waitAll with a timeout gives up, and changes none of them', async () => {
    const { runner, clock } = testRunner()
    const task = runner.submit(({ sleep }) => sleep('1m'))
    await expect(clock.until(runner.waitAll({ timeout: '1s' }))).rejects.toMatchObject({
      code: 'WAIT_TIMEOUT',
      message: '1 of 1 tasks did not end within 1000 ms; it goes on',
    })
    expect([clock.monotonic(), task.status]).toEqual([1_000, 'running'])
  })

  it('onIdle resolves when nothing is pending or running, retries and children included', async () => {
    const { runner, clock } = testRunner({ logger: silent })
    await runner.onIdle()
    runner.submit(() => Promise.reject(new Error('no')), { retry: { attempts: 2, minDelay: '1m', jitter: 0 } })
    runner.submit(({ submit }) => void submit(() => 1, { delay: '2m' }))
    await clock.until(runner.onIdle())
    expect([clock.monotonic(), runner.stats.pending, runner.stats.running]).toEqual([120_000, 0, 0])
  })
})

describe('wait', () => {
  it.each(['wait', 'settled'] as const)('(%s) with a timeout or a signal never changes the task', async (verb) => {
    const { runner, clock } = testRunner()
    const task = runner.submit(({ sleep }) => sleep('1h').then(() => 'done'), { timeout: '2h' })
    const controller = new AbortController()
    const waits = [task[verb]({ timeout: 0 }), task[verb]({ timeout: '1m' }), task[verb]({ signal: controller.signal })]
    const ends = Promise.allSettled(waits)
    await clock.advance('1m')
    controller.abort('I have to go')
    const codes = (await ends).map((end) => (end.status === 'fulfilled' ? end.value : (end.reason.code ?? end.reason)))
    const gaveUp = verb === 'wait' ? 'WAIT_TIMEOUT' : undefined
    expect(codes).toEqual([gaveUp, gaveUp, 'I have to go'])
    expect([task.state, await clock.until(task.wait())]).toEqual(['running.executing', 'done'])
  })

  it('may be longer than 24 days', async () => {
    const { runner, clock } = testRunner()
    const task = runner.submit(() => 'done', { delay: '25d' })
    const waiting = task.wait({ timeout: '26d' })
    await clock.advance('25d')
    expect(await waiting).toBe('done')
  })

  it('with a signal that is aborted already rejects at once', async () => {
    const { runner } = testRunner()
    const task = runner.submit(() => 'done')
    await expect(task.wait({ signal: AbortSignal.abort('no') })).rejects.toBe('no')
    expect(await task.wait()).toBe('done')
  })
})
