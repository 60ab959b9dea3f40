import { describe, expect, it } from 'vitest'
import { Happened } from '../../../src/inspect/bridges/happened.ts'
import { mostActors, type Seen, SeenActors } from '../../../src/inspect/bridges/seen.ts'
import type { Happening, TaskHappening } from '../../../src/inspect/protocol.ts'
import type { TaskContext } from '../../../src/machines/task.ts'

function begin() {
  const actors = new SeenActors()
  const told: string[] = []
  const happened = new Happened(actors, {
    seen(actor) {
      actors.add(actor)
      told.push(`${actor.name} under ${actor.parent ?? 'nothing'}`)
    },
    event: (actor, event) => void told.push(`${actor.name} hears ${(event as { type: string }).type}`),
    moved(actor) {
      told.push(`${actor.name} is ${JSON.stringify(actor.shown.value)}, ${actor.shown.status}`)
      if (actor.shown.status !== 'active') actors.delete(actor.session)
    },
  })
  return { actors, told, tell: (happening: Happening) => happened.tell(happening) }
}

const limits = { timeout: undefined, grace: 0, maxAttempts: 1, maxOrphans: 1 }
const submit = { type: 'submit', id: 't', name: 'research', limits, at: 1 } as unknown as TaskHappening['event']
const start = { type: 'start', run: 1, claim: 'c', worker: 'w', at: 2 } as unknown as TaskHappening['event']
const complete = { type: 'complete', claim: 'c', result: 42, at: 3 } as unknown as TaskHappening['event']
const task = (n: number, event: TaskHappening['event'], from: string, to: string | undefined): TaskHappening =>
  ({ kind: 'task', n, at: n, task: 't', event, from, to, version: n }) as TaskHappening
const contextOf = (actors: SeenActors, session: string): TaskContext =>
  (actors.get(session) as Seen).shown.context as TaskContext

describe('the happenings of a journal', () => {
  it('are told as an actor for each task, below one for the journal', () => {
    const { told, tell, actors } = begin()
    tell(task(1, submit, 'new', 'pending.queued'))
    tell(task(2, start, 'pending.queued', 'running.executing'))
    expect(contextOf(actors, 'task:t')).toMatchObject({ run: 1, worker: 'w', version: 2 })
    tell(task(3, complete, 'running.executing', 'completed'))
    expect(told).toEqual([
      'journal under nothing',
      'research (t) under journal',
      'research (t) hears submit',
      'research (t) is {"pending":"queued"}, active',
      'research (t) hears start',
      'research (t) is {"running":"executing"}, active',
      'research (t) hears complete',
      'research (t) is "completed", done',
    ])
    expect(actors.size).toBe(1)
  })

  it('show a task whose beginning was not heard in its state, with no more than is known', () => {
    const { told, tell, actors } = begin()
    tell(task(7, start, 'pending.queued', 'running.executing'))
    expect(told.at(-1)).toBe('t is {"running":"executing"}, active')
    expect(contextOf(actors, 'task:t')).toEqual({ version: 7 })
  })

  it('end a task that was forgotten, and do not bring back one that had ended', () => {
    const { told, tell } = begin()
    tell(task(1, submit, 'new', 'pending.queued'))
    tell(task(2, { type: 'forget' } as never, 'pending.queued', undefined))
    expect(told.at(-1)).toContain('stopped')
    const before = told.length
    tell(task(3, { type: 'forget' } as never, 'completed', undefined))
    tell(task(4, { type: 'freed' } as never, 'failed', 'failed'))
    expect(told).toHaveLength(before)
  })

  it('show schedules and the actors of users', () => {
    const { told, tell } = begin()
    tell({ kind: 'schedule', n: 1, at: 1, schedule: 'u', name: 'nightly', event: 'add', from: undefined, to: 'active' })
    tell({ kind: 'actor', n: 2, at: 2, session: 'x:1', what: 'actor', value: 'off', status: 'active' })
    tell({ kind: 'actor', n: 3, at: 3, session: 'x:1', what: 'event', event: { type: 'press' } })
    tell({ kind: 'actor', n: 4, at: 4, session: 'x:1', what: 'snapshot', value: 'on', status: 'active' })
    tell({ kind: 'actor', n: 5, at: 5, session: 'x:1', what: 'stopped' })
    expect(told.slice(1)).toEqual([
      'nightly under journal',
      'nightly hears add',
      'nightly is {"live":"active"}, active',
      'x:1 under nothing',
      'x:1 hears press',
      'x:1 is "on", active',
      'x:1 is "on", stopped',
    ])
  })

  it('that no viewer has words for are passed over', () => {
    const { told, tell } = begin()
    tell({ kind: 'damage', n: 1, at: 1, where: 'x', lines: 1 })
    tell({ kind: 'worker', n: 2, at: 2, worker: 'w', event: 'expire' })
    tell(task(3, start, 'somewhere.new' as never, 'running.executing'))
    expect(told).toEqual([])
  })
})

it(`keeps ${mostActors} actors, roots longest, and counts those that it forgot`, () => {
  const actors = new SeenActors()
  const seen = (session: string, parent?: string) => ({ session, parent }) as Seen
  actors.add(seen('root'))
  for (let i = 0; i < mostActors + 5; i++) actors.add(seen(`a${i}`, 'root'))
  expect([actors.size, actors.forgotten]).toEqual([mostActors, 6])
  expect(actors.get('root')).toBeDefined()
  expect([actors.get('a5'), actors.get('a6')?.session]).toEqual([undefined, 'a6'])
})
