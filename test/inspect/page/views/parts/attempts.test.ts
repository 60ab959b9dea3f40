import { describe, expect, it } from 'vitest'
import type { Step } from '../../../../../src/inspect/page/fold-task.ts'
import { attemptsOf } from '../../../../../src/inspect/page/views/parts/attempts.ts'
import type { Verdict } from '../../../../../src/machines/fold-store.ts'
import type { TaskState } from '../../../../../src/machines/task.ts'
import { Journal } from '../../../../machines/sim/journal.ts'

/** The steps of the task `a`, as a real fold makes them. */
function stepsOf(write: (journal: Journal, say: (verdict: Verdict) => void) => void): readonly Step[] {
  const journal = new Journal()
  const steps: Step[] = []
  write(journal, (verdict) => {
    if (!verdict.accepted) throw new Error(`the test wrote a record that is void: ${verdict.reason}`)
    for (const { task, event, before } of verdict.changes) {
      const after = task.snapshot
      const n = steps.length + 1
      const said = { kind: 'task', n, at: event.at, task: task.id, event, version: after.context.version } as const
      const happening = { ...said, from: before.leaf.name as TaskState, to: task.state }
      steps.push({ place: n - 1, happening, before, after, mismatch: undefined })
    }
  })
  return steps
}

describe('the attempts of a task', () => {
  it('are read off its steps: who, from when to when, and how each ended', () => {
    const steps = stepsOf((journal, say) => {
      say(journal.submit('a', { limits: { maxAttempts: 2 } }))
      say(journal.start('a'))
      say(journal.fail('a', journal.now + 1))
      journal.tick()
      say(journal.start('a', 'w2'))
      say(journal.complete('a'))
    })
    const attempts = attemptsOf(steps)
    expect(attempts).toMatchObject([
      { run: 1, worker: 'w1', outcome: 'failed, to be retried', detail: 'ERROR: broken', place: 2 },
      { run: 2, worker: 'w2', outcome: 'completed', detail: undefined, place: 4 },
    ])
    expect(attempts.every(({ since, until }) => until !== undefined && until > since)).toBe(true)
  })

  it('say in which state an open one is', () => {
    const steps = stepsOf((journal, say) => {
      say(journal.submit('a'))
      say(journal.start('a'))
      say(journal.ask('a'))
    })
    expect(attemptsOf(steps)).toMatchObject([{ outcome: 'running.waiting', until: undefined }])
  })

  it('end with the task when it is cancelled, and say why', () => {
    const steps = stepsOf((journal, say) => {
      say(journal.submit('a'))
      say(journal.start('a'))
      say(journal.cancel('a'))
      say(journal.end('a', 'ended'))
    })
    expect(attemptsOf(steps)).toMatchObject([{ outcome: 'cancelled', detail: 'enough' }])
  })

  it('are lost when their worker died, and handed back when it released them', () => {
    const steps = stepsOf((journal, say) => {
      say(journal.submit('a'))
      say(journal.start('a'))
      say(journal.expire('w1'))
      say(journal.start('a', 'w2'))
      say(journal.end('a', 'release'))
    })
    expect(attemptsOf(steps).map(({ outcome }) => outcome)).toEqual(['lost', 'handed back'])
  })

  it('are none before the first start', () => {
    expect(attemptsOf(stepsOf((journal, say) => say(journal.submit('a'))))).toEqual([])
  })
})
