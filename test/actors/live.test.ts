import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it, vi } from 'vitest'
import type { AnyActorRef, InspectionEvent } from 'xstate'
import { LiveActors, shielded } from '../../src/actors/live.ts'
import type { SubmitRecord, TaskEvent } from '../../src/machines/records.ts'
import { taskChart } from '../../src/machines/store-state.ts'

const limits = { timeout: undefined, grace: 0, maxAttempts: 1, maxOrphans: 1 }
const submit: SubmitRecord = { type: 'submit', task: 'one', at: 1, name: 'work', limits }
const start: TaskEvent = { type: 'start', task: 'one', at: 2, run: 1, claim: 'c', worker: 'w' }
const complete: TaskEvent = { type: 'complete', task: 'one', at: 3, claim: 'c', result: 42 }
const cancel: TaskEvent = { type: 'cancel', task: 'one', at: 3 }

const live = (task = 'one', inspect?: (event: InspectionEvent) => void): LiveActors => {
  const actors = new LiveActors('runner', inspect)
  actors.spawn(task, taskChart.initial).send({ ...submit, task })
  return actors
}
const parentOf = (actor: unknown): string | undefined => (actor as AnyActorRef)._parent?.id

describe('LiveActors', () => {
  it('sends a task what happened to it, and drops it at its end', () => {
    const actors = live()
    const actor = actors.get('one')
    actors.send('one', start)
    expect([actors.size, actor?.getSnapshot().state]).toEqual([1, 'running.executing'])
    actors.send('one', complete)
    expect([actors.size, actors.get('one')]).toEqual([0, undefined])
    expect(actor?.getSnapshot()).toMatchObject({ status: 'done', output: { status: 'completed', result: 42 } })
  })

  it('ignores what happens to a task that is not alive', () => {
    const actors = live()
    actors.send('two', { ...start, task: 'two' })
    expect(actors.size).toBe(1)
  })

  it('makes one actor for a task, however often it is asked', () => {
    const actors = live()
    expect(actors.spawn('one', taskChart.initial)).toBe(actors.get('one'))
    expect(actors.size).toBe(1)
  })

  it('keeps no actor of a task that has ended', () => {
    const actors = live()
    const ended = actors.spawn('two', taskChart.at('completed', taskChart.initial.context))
    expect([ended.getSnapshot().status, actors.size]).toEqual(['done', 1])
  })

  it('puts tasks below the runner only for an inspector, as children cost more', () => {
    expect(parentOf(live().get('one'))).toBeUndefined()
    expect(parentOf(live('one', () => {}).get('one'))).toBe('runner')
  })

  it('makes attempts only for an inspector', () => {
    const heard: InspectionEvent[] = []
    for (const actors of [live(), live('one', (event) => heard.push(event))]) {
      actors.attempt('c', 'one', { attempt: 1, run: 1 })
      actors.tellAttempt('c', { type: 'settled', ok: true })
    }
    expect(heard.filter(({ type }) => type === '@xstate.actor')).toHaveLength(3)
  })

  it('passes a stop and an end on to the attempt, and forgets it then', () => {
    const seen: unknown[] = []
    const actors = live('one', ({ type, ...event }) => {
      const { actorRef, snapshot } = event as unknown as { actorRef: AnyActorRef; snapshot?: { value: string } }
      if (actorRef.id === 'one/attempt-1' && snapshot !== undefined) seen.push(snapshot.value)
    })
    actors.attempt('c', 'one', { attempt: 1, run: 1 })
    actors.tellAttempt('c', { type: 'stop', cause: 'cancel' })
    actors.tellAttempt('c', { type: 'settled', ok: false })
    actors.tellAttempt('c', { type: 'settled', ok: true })
    expect(seen).toEqual(['executing', 'stopping', 'settled'])
  })

  it.each([undefined, () => {}])('stops all that is left when it is closed', (inspect) => {
    const actors = live('one', inspect)
    actors.attempt('c', 'one', { attempt: 1, run: 1 })
    const task = actors.get('one')
    const complete = vi.fn()
    task?.subscribe({ complete })
    actors.close()
    expect([actors.size, task?.getSnapshot().status, actors.root.getSnapshot().status]).toEqual([
      0,
      'stopped',
      'stopped',
    ])
    expect(complete).toHaveBeenCalledOnce()
    expect(actors.spawn('two', taskChart.initial).getSnapshot().status).toBe('stopped')
    expect(actors.size).toBe(0)
  })

  it.each([undefined, () => {}])('lets go of the actors of ended tasks while the runner lives', (inspect) => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const actors = new LiveActors('runner', inspect)
    const refs = Array.from({ length: 100 }, (_, i) => {
      const actor = actors.spawn(`task-${i}`, taskChart.initial)
      actor.send({ ...submit, task: `task-${i}` })
      actors.send(`task-${i}`, { ...cancel, task: `task-${i}` })
      return new WeakRef(actor)
    })
    return new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      collect()
      expect(refs.filter((ref) => ref.deref() !== undefined).length).toBeLessThan(5)
      expect(actors.root.getSnapshot().status).toBe('active')
    })
  })
})

describe('shielded', () => {
  it('passes everything on, and tells of the first throw only', () => {
    const inspect = vi.fn(() => {
      throw new Error('no')
    })
    const warn = vi.fn()
    const shield = shielded(inspect, warn) as (event: unknown) => void
    for (const event of ['a', 'b']) shield(event)
    expect(inspect.mock.calls).toEqual([['a'], ['b']])
    expect(warn.mock.calls).toEqual([['the inspector threw', new Error('no')]])
  })
})
