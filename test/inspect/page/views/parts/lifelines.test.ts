import { describe, expect, it } from 'vitest'
import { arrowOf, columnsOf, timeWidth } from '../../../../../src/inspect/page/views/parts/lifelines.ts'
import type { Lifeline, SequenceMessage } from '../../../../../src/inspect/protocol.ts'

const lifelines: readonly Lifeline[] = ['client', 'runner', 't1'].map((id) => ({ id, kind: 'task', label: id }))
const message = (from: string, to: string): SequenceMessage => ({ n: 1, at: 1, from, to, label: 'submit' })

describe('the columns', () => {
  it('share the width, the time in front', () => {
    const columns = columnsOf(lifelines, timeWidth + 664)
    expect([columns.each, columns.width, columns.xOf('client'), columns.xOf('t1')]).toEqual([
      200,
      timeWidth + 664,
      timeWidth + 100,
      timeWidth + 500,
    ])
    expect(columns.xOf('nobody')).toBeUndefined()
  })

  it('are never too narrow to be read: many of them are wider than the page', () => {
    const many = Array.from({ length: 40 }, (_, i) => ({ id: `t${i}`, kind: 'task', label: 'x' }) as const)
    expect(columnsOf(many, 800).width).toBeGreaterThan(3000)
  })
})

describe('the columns of many', () => {
  const many: readonly Lifeline[] = [
    { id: 'client', kind: 'client', label: 'client' },
    { id: 'w', kind: 'worker', label: 'w' },
    ...Array.from({ length: 20 }, (_, i) => ({ id: `task:t${i}`, kind: 'task', label: 'x' }) as const),
  ]
  const still = columnsOf(many, 1_000)
  const columns = columnsOf(many, 1_000, 500)

  it('keep those who speak in sight, however far they are scrolled', () => {
    expect(columns.pinned).toBe(2)
    for (const id of ['client', 'w']) expect(columns.xOf(id)).toBe((still.xOf(id) ?? 0) + 500)
    expect(columns.xOf('task:t10')).toBe(still.xOf('task:t10'))
    expect([columns.restOf('w'), columns.restOf('task:t10')]).toEqual([undefined, still.xOf('task:t10')])
  })

  it('hide the tasks that are behind them', () => {
    expect([still.isHidden('task:t0'), columns.isHidden('task:t0'), columns.isHidden('task:t10')]).toEqual([
      false,
      true,
      false,
    ])
    expect(still.path(36).match(/M/g)).toHaveLength(22)
    expect(columns.path(36).match(/M/g)?.length).toBeLessThan(20)
  })

  it('end an arrow to one that is hidden where the others come into sight, without its state', () => {
    const arrow = arrowOf({ ...message('client', 'task:t0'), task: 't0' }, columns, 36)
    expect(arrow?.path).toBe(`M${columns.xOf('client')} 25H${columns.edge - 6}`)
    expect(arrow?.stateX).toBeUndefined()
    expect(arrowOf(message('task:t0', 'task:t1'), columns, 36)).toBeUndefined()
    expect(arrowOf(message('task:t0', 'task:t0'), columns, 36)).toBeUndefined()
  })

  it('leave half of the room to the tasks', () => {
    const workers = Array.from({ length: 30 }, (_, i) => ({ id: `w${i}`, kind: 'worker', label: 'x' }) as const)
    expect(columnsOf(workers, 1_000).pinned).toBe(4)
    expect(columnsOf(workers.slice(0, 3), 1_000).pinned).toBe(0)
  })
})

describe('an arrow', () => {
  const columns = columnsOf(lifelines, timeWidth + 664)

  it('goes from the one to the other, whichever side that is', () => {
    const there = arrowOf(message('client', 't1'), columns, 36)
    const back = arrowOf(message('t1', 'client'), columns, 36)
    expect(there?.path).toBe('M196 25H590')
    expect(back?.path).toBe('M596 25H202')
    expect([there?.anchor, back?.anchor]).toEqual(['end', 'start'])
    expect(there?.stateX).toBe(596)
  })

  it('has the state beside the task, also where the task is the one that speaks', () => {
    const withTask = columnsOf([...lifelines, { id: 'task:a', kind: 'task', label: 'a' }], timeWidth + 864)
    const said = { ...message('task:a', 'client'), task: 'a', state: 'running.waiting' }
    expect(arrowOf(said, withTask, 36)?.stateX).toBe(withTask.xOf('task:a'))
  })

  it('has its words at both ends where it is long', () => {
    const wide = columnsOf(lifelines, timeWidth + 1500)
    expect(arrowOf(message('client', 't1'), wide, 36)?.tailX).toBe((wide.xOf('client') ?? 0) + 10)
    expect(arrowOf(message('client', 'runner'), columns, 36)?.tailX).toBeUndefined()
  })

  it('is a loop where somebody speaks to himself, or nobody knows who spoke', () => {
    expect(arrowOf(message('t1', 't1'), columns, 36)?.path).toContain('V25H')
    expect(arrowOf(message('nobody', 't1'), columns, 36)?.path).toContain('V25H')
  })

  it('is none where nobody hears', () => {
    expect(arrowOf(message('client', 'nobody'), columns, 36)).toBeUndefined()
  })
})
