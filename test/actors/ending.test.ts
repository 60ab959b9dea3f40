import { describe, expect, it, vi } from 'vitest'
import type { Attempt } from '../../src/actors/attempt.ts'
import { endRecord } from '../../src/actors/ending.ts'
import { NonRetryableError } from '../../src/errors.ts'
import type { Stop } from '../../src/machines/task.ts'

const broken = new Error('broken')

/** An attempt under claim `c1` of a task that may have been told to stop, or have ended without it. */
function attemptOf({ cause, zombie, local }: { cause?: Stop['cause']; zombie?: string; local?: object } = {}): Attempt {
  const stop = cause === undefined ? undefined : { cause }
  const task = { id: 't1', zombie, spec: { local }, snapshot: { context: { stop } } }
  return { task, claim: 'c1' } as unknown as Attempt
}
const never = (): undefined => undefined
const placed = { task: 't1', claim: 'c1', at: 5 }

describe('the record of an end', () => {
  it('is complete for a result', () => {
    expect(endRecord(attemptOf(), 5, true, 'done', never)).toEqual({ type: 'complete', ...placed, result: 'done' })
  })

  it('is fail for what was thrown, with the time of the next attempt if there is one', () => {
    const fail = { type: 'fail', ...placed, error: expect.objectContaining({ code: 'CLOSED', message: 'no' }) }
    const thrown = new NonRetryableError('no', { code: 'CLOSED' })
    expect(endRecord(attemptOf(), 5, false, thrown, never)).toEqual(fail)
    expect(endRecord(attemptOf(), 5, false, thrown, () => 99)).toEqual({ ...fail, retryAt: 99 })
  })

  it.each(['cancel', 'timeout'] as const)('is ended after a %s, whatever came of it', (cause) => {
    const retryAt = vi.fn(never)
    expect(endRecord(attemptOf({ cause }), 5, true, 'late', retryAt)).toEqual({ type: 'ended', ...placed })
    expect(endRecord(attemptOf({ cause }), 5, false, broken, retryAt)).toEqual({ type: 'ended', ...placed })
    expect(retryAt).not.toHaveBeenCalled()
  })

  it('is the result after a shutdown, or ended, so that another worker goes on', () => {
    const attempt = attemptOf({ cause: 'shutdown' })
    expect(endRecord(attempt, 5, true, 'saved', never)).toMatchObject({ type: 'complete', result: 'saved' })
    expect(endRecord(attempt, 5, false, broken, never)).toEqual({ type: 'ended', ...placed })
  })

  it('is freed once the task has ended without it', () => {
    const zombie = attemptOf({ zombie: 'c1' })
    expect(endRecord(zombie, 5, true, 'late', never)).toEqual({ type: 'freed', ...placed })
    expect(endRecord(zombie, 5, false, broken, never)).toEqual({ type: 'freed', ...placed })
  })

  it('keeps the very thing that was thrown in this process, for the cause', () => {
    const local: { thrown?: unknown } = {}
    endRecord(attemptOf({ local }), 5, false, broken, never)
    expect(local.thrown).toBe(broken)
  })
})
