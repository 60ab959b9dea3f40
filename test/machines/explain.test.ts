import { describe, expect, it } from 'vitest'
import { explainTask, sentence } from '../../src/machines/explain.ts'
import { Journal, one } from './sim/journal.ts'

const start = Date.UTC(2026, 10, 22, 9, 30)
const iso = (at: number) => new Date(at).toISOString()

function journalAt(now = start): Journal {
  const journal = new Journal()
  journal.now = now
  return journal
}

const why = (journal: Journal, id: string, now = journal.now) => explainTask(journal.state, journal.task(id), now)
const say = (journal: Journal, id: string, now?: number) => sentence(why(journal, id, now))

describe('a pending task', () => {
  it('is QUEUED when nothing in the store holds it back', () => {
    const journal = journalAt()
    journal.submit('a', { keys: one('k') })
    expect(why(journal, 'a')).toEqual({ code: 'QUEUED' })
    expect(say(journal, 'a')).toBe('Nothing holds it back: it starts as soon as a worker that can run it has room.')
  })

  it('NEEDS what has not completed yet, with its state', () => {
    const journal = journalAt()
    journal.run('done')
    journal.complete('done')
    journal.run('running')
    journal.submit('later', { delay: 10 })
    journal.submit('a', { needs: ['done', 'running', 'later'] })
    expect(why(journal, 'a')).toEqual({
      code: 'NEEDS',
      needs: [
        { task: 'running', state: 'running.executing' },
        { task: 'later', state: 'pending.delayed' },
      ],
    })
    expect(say(journal, 'a')).toBe('It waits for what it needs: running (executing) and later (delayed).')
  })

  it('names five of many needs', () => {
    const journal = journalAt()
    const needs = ['n1', 'n2', 'n3', 'n4', 'n5', 'n6', 'n7']
    for (const need of needs) journal.submit(need)
    journal.submit('a', { needs })
    expect(say(journal, 'a')).toContain('n4 (queued), n5 (queued) and 2 more.')
  })

  it('is DELAYED until its delay is over, and QUEUED from then on', () => {
    const journal = journalAt()
    journal.submit('a', { at: start, delay: 60_000 })
    expect(why(journal, 'a')).toEqual({ code: 'DELAYED', until: start + 60_000, because: 'delay' })
    expect(say(journal, 'a')).toBe('It is delayed until 2026-11-22T09:31:00.000Z, as was asked for.')
    expect(why(journal, 'a', start + 59_999).code).toBe('DELAYED')
    expect(why(journal, 'a', start + 60_000).code).toBe('QUEUED')
  })

  it('is DELAYED by a retry, which names the failure before', () => {
    const journal = journalAt()
    journal.run('a', { limits: { maxAttempts: 3 } })
    journal.fail('a', start + 5_000)
    expect(why(journal, 'a')).toMatchObject({
      code: 'DELAYED',
      because: 'retry',
      until: start + 5_000,
      attempt: 2,
      maxAttempts: 3,
      error: { code: 'ERROR' },
    })
    expect(say(journal, 'a')).toBe('Attempt 2 of 3 follows at 2026-11-22T09:30:05.000Z after ERROR ("broken").')
  })

  it('is DELAYED beyond its deadline, which will end it, and OVERDUE after that', () => {
    const journal = journalAt()
    const deadline = start + 30_000
    journal.submit('a', { at: start, delay: 60_000, deadline })
    expect(why(journal, 'a')).toEqual({ code: 'DELAYED', because: 'deadline', until: start + 60_000, deadline })
    expect(say(journal, 'a')).toBe(
      'It is delayed until 2026-11-22T09:31:00.000Z, and will end as TIMEOUT at its deadline, 2026-11-22T09:30:30.000Z.',
    )
    expect(why(journal, 'a', deadline)).toEqual({ code: 'OVERDUE', deadline })
    expect(say(journal, 'a', deadline)).toBe(
      'Its deadline passed at 2026-11-22T09:30:30.000Z, so it will end as TIMEOUT without having been started.',
    )
  })

  it('is held back by a KEY_FULL, with the limit in force and all who hold it, zombies marked', () => {
    const journal = journalAt()
    journal.run('zombie', { keys: [{ key: 'k', limit: 2 }] }, 'w1')
    journal.abandon('zombie')
    journal.run('other', { keys: [{ key: 'k', limit: 5 }] }, 'w2')
    journal.submit('a', { keys: [{ key: 'k', limit: 3 }] })
    expect(why(journal, 'a')).toEqual({
      code: 'KEY_FULL',
      key: 'k',
      limit: 2,
      holders: [
        { task: 'zombie', worker: 'w1', zombie: true },
        { task: 'other', worker: 'w2', zombie: false },
      ],
    })
    expect(say(journal, 'a')).toBe(
      'Its key "k" lets 2 tasks run at a time and is held by zombie (ended, but its work still runs) and other.',
    )
  })

  it('is held back by the task before it of the same schedule, where they queue', () => {
    const journal = journalAt()
    const keys = [{ key: 'schedule:u', limit: 1 }]
    journal.run('before', { keys })
    journal.submit('a', { keys })
    expect(say(journal, 'a')).toBe('The tasks of its schedule run one at a time; it waits for before.')
  })

  it('reads the same reason as the fold does for a start that is refused', () => {
    const journal = journalAt()
    journal.run('b', { keys: one('k') })
    journal.submit('a', { keys: one('k') })
    const { reason, detail } = journal.start('a')
    expect(why(journal, 'a')).toMatchObject({ code: reason, key: detail })
  })
})

describe('a running task', () => {
  it('is RUNNING: where, since when, which attempt, and until when', () => {
    const journal = journalAt()
    const deadline = start + 3_600_000
    journal.run('a', { limits: { maxAttempts: 2 }, deadline }, 'w7')
    const since = journal.now
    expect(why(journal, 'a')).toEqual({
      code: 'RUNNING',
      worker: 'w7',
      since,
      attempt: 1,
      maxAttempts: 2,
      timeout: 60_000,
      deadline,
    })
    expect(say(journal, 'a')).toBe(
      `Attempt 1 of 2 runs on worker w7 since ${iso(since)}, for at most 1 min, and must end by 2026-11-22T10:30:00.000Z.`,
    )
  })

  it.each([
    [7_200_000, '2 h'],
    [90_000, '90 s'],
    [1_500, '1500 ms'],
  ])('has %i ms in the largest unit that says it exactly', (timeout, words) => {
    const journal = journalAt()
    journal.run('a', { limits: { timeout } })
    expect(say(journal, 'a')).toContain(`, for at most ${words}.`)
  })

  it('without limits says nothing about them', () => {
    const journal = journalAt()
    journal.run('a', { limits: { timeout: undefined } })
    expect(say(journal, 'a')).toBe(`Attempt 1 of 1 runs on worker w1 since ${iso(journal.now)}.`)
  })

  it('is WAITING for children and input, and lends its keys', () => {
    const journal = journalAt()
    const claim = journal.run('p', { keys: one('k') })
    journal.submit('c', { under: 'p' })
    journal.ask('p', 'c')
    journal.send({
      type: 'ask',
      task: 'p',
      at: journal.tick(),
      claim,
      ask: 2,
      wait: { kind: 'input', prompt: 'May I?' },
    })
    expect(why(journal, 'p')).toEqual({
      code: 'WAITING',
      worker: 'w1',
      children: [{ task: 'c', state: 'pending.queued' }],
      inputs: [{ ask: 2, prompt: 'May I?' }],
      lends: ['k'],
    })
    expect(say(journal, 'p')).toBe('It waits for c (queued) and input ("May I?"), and lends its key "k" meanwhile.')
  })

  it('that waits for input alone lends nothing', () => {
    const journal = journalAt()
    journal.run('p', { keys: one('k') })
    journal.ask('p')
    expect(why(journal, 'p')).toMatchObject({ code: 'WAITING', lends: [] })
    expect(say(journal, 'p')).toBe('It waits for input.')
  })

  it('is STOPPING: by which cause and since when, a stronger cause counting anew', () => {
    const journal = journalAt()
    journal.run('a')
    journal.end('a', 'shutdown')
    const asked = journal.now
    journal.progress('a', 0.5)
    expect(why(journal, 'a')).toMatchObject({ code: 'STOPPING', cause: 'shutdown', since: asked, worker: 'w1' })
    expect(say(journal, 'a')).toBe(
      `It was told to stop at ${iso(asked)} because its worker shuts down, and its work on worker w1 has not ended yet.`,
    )
    journal.cancel('a')
    expect(why(journal, 'a')).toMatchObject({ cause: 'cancel', since: journal.now, reason: 'enough', by: 'a person' })
    expect(say(journal, 'a')).toContain('because it was cancelled by "a person" ("enough"), and')
  })
})

describe('a task whose time is up', () => {
  it('is STOPPING since its timeout, also when its deadline passes meanwhile', () => {
    const journal = journalAt()
    journal.run('a', { limits: { maxAttempts: 2 }, deadline: start + 60_000 })
    journal.timeout('a', start + 10_000)
    const since = journal.now
    expect(journal.send({ type: 'timeout', scope: 'deadline', task: 'a', at: start + 60_000 }).accepted).toBe(true)
    expect(why(journal, 'a')).toMatchObject({ code: 'STOPPING', cause: 'timeout', since })
    expect(say(journal, 'a')).toContain('because its time was up, and')
  })
})

describe('a settled task', () => {
  it('is SETTLED: how and when', () => {
    const journal = journalAt()
    for (const id of ['completed', 'failed']) journal.run(id)
    journal.complete('completed', 'a large result')
    expect(why(journal, 'completed')).toEqual({
      code: 'SETTLED',
      at: journal.now,
      outcome: { status: 'completed' },
      zombie: false,
    })
    expect(say(journal, 'completed')).toBe(`It completed at ${iso(journal.now)}.`)
    journal.fail('failed')
    expect(say(journal, 'failed')).toBe(`It failed at ${iso(journal.now)} with ERROR ("broken").`)
  })

  it('tells of work that would not stop', () => {
    const journal = journalAt()
    journal.run('a')
    journal.abandon('a')
    expect(why(journal, 'a')).toMatchObject({ code: 'SETTLED', outcome: { status: 'cancelled' }, zombie: true })
    expect(say(journal, 'a')).toBe(
      `It was cancelled at ${iso(journal.now)} by "a person" ("enough"), but its work would not stop and still holds its place.`,
    )
  })
})

describe('a sentence', () => {
  it('shows texts from outside on one line, bounded', () => {
    const journal = journalAt()
    const claim = journal.run('a')
    const error = { code: 'ERROR', message: `line one\nline two${'.'.repeat(500)}` }
    journal.send({ type: 'fail', task: 'a', at: journal.tick(), claim, error })
    expect(say(journal, 'a')).not.toContain('\n')
    expect(say(journal, 'a').length).toBeLessThan(300)
  })
})

describe('a deadlock over keys', () => {
  /** Two parents hold a key each, and wait for a child that wants the other's. */
  function opposite(): Journal {
    const journal = journalAt()
    journal.run('p1', { keys: one('x') })
    journal.run('p2', { keys: one('y') })
    journal.submit('c1', { under: 'p1', keys: one('y') })
    journal.submit('c2', { under: 'p2', keys: one('x') })
    journal.ask('p1', 'c1')
    return journal
  }

  it('is named as DEADLOCK_KEYS for all who are in it, with the cycle', () => {
    const journal = opposite()
    expect(why(journal, 'c1').code).toBe('KEY_FULL')
    expect(why(journal, 'p1').code).toBe('WAITING')
    journal.ask('p2', 'c2')
    expect(['p1', 'c1', 'p2', 'c2'].map((id) => why(journal, id).code)).toEqual(Array(4).fill('DEADLOCK_KEYS'))
    expect(say(journal, 'c1')).toBe(
      'It is in a deadlock that only a cancel or a deadline ends: c1 waits for the key "y" of p2, p2 waits for c2, ' +
        'c2 waits for the key "x" of p1 and p1 waits for c1.',
    )
  })

  it('is over once one of them is cancelled', () => {
    const journal = opposite()
    journal.ask('p2', 'c2')
    journal.cancel('c2')
    expect(why(journal, 'p2').code).toBe('RUNNING')
    expect(why(journal, 'c1').code).toBe('KEY_FULL')
  })
})
