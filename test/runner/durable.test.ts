import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { defineRecipe } from '../../src/runner/recipe.ts'
import { BackgroundRunner } from '../../src/runner/runner.ts'
import type { RunnerOptions } from '../../src/runner/runner-options.ts'
import type { BackgroundTask } from '../../src/runner/task.ts'
import { FileStore } from '../../src/store/file/store.ts'

/** A promise and what resolves it. */
function gate<T = void>(): { readonly opened: Promise<T>; open(value: T): void } {
  let open: (value: T) => void = () => {}
  const opened = new Promise<T>((resolve) => {
    open = resolve
  })
  return { opened, open: (value) => open(value) }
}

/** Resolves when it holds, looked at after each event of the task. */
async function until(task: BackgroundTask<unknown>, holds: () => boolean): Promise<void> {
  for await (const _ of task.events()) if (holds()) return
  throw new Error(`${task.name} ended: ${task.state}`)
}

describe.each([{ watch: false }, {}])('runners on one folder, each with a store of its own: %j', (options) => {
  let dir = ''
  let ran: string[] = []
  const open: { runner: BackgroundRunner; store: FileStore }[] = []

  const echo = defineRecipe({
    name: 'echo',
    run: (input: string) => {
      ran.push(input)
      return input
    },
  })
  const forever = defineRecipe({
    name: 'forever',
    run: async (_: undefined, { sleep }) => {
      await sleep('1h')
    },
  })

  /** A process of its own, as far as the store can tell. */
  const enter = (given: RunnerOptions = {}): { runner: BackgroundRunner; store: FileStore } => {
    const store = new FileStore({ dir, lease: '1s', ...options })
    const runner = new BackgroundRunner({ store, recipes: [echo, forever], gracePeriod: '1s', ...given })
    open.push({ runner, store })
    return { runner, store }
  }
  const producer = (given: RunnerOptions = {}): BackgroundRunner => enter({ work: false, ...given }).runner
  const worker = (given: RunnerOptions = {}): BackgroundRunner => {
    const { runner } = enter(given)
    runner.start()
    return runner
  }
  /** The task as another process knows it. */
  const seenBy = async (
    runner: BackgroundRunner,
    { id }: { readonly id: string },
  ): Promise<BackgroundTask<unknown>> => {
    const task = await runner.get(id)
    if (task === undefined) throw new Error(`${id} is not to be seen`)
    return task
  }
  /** The records of the journal, read past the store. */
  const records = async (): Promise<Record<string, unknown>[]> => {
    const folder = join(dir, 'journal')
    const texts = await Promise.all((await readdir(folder)).sort().map((name) => readFile(join(folder, name), 'utf8')))
    const lines = texts.join('').split('\n')
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line.slice(9)))
  }
  const typesOf = async (task: BackgroundTask<unknown>): Promise<unknown[]> =>
    (await records()).filter((record) => record.task === task.id).map(({ type }) => type)

  beforeEach(async () => {
    ran = []
    dir = join(await mkdtemp(join(tmpdir(), 'offstage-')), 'store')
  })
  afterEach(async () => {
    for (const { runner, store } of open.splice(0)) {
      await runner.stop()
      await store.close()
    }
    await rm(join(dir, '..'), { recursive: true, force: true, maxRetries: 3 })
  })

  describe('submitting', () => {
    it('resolves when the task is on disk; others see it', async () => {
      const task = await producer().submitRecipe(echo, 'hello', { name: 'greet', tags: ['a'] })
      expect(await typesOf(task)).toEqual(['submit'])
      const seen = await seenBy(producer(), task)
      expect(seen.toJSON()).toEqual(task.toJSON())
      expect(seen.toJSON()).toMatchObject({ name: 'greet', status: 'pending', recipe: 'echo', tags: ['a'] })
    })

    it('answers a key that another process has used', async () => {
      const [one, other] = [producer(), producer()]
      const first = await one.submitRecipe(echo, 'once', { idempotencyKey: 'k' })
      const second = await other.submitRecipe(echo, 'once', { idempotencyKey: 'k' })
      expect([second.id, first.deduplicated, second.deduplicated]).toEqual([first.id, false, true])
      await expect(other.submitRecipe(echo, 'other', { idempotencyKey: 'k' })).rejects.toThrow(
        expect.objectContaining({ code: 'KEY_CONFLICT' }),
      )
    })

    it('refuses what is one too many, and ids that cannot be; what was there stays', async () => {
      const full = producer({ maxPending: 2 })
      const tasks = await Promise.all(['a', 'b'].map((input) => full.submitRecipe(echo, input)))
      await expect(full.submitRecipe(echo, 'c')).rejects.toThrow(expect.objectContaining({ code: 'QUEUE_FULL' }))
      for (const id of ['../up', '', 'x'.repeat(81), 'a\nb'])
        await expect(producer().submitRecipe(echo, 'd', { id })).rejects.toThrow(
          expect.objectContaining({ code: 'INVALID_OPTION' }),
        )
      const listed = (await producer().list()).tasks.map(({ id }) => id)
      expect(listed.sort()).toEqual(tasks.map(({ id }) => id).sort())
    })

    it('refuses a record above 256 KiB; the next one is taken', async () => {
      const runner = producer()
      const config = { text: 'x'.repeat(256 * 1024) }
      await expect(runner.submitRecipe(echo, 'large', { config })).rejects.toThrow(
        expect.objectContaining({ code: 'TOO_LARGE' }),
      )
      const task = await runner.submitRecipe(echo, 'small')
      expect((await producer().list()).tasks.map(({ id }) => id)).toEqual([task.id])
    })
  })

  describe('working', () => {
    it('brings result, progress, log and output to the one that waits elsewhere', async () => {
      const talk = defineRecipe({
        name: 'talk',
        run: (_: undefined, { progress, log, write }) => {
          progress(0.5, 'half')
          log.warn('careful', { n: 1 })
          write('piece')
          return { said: 'é' }
        },
      })
      const task = await producer({ recipes: [talk] }).submitRecipe(talk)
      worker({ recipes: [talk] })
      const told: Record<string, unknown>[] = []
      for await (const event of task.events()) told.push({ ...event })
      expect(await task.wait()).toEqual({ said: 'é' })
      expect(task.result).toEqual({ said: 'é' })
      expect([task.progress, task.message]).toEqual([0.5, 'half'])
      const by = (type: string) => told.filter((event) => event.type === type)
      expect(by('log')).toEqual([expect.objectContaining({ level: 'warn', message: 'careful', data: { n: 1 } })])
      expect(by('output')).toEqual([expect.objectContaining({ chunk: 'piece' })])
      expect(by('state').at(-1)).toMatchObject({ event: 'complete', status: 'completed' })
    })

    it('never happens where work is false', async () => {
      const idle = producer()
      const left = await idle.submitRecipe(echo, 'left')
      const marked = defineRecipe({ name: 'marked', run: () => 'done' })
      worker({ recipes: [marked] })
      expect(await (await producer({ recipes: [marked] }).submitRecipe(marked)).wait()).toBe('done')
      expect(ran).toEqual([])
      expect(await typesOf(left)).toEqual(['submit'])
      expect(() => idle.start()).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
    })

    it('goes on elsewhere with the attempts that are left', async () => {
      let up = false
      const attempts: number[] = []
      const flaky = defineRecipe({
        name: 'flaky',
        run: (_: undefined, { attempt }) => {
          attempts.push(attempt)
          if (!up) throw new Error('down')
          return attempt
        },
        retry: { attempts: 9, minDelay: '300ms', jitter: 0 },
      })
      const task = await producer({ recipes: [flaky] }).submitRecipe(flaky)
      const first = worker({ recipes: [flaky] })
      await until(task, () => task.state === 'pending.delayed')
      await first.stop()
      up = true
      worker({ recipes: [flaky] })
      const last = await task.wait()
      expect(last).toBeGreaterThan(1)
      expect(new Set(attempts)).toEqual(new Set(Array.from({ length: last }, (_, i) => i + 1)))
      expect((await typesOf(task)).filter((type) => type === 'fail')).toHaveLength(last - 1)
      const starts = (await records()).filter(({ type }) => type === 'start')
      expect(starts.at(-1)?.worker).not.toBe(starts[0]?.worker)
    })

    it('hands results of needs on, and fails what needs a failure', async () => {
      const joined = defineRecipe({ name: 'join', run: (_: undefined, { needs }) => needs as never })
      const broken = defineRecipe({
        name: 'broken',
        run: () => {
          throw new Error('no')
        },
      })
      const recipes = [echo, joined, broken]
      const runner = producer({ recipes })
      const [a, b] = await Promise.all([runner.submitRecipe(echo, 'a'), runner.submitRecipe(echo, 'b')])
      const listed = await runner.submitRecipe(joined, undefined, { needs: [a, b] })
      const named = await producer({ recipes }).submitRecipe(joined, undefined, { needs: { b, a } })
      const failed = await runner.submitRecipe(broken)
      const dependant = await runner.submitRecipe(joined, undefined, { needs: [failed] })
      expect((await dependant.explain()).code).toBe('NEEDS')
      worker({ recipes })
      expect(await listed.wait()).toEqual(['a', 'b'])
      expect(await named.wait()).toEqual({ a: 'a', b: 'b' })
      expect(await dependant.settled()).toMatchObject({ ok: false, error: { code: 'DEPENDENCY' } })
    })

    it('lets a parent wait for its children without a slot; they end with it', async () => {
      const parent = defineRecipe({
        name: 'parent',
        run: async (child: 'echo' | 'forever', { submitRecipe }) => {
          const task = await (child === 'echo' ? submitRecipe(echo, 'from the child') : submitRecipe(forever))
          return (await task.wait()) ?? null
        },
      })
      const recipes = [echo, forever, parent]
      const runner = producer({ recipes })
      worker({ recipes, maxConcurrentTasks: 1 })
      const quick = await runner.submitRecipe(parent, 'echo')
      expect(await quick.wait()).toBe('from the child')
      expect(await typesOf(quick)).toEqual(['submit', 'start', 'ask', 'complete'])

      const slow = await runner.submitRecipe(parent, 'forever')
      await until(slow, () => slow.state === 'running.waiting')
      const [child] = (await runner.list({ recipe: 'forever' })).tasks
      expect(child?.parentId).toBe(slow.id)
      expect(await slow.cancel('both')).toBe(true)
      expect(await slow.settled()).toMatchObject({ status: 'cancelled', reason: 'both' })
      expect(await child?.settled()).toMatchObject({ status: 'cancelled' })
    })

    it('keeps large inputs and results beside the journal', async () => {
      const text = 'é'.repeat(100 * 1024)
      const task = await producer().submitRecipe(echo, text)
      expect((await readdir(join(dir, 'blobs'))).length).toBe(1)
      worker()
      expect(await task.wait()).toBe(text)
      expect(ran).toEqual([text])
      expect((await readdir(join(dir, 'blobs'))).length).toBe(2)
      expect(JSON.stringify(await records()).length).toBeLessThan(10_000)
      expect((await seenBy(producer(), task)).result).toBe(text)
    })

    it('tells onSettled and onComplete when the end is on disk', async () => {
      const told: unknown[] = []
      const tell = async (who: string, task: BackgroundTask<unknown>): Promise<void> => {
        told.push([who, (await typesOf(task)).at(-1), (await seenBy(producer({ recipes: [] }), task)).status])
      }
      const settled = gate()
      const completed = gate()
      const heard = defineRecipe({
        name: 'heard',
        run: () => 1,
        onSettled: (_, { task }) => tell('onSettled', task).then(settled.open),
      })
      const onComplete = (task: BackgroundTask<unknown>) => void tell('onComplete', task).then(completed.open)
      worker({ recipes: [heard] })
      await producer({ recipes: [heard] }).submitRecipe(heard, undefined, { onComplete })
      await Promise.all([settled.opened, completed.opened])
      expect(told.sort()).toEqual([
        ['onComplete', 'complete', 'completed'],
        ['onSettled', 'complete', 'completed'],
      ])
    })
  })

  describe('cancelling', () => {
    it('aborts the signal of a handler that runs elsewhere', async () => {
      const aborted = gate<unknown>()
      const patient = defineRecipe({
        name: 'patient',
        run: (_: undefined, { signal }) =>
          new Promise<void>((resolve) => {
            const stop = (): void => {
              aborted.open(signal.reason)
              resolve()
            }
            if (signal.aborted) stop()
            else signal.addEventListener('abort', stop)
          }),
      })
      const task = await producer({ recipes: [patient] }).submitRecipe(patient)
      worker({ recipes: [patient], gracePeriod: '1h' })
      await until(task, () => task.isRunning)
      expect(await task.cancel('enough')).toBe(true)
      expect(await aborted.opened).toMatchObject({ name: 'TaskCancelledError', reason: 'enough' })
      expect(await task.settled()).toEqual({ ok: false, status: 'cancelled', reason: 'enough' })
    })

    it('is refused once the task has completed elsewhere', async () => {
      const task = await producer().submitRecipe(echo, 'quick')
      const other = worker()
      await (await seenBy(other, task)).wait()
      expect(await task.cancel()).toBe(false)
      expect(task.status).toBe('completed')
    })
  })

  describe('stopping', () => {
    it('leaves pending tasks to others, and hands back what it was told to stop', async () => {
      const first = worker({ maxConcurrentTasks: 1 })
      const running = await first.submitRecipe(forever)
      const pending = await first.submitRecipe(echo, 'later')
      await until(running, () => running.isRunning)
      expect(await first.stop()).toEqual({ cancelled: 0, zombies: [] })
      const runner = producer()
      expect((await seenBy(runner, running)).state).toBe('pending.queued')
      expect((await seenBy(runner, pending)).state).toBe('pending.queued')
      await runner.cancel(running.id)
      worker()
      expect(await (await seenBy(runner, pending)).wait()).toBe('later')
    })

    it('closes a store that was named by a text, and no other', async () => {
      const named = new BackgroundRunner({ store: `file:${dir}`, recipes: [echo], work: false })
      const task = await named.submitRecipe(echo, 'hello')
      await named.stop()
      await expect(named.get(task.id)).rejects.toThrow(expect.objectContaining({ code: 'STORE' }))
      const { runner, store } = enter()
      await runner.stop()
      expect((await store.get(task.id))?.status).toBe('pending')
    })
  })

  describe('people', () => {
    it('are told why a task waits: for any worker, or for one that knows its recipe', async () => {
      const runner = producer()
      const task = await runner.submitRecipe(echo, 'hello')
      expect(await task.explain()).toMatchObject({ code: 'NO_WORKER', recipe: 'echo' })
      const stranger = worker({ recipes: [forever] })
      await expect.poll(async () => (await task.explain()).code, { timeout: 10_000 }).toBe('UNKNOWN_RECIPE')
      expect(await task.explain()).toMatchObject({ recipe: 'echo', known: ['forever'], workers: 1 })
      expect((await (await seenBy(stranger, task)).explain()).code).toBe('UNKNOWN_RECIPE')
      expect(task.status).toBe('pending')
      worker()
      expect(await task.wait()).toBe('hello')
    })

    it('see who works on the store, until it stops', async () => {
      const runner = producer()
      expect(await runner.workers()).toEqual([])
      const other = worker()
      await expect.poll(async () => (await runner.workers()).length, { timeout: 10_000 }).toBe(1)
      expect(await runner.workers()).toEqual([
        expect.objectContaining({ pid: process.pid, recipes: ['echo', 'forever'] }),
      ])
      await other.stop()
      expect(await runner.workers()).toEqual([])
    })

    it('may have a task run once more, from anywhere', async () => {
      const runner = producer()
      const task = await runner.submitRecipe(echo, 'again', { tags: ['t'] })
      await expect(runner.retry(task.id)).rejects.toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
      worker()
      await task.wait()
      const repeated = await producer().retry(task.id)
      expect(await repeated.wait()).toBe('again')
      expect(repeated.toJSON()).toMatchObject({ retryOf: task.id, tags: ['t'] })
      expect(ran).toEqual(['again', 'again'])
      await expect(runner.retry('nobody')).rejects.toThrow(expect.objectContaining({ code: 'GONE' }))
    })
  })

  describe('events', () => {
    it('go on in another process behind the cursor of the last one seen', async () => {
      const goOn = gate()
      const steps = defineRecipe({
        name: 'steps',
        run: async (_: undefined, { log }) => {
          log('one')
          await goOn.opened
          log('two')
        },
      })
      const task = await producer({ recipes: [steps] }).submitRecipe(steps)
      const feed = task.events()[Symbol.asyncIterator]()
      const { value: snapshot } = await feed.next()
      worker({ recipes: [steps] })
      let cursor: string = snapshot.cursor
      const told: string[] = []
      for (;;) {
        const { value: event } = await feed.next()
        told.push(event.type === 'log' ? event.message : event.event)
        cursor = event.cursor
        if (event.type === 'log') break
      }
      await feed.return?.()
      goOn.open()
      const elsewhere = await seenBy(producer(), task)
      for await (const event of elsewhere.events({ after: cursor }))
        told.push(event.type === 'log' ? event.message : event.type === 'state' ? event.event : event.type)
      expect(told).toEqual(['start', 'one', 'two', 'complete'])
    })
  })

  describe('a worker that was declared dead', () => {
    it('goes on under another name; what it had begun does not count any more', async () => {
      const late = gate<string>()
      const told = gate()
      const attempts: AbortSignal[] = []
      const twice = defineRecipe({
        name: 'twice',
        run: async (_: undefined, { signal }) => {
          if (attempts.push(signal) > 1) return 'second'
          signal.addEventListener('abort', () => told.open())
          return late.opened
        },
      })
      const { runner, store } = enter({ recipes: [twice], work: false })
      const task = await runner.submitRecipe(twice)
      worker({ recipes: [twice] })
      await until(task, () => task.isRunning)
      const reason = await task.explain()
      const dead = 'worker' in reason ? reason.worker : ''
      expect(await store.append({ type: 'expire', worker: dead, at: Date.now() })).toMatchObject({ accepted: true })
      await told.opened
      late.open('first')
      expect(await task.wait()).toBe('second')
      expect(attempts.map(({ aborted }) => aborted)).toEqual([true, false])
      const names = (await records()).filter(({ type }) => type === 'start').map((record) => record.worker)
      expect(names).toEqual([dead, expect.not.stringMatching(dead)])
      expect((await records()).filter(({ type }) => type === 'complete')).toHaveLength(1)
    })
  })
})
