import { describe, expect, it } from 'vitest'
import type { Logger } from '../../src/runner/runner-options.ts'
import { setUp, untilAborted } from './loop-set-up.ts'

describe('callbacks', () => {
  it('are tasks: listed, and cancelled one by one', async () => {
    let reason: unknown
    const { runner, loop, add, clock } = setUp({
      onTrigger: ({ signal }) =>
        untilAborted(signal).catch((error) => {
          reason = error
          throw error
        }),
    })
    await add('slow', 'in 1 minute')
    loop.start()
    await clock.advance('61s')
    const [task] = runner.runningTasks
    expect(task).toMatchObject({ name: 'slow', status: 'running' })
    expect(await task?.cancel('enough')).toBe(true)
    await clock.advance('1s')
    expect(task?.status).toBe('cancelled')
    expect(reason).toBeDefined()
  })

  it('delay no other, however slow', async () => {
    const begun: string[] = []
    const { loop, add, clock } = setUp({
      onTrigger: ({ name, signal }) => {
        begun.push(name)
        return name === 'slow' ? untilAborted(signal) : undefined
      },
    })
    await add('slow', 'in 1 minute')
    await add('quick', 'in 1 minute')
    await add('later', 'in 2 minutes')
    loop.start()
    await clock.advance('3m')
    expect(begun.sort()).toEqual(['later', 'quick', 'slow'])
  })

  it('run at most so many at once', async () => {
    let now = 0
    let most = 0
    const { loop, add, clock } = setUp({
      maxConcurrentTasks: 2,
      onTrigger: async () => {
        now += 1
        most = Math.max(most, now)
        await null
        now -= 1
      },
    })
    for (let i = 0; i < 8; i += 1) await add(`s${i}`, 'in 1 minute')
    loop.start()
    await clock.advance('2m')
    expect([now, most]).toEqual([0, 2])
  })

  it('that throw are logged and stand in history, and the loop goes on', async () => {
    const logged: string[] = []
    const logger = { debug() {}, info() {}, warn() {}, error: (_: object, message: string) => logged.push(message) }
    const seen: string[] = []
    const { runner, loop, add, clock } = setUp({
      logger: logger as Logger,
      onTrigger: ({ name }) => {
        seen.push(name)
        throw new Error('no mail server')
      },
    })
    await add('a', 'every 1 minute')
    loop.start()
    await clock.advance('150s')
    expect(seen).toEqual(['a', 'a'])
    expect(logged).toEqual([expect.stringMatching(/^onTrigger has failed for "a" \(\w+\)$/), expect.anything()])
    const history = await runner.schedules.history('a')
    expect(history.map(({ status }) => status)).toEqual(['failed', 'failed'])
    const task = await runner.get(history[0]?.task ?? '')
    expect(task?.error?.message).toBe('no mail server')
  })

  it('that throw are tried again as the schedule says', async () => {
    let calls = 0
    const { loop, add, clock } = setUp({
      logger: { debug() {}, info() {}, warn() {}, error() {} },
      onTrigger: ({ task }) => {
        calls = task.attempt
        if (task.attempt < 3) throw new Error('not yet')
      },
    })
    await add('a', 'in 1 minute', { submit: { retry: { attempts: 3, minDelay: '1s' } } })
    loop.start()
    await clock.advance('10m')
    expect(calls).toBe(3)
  })

  it('may take what a logger that throws makes of it', async () => {
    const warned: unknown[] = []
    const broken = (): never => {
      throw new Error('log is broken')
    }
    const warn = (_: object, message: string): void => void warned.push(message)
    const { loop, add, clock } = setUp({
      logger: { debug: broken, info: broken, warn, error: broken },
      onTrigger: () => broken(),
    })
    await add('a', 'every 1 minute')
    loop.start()
    await clock.advance('150s')
    expect(warned).toHaveLength(2)
  })
})
