import { describe, expect, it } from 'vitest'
import type { StoredTask } from '../../src/machines/store-state.ts'
import { DueTimes } from '../../src/store/due.ts'
import { Journal } from '../machines/sim/journal.ts'

const journal = new Journal()
const task = (id: string): StoredTask => {
  if (!journal.state.tasks.has(id)) journal.submit(id)
  return journal.task(id)
}

describe('DueTimes', () => {
  it('gives what is due by a time, the earliest first, each once', () => {
    const due = new DueTimes()
    due.add(task('b'), 'start', 20)
    due.add(task('a'), 'deadline', 10)
    due.add(task('a'), 'start', 30)
    const taken: string[] = []
    for (let each = due.take(20); each !== undefined; each = due.take(20))
      taken.push(`${each.task.id} ${each.kind} ${each.at}`)
    expect(taken).toEqual(['a deadline 10', 'b start 20'])
    expect(due.next).toBe(30)
  })

  it('takes one kind back and leaves the other', () => {
    const due = new DueTimes()
    due.add(task('a'), 'start', 10)
    due.add(task('a'), 'deadline', 20)
    due.remove(task('a'), 'start')
    due.remove(task('a'), 'start')
    due.remove(task('b'), 'deadline')
    expect(due.next).toBe(20)
    expect(due.take(99)?.kind).toBe('deadline')
    expect([due.next, due.take(99)]).toEqual([undefined, undefined])
  })

  it('lets go of a task that was taken, so that it can be added again', () => {
    const due = new DueTimes()
    due.add(task('a'), 'start', 10)
    due.take(10)
    due.add(task('a'), 'start', 20)
    due.remove(task('a'), 'start')
    expect(due.next).toBeUndefined()
  })

  it('has nothing to do for a task without a time', () => {
    const due = new DueTimes()
    due.add(task('a'), 'deadline', undefined)
    expect(due.next).toBeUndefined()
  })
})
