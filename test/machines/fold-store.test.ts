import { describe, expect, it } from 'vitest'
import { transitionsKept } from '../../src/machines/store-state.ts'
import { Journal, told } from './sim/journal.ts'

const failureOf = (journal: Journal, task: string) => {
  const { outcome } = journal.task(task).snapshot.context
  return outcome?.status === 'failed' ? outcome.error : undefined
}

describe('a submit', () => {
  it('makes a task that is queued, delayed or blocked', () => {
    const journal = new Journal()
    journal.submit('plain')
    journal.submit('later', { delay: 500, at: 1_000 })
    journal.submit('after', { needs: ['plain'] })
    expect([journal.at('plain'), journal.at('later'), journal.at('after')]).toEqual([
      'pending.queued',
      'pending.delayed',
      'pending.blocked',
    ])
    expect(journal.task('later').snapshot.context.dueAt).toBe(1_500)
  })

  it('delivered again answers with the first task and changes nothing', () => {
    const journal = new Journal()
    const record = journal.record('a')
    journal.send(record)
    journal.start('a')
    expect(journal.send(record)).toMatchObject({ accepted: false, reason: 'DEDUP', task: { id: 'a' }, changes: [] })
    expect(journal.at('a')).toBe('running.executing')
  })

  it('under a known id with another input is an ID_CONFLICT', () => {
    const journal = new Journal()
    journal.submit('a', { fingerprint: 'one' })
    expect(journal.submit('a', { fingerprint: 'two' })).toMatchObject({ accepted: false, reason: 'ID_CONFLICT' })
  })

  it("under another owner's id is refused without details, even with the same input", () => {
    const journal = new Journal()
    journal.submit('a', { owner: 'ann', fingerprint: 'one' })
    const { reason, task, detail } = journal.submit('a', { owner: 'bob', fingerprint: 'one' })
    expect({ reason, task, detail }).toEqual({ reason: 'ID_CONFLICT', task: undefined, detail: undefined })
  })

  it('is accepted with a delay beyond its deadline, which then ends it', () => {
    const journal = new Journal()
    journal.submit('a', { at: 1_000, delay: 900, deadline: 1_500 })
    expect(journal.at('a')).toBe('pending.delayed')
    expect(journal.send({ type: 'start', task: 'a', at: 1_900, run: 1, claim: 'c', worker: 'w' }).reason).toBe('STATE')
    journal.send({ type: 'timeout', scope: 'deadline', task: 'a', at: 1_500 })
    expect(failureOf(journal, 'a')?.code).toBe('TIMEOUT')
  })
})

describe('needs', () => {
  it('block a task until the last of them has completed', () => {
    const journal = new Journal()
    journal.run('a')
    journal.run('b')
    journal.submit('c', { needs: ['a', 'b', 'a'] })
    expect(told(journal.complete('a'))).toEqual(['a complete'])
    expect(journal.at('c')).toBe('pending.blocked')
    expect(told(journal.complete('b'))).toEqual(['b complete', 'c unblock'])
    expect(journal.at('c')).toBe('pending.queued')
  })

  it('that have completed already unblock in the same step', () => {
    const journal = new Journal()
    journal.run('a')
    journal.complete('a')
    expect(told(journal.submit('b', { needs: ['a'] }))).toEqual(['b submit', 'b unblock'])
    expect(journal.at('b')).toBe('pending.queued')
  })

  it.each(['failed', 'cancelled'] as const)('that %s already fail the task in the same step', (ending) => {
    const journal = new Journal()
    journal.run('good')
    journal.run('bad')
    if (ending === 'failed') journal.fail('bad')
    else journal.abandon('bad')
    expect(told(journal.submit('b', { needs: ['good', 'bad'] }))).toEqual(['b submit', 'b needFailed'])
    expect(failureOf(journal, 'b')).toMatchObject({ code: 'DEPENDENCY', message: expect.stringContaining('bad') })
  })

  it('that fail later fail the task as DEPENDENCY, and all that need it in turn', () => {
    const journal = new Journal()
    journal.run('a')
    journal.submit('b', { needs: ['a'] })
    journal.submit('c', { needs: ['b'] })
    expect(told(journal.fail('a'))).toEqual(['a fail', 'b needFailed', 'c needFailed'])
    expect([failureOf(journal, 'b')?.code, failureOf(journal, 'c')?.code]).toEqual(['DEPENDENCY', 'DEPENDENCY'])
  })

  it('let a retried task keep its dependants waiting', () => {
    const journal = new Journal()
    journal.run('a', { limits: { maxAttempts: 2 } })
    journal.submit('b', { needs: ['a'] })
    journal.fail('a', journal.now + 10)
    expect(journal.at('b')).toBe('pending.blocked')
  })

  it('of an id that is not kept are an UNKNOWN_DEPENDENCY, named', () => {
    const journal = new Journal()
    journal.submit('a')
    const { reason, detail } = journal.submit('b', { needs: ['a', 'nobody'] })
    expect({ reason, detail }).toEqual({ reason: 'UNKNOWN_DEPENDENCY', detail: 'nobody' })
    expect(journal.state.tasks.has('b')).toBe(false)
  })

  it('of itself are a CYCLIC_DEPENDENCY', () => {
    expect(new Journal().submit('a', { needs: ['a'] }).reason).toBe('CYCLIC_DEPENDENCY')
  })

  it('count the delay from the unblocking', () => {
    const journal = new Journal()
    journal.run('a')
    journal.submit('b', { needs: ['a'], delay: 500 })
    const { changes } = journal.complete('a')
    expect(journal.at('b')).toBe('pending.delayed')
    expect(journal.task('b').snapshot.context.dueAt).toBe((changes[0]?.event.at ?? 0) + 500)
  })
})

describe('an idempotency key', () => {
  const same = { idempotencyKey: 'k', fingerprint: 'one' }

  it('answers a second submit with the first task, also after it completed', () => {
    const journal = new Journal()
    journal.run('a', same)
    expect(journal.submit('b', same)).toMatchObject({ accepted: false, reason: 'DEDUP', task: { id: 'a' } })
    journal.complete('a')
    expect(journal.submit('c', same)).toMatchObject({ reason: 'DEDUP', task: { id: 'a' } })
  })

  it('with another input is a KEY_CONFLICT', () => {
    const journal = new Journal()
    journal.submit('a', same)
    expect(journal.submit('b', { ...same, fingerprint: 'two' })).toMatchObject({
      reason: 'KEY_CONFLICT',
      task: { id: 'a' },
    })
  })

  it('is one per recipe and owner', () => {
    const journal = new Journal()
    journal.submit('a', { ...same, recipe: 'r', owner: 'ann' })
    expect(journal.submit('b', { ...same, recipe: 's', owner: 'ann' }).accepted).toBe(true)
    expect(journal.submit('c', { ...same, recipe: 'r', owner: 'bob' }).accepted).toBe(true)
    expect(journal.submit('d', { ...same, recipe: 'r', owner: 'ann' }).accepted).toBe(false)
  })

  it('is free again once its task failed or was cancelled, zombie or not', () => {
    const journal = new Journal()
    journal.run('a', same)
    journal.fail('a')
    journal.run('b', same)
    journal.abandon('b')
    expect(journal.task('b').zombie).toBe('b#1')
    expect(journal.submit('c', same).accepted).toBe(true)
  })

  it('is free again once its completed task is forgotten, but not when an older one is', () => {
    const journal = new Journal()
    journal.run('old', same)
    journal.fail('old')
    journal.run('a', same)
    journal.complete('a')
    journal.forget('old')
    expect(journal.submit('b', same).reason).toBe('DEDUP')
    journal.forget('a')
    expect(journal.submit('b', same).accepted).toBe(true)
  })
})

describe('a start', () => {
  it('is won once: the second of two is refused', () => {
    const journal = new Journal()
    journal.submit('a')
    const start = { type: 'start', task: 'a', at: 1_001, run: 1 } as const
    expect(journal.send({ ...start, claim: 'c1', worker: 'w1' }).accepted).toBe(true)
    expect(journal.send({ ...start, claim: 'c2', worker: 'w2' })).toMatchObject({ accepted: false, reason: 'STATE' })
    expect(journal.task('a').snapshot.context.claim).toBe('c1')
  })

  it('counts only as the next run, so that one delivered again after a hand-back is void', () => {
    const journal = new Journal()
    journal.submit('a')
    const start = { type: 'start', task: 'a', at: 1_001, worker: 'w1' } as const
    expect(journal.send({ ...start, run: 2, claim: 'c2' }).reason).toBe('STATE')
    expect(journal.send({ ...start, run: 1, claim: 'c1' }).accepted).toBe(true)
    journal.end('a', 'release')
    expect(journal.send({ ...start, run: 1, claim: 'c1' }).reason).toBe('STATE')
    expect(journal.send({ ...start, run: 2, claim: 'c2' }).accepted).toBe(true)
  })

  it('of a running task that fills its own key says STATE, not KEY_FULL', () => {
    const journal = new Journal()
    journal.run('a', { keys: [{ key: 'k', limit: 1 }] })
    expect(journal.start('a', 'w2').reason).toBe('STATE')
  })

  it('under a claim that is held already is FENCED', () => {
    const journal = new Journal()
    journal.run('a')
    journal.submit('b')
    expect(journal.send({ type: 'start', task: 'b', at: 1_009, run: 1, claim: 'a#1', worker: 'w1' }).reason).toBe(
      'FENCED',
    )
  })

  it('from delayed is refused before the task is due', () => {
    const journal = new Journal()
    journal.submit('a', { at: 1_000, delay: 100 })
    const start = { type: 'start', task: 'a', run: 1, claim: 'c', worker: 'w' } as const
    expect(journal.send({ ...start, at: 1_099 }).accepted).toBe(false)
    expect(journal.send({ ...start, at: 1_100 }).accepted).toBe(true)
  })
})

describe('a claim', () => {
  it('that is not the current one never counts', () => {
    const journal = new Journal()
    const old = journal.run('a', { limits: { maxAttempts: 2 } })
    journal.end('a', 'release')
    journal.start('a', 'w2')
    for (const type of ['shutdown', 'ended', 'release', 'abandon', 'freed'] as const) {
      expect(journal.send({ type, task: 'a', at: 2_000, claim: old }).reason).toBe('FENCED')
    }
    expect(journal.send({ type: 'complete', task: 'a', at: 2_000, claim: old, result: 1 }).reason).toBe('FENCED')
    expect(journal.at('a')).toBe('running.executing')
  })
})

describe('a cancel', () => {
  it('settles a pending task at once, and is refused afterwards', () => {
    const journal = new Journal()
    journal.submit('a')
    expect(journal.cancel('a').accepted).toBe(true)
    expect(journal.cancel('a')).toMatchObject({ accepted: false, reason: 'STATE' })
    expect(journal.at('a')).toBe('cancelled')
  })

  it('that came first beats a result that comes late', () => {
    const journal = new Journal()
    journal.run('a')
    journal.cancel('a')
    journal.complete('a', 42)
    expect(journal.task('a').snapshot.context.outcome).toEqual({
      status: 'cancelled',
      reason: 'enough',
      by: 'a person',
    })
  })
})

describe('children', () => {
  it('are refused as PARENT_ENDED unless the parent executes or waits under that claim', () => {
    const journal = new Journal()
    journal.submit('p', { limits: { maxAttempts: 2 } })
    expect(journal.submit('c1', { under: 'p' }).reason).toBe('PARENT_ENDED')
    journal.start('p')
    expect(journal.submit('c2', { under: 'p' }).accepted).toBe(true)
    journal.ask('p')
    expect(journal.submit('c3', { under: 'p' }).accepted).toBe(true)
    const late = journal.record('c4', { under: 'p' })
    journal.end('p', 'shutdown')
    expect(journal.send(late).reason).toBe('PARENT_ENDED')
    journal.end('p', 'ended')
    journal.start('p')
    expect(journal.send(late).reason).toBe('PARENT_ENDED')
    expect(journal.submit('c5', { parent: { task: 'nobody', claim: 'x' } } as object).reason).toBe('PARENT_ENDED')
  })

  it('are cancelled over all generations as soon as the parent is told to stop for good', () => {
    const journal = new Journal()
    journal.run('p')
    journal.run('c', { under: 'p' })
    journal.submit('g', { under: 'c' })
    expect(told(journal.cancel('p'))).toEqual(['p cancel', 'c cancel', 'g cancel'])
    expect([journal.at('p'), journal.at('c'), journal.at('g')]).toEqual([
      'running.stopping.cancel',
      'running.stopping.cancel',
      'cancelled',
    ])
  })

  it.each(['fail', 'expire', 'deadline'] as const)('are cancelled when the parent fails by %s', (way) => {
    const journal = new Journal()
    journal.run('p', { limits: { maxOrphans: 0 }, deadline: 5_000 })
    journal.submit('c', { under: 'p' })
    if (way === 'fail') journal.fail('p')
    if (way === 'expire') journal.expire('w1')
    if (way === 'deadline') {
      journal.send({ type: 'timeout', scope: 'deadline', task: 'p', at: 5_000 })
      expect(journal.at('c')).toBe('pending.queued')
      journal.end('p', 'abandon')
    }
    expect([journal.at('p'), journal.at('c')]).toEqual(['failed', 'cancelled'])
  })

  it('live on when the parent completes, is retried, released or survives its worker', () => {
    const journal = new Journal()
    journal.run('p', { limits: { maxAttempts: 2 } })
    journal.submit('c', { under: 'p' })
    journal.end('p', 'release')
    journal.start('p')
    journal.fail('p', journal.now + 1)
    journal.tick()
    journal.start('p')
    journal.expire('w1')
    journal.start('p', 'w2')
    journal.complete('p')
    expect([journal.at('p'), journal.at('c')]).toEqual(['completed', 'pending.queued'])
  })

  it('made by an earlier attempt are cancelled with the parent too', () => {
    const journal = new Journal()
    journal.run('p')
    journal.submit('c', { under: 'p' })
    journal.end('p', 'release')
    journal.cancel('p')
    expect(journal.at('c')).toBe('cancelled')
  })
})

describe('asks and answers', () => {
  it('are numbered within the claim, so that an ask delivered again is void', () => {
    const journal = new Journal()
    const claim = journal.run('a')
    const ask = { type: 'ask', task: 'a', at: 1_010, claim, ask: 1, wait: { kind: 'input' } } as const
    expect(journal.send({ ...ask, ask: 2 }).reason).toBe('STATE')
    expect(journal.send(ask).accepted).toBe(true)
    journal.answer('a', 1)
    expect(journal.send(ask).reason).toBe('STATE')
    expect(journal.at('a')).toBe('running.executing')
  })

  it('the first answer wins', () => {
    const journal = new Journal()
    journal.run('a')
    journal.ask('a')
    expect(journal.answer('a', 1, 'yes').accepted).toBe(true)
    expect(journal.answer('a', 1, 'no').reason).toBe('STATE')
  })

  it('keep a task waiting while any of several waits is open', () => {
    const journal = new Journal()
    journal.run('a')
    journal.ask('a')
    journal.ask('a')
    journal.answer('a', 2)
    expect(journal.at('a')).toBe('running.waiting')
    journal.answer('a', 1)
    expect(journal.at('a')).toBe('running.executing')
  })

  it.each(['complete', 'fail', 'cancel'] as const)('for a child are answered when it ends by %s', (way) => {
    const journal = new Journal()
    journal.run('p')
    journal.submit('c', { under: 'p' })
    journal.ask('p', 'c')
    if (way !== 'cancel') journal.start('c')
    const last = journal[way]('c')
    expect(told(last).at(-1)).toBe('p answer')
    expect(journal.at('p')).toBe('running.executing')
  })

  it('for a child that has settled are void, and the worker resolves at once', () => {
    const journal = new Journal()
    journal.run('p')
    journal.run('c', { under: 'p' })
    journal.complete('c')
    expect(journal.ask('p', 'c')).toMatchObject({ accepted: false, reason: 'STATE', detail: 'c' })
    journal.forget('c')
    expect(journal.ask('p', 'c')).toMatchObject({ accepted: false, reason: 'GONE', detail: 'c' })
  })

  it('of a claim that is over get no answer', () => {
    const journal = new Journal()
    journal.run('p')
    journal.run('c', { under: 'p' })
    journal.ask('p', 'c')
    journal.end('p', 'release')
    journal.start('p')
    journal.ask('p')
    expect(told(journal.complete('c'))).toEqual(['c complete'])
    expect(journal.at('p')).toBe('running.waiting')
  })
})

describe('a wait that would never end is refused as DEADLOCK', () => {
  it('for itself', () => {
    const journal = new Journal()
    journal.run('a')
    expect(journal.ask('a', 'a')).toMatchObject({ accepted: false, reason: 'DEADLOCK' })
  })

  it('over waits', () => {
    const journal = new Journal()
    for (const id of ['a', 'b', 'c']) journal.run(id)
    journal.ask('a', 'b')
    journal.ask('b', 'c')
    expect(journal.ask('c', 'a')).toMatchObject({ accepted: false, reason: 'DEADLOCK', detail: 'a' })
    expect(journal.at('c')).toBe('running.executing')
  })

  it('over needs and waits mixed', () => {
    const journal = new Journal()
    journal.run('p')
    journal.run('q', { under: 'p' })
    journal.submit('n', { needs: ['q'] })
    journal.submit('m', { needs: ['n'] })
    journal.ask('p', 'm')
    expect(journal.ask('q', 'p').reason).toBe('DEADLOCK')
    expect(journal.ask('q', 'm').reason).toBe('DEADLOCK')
    expect(journal.ask('q').accepted).toBe(true)
  })

  it('but not for what is waited for by two', () => {
    const journal = new Journal()
    for (const id of ['a', 'b', 'c']) journal.run(id)
    journal.ask('a', 'c')
    journal.ask('b', 'c')
    expect(journal.ask('a', 'b').accepted).toBe(true)
    expect(told(journal.complete('c'))).toEqual(['c complete', 'a answer', 'b answer'])
  })
})

describe('the death of a worker', () => {
  it('ends all of its claims, and no other', () => {
    const journal = new Journal()
    for (const id of ['executing', 'waiting', 'shutdown', 'timeout', 'retry', 'cancel']) {
      journal.run(id, { limits: { maxAttempts: 2 } })
    }
    journal.run('other', {}, 'w2')
    journal.ask('waiting')
    journal.end('shutdown', 'shutdown')
    journal.timeout('timeout')
    journal.timeout('retry', 9_000)
    journal.cancel('cancel')
    journal.expire('w1')
    const states = ['executing', 'waiting', 'shutdown', 'timeout', 'retry', 'cancel', 'other'].map((id) =>
      journal.at(id),
    )
    expect(states).toEqual([
      'pending.queued',
      'pending.queued',
      'pending.queued',
      'failed',
      'pending.delayed',
      'cancelled',
      'running.executing',
    ])
    const orphans = ['executing', 'waiting', 'shutdown'].map((id) => journal.task(id).snapshot.context.orphans)
    expect(orphans).toEqual([1, 1, 0])
  })

  it('counts once', () => {
    const journal = new Journal()
    journal.run('a')
    journal.expire('w1')
    expect(journal.expire('w1')).toMatchObject({ accepted: false, reason: 'FENCED' })
  })

  it('is survived maxOrphans times, then the task is LOST', () => {
    const journal = new Journal()
    journal.run('a', { limits: { maxOrphans: 2 } })
    journal.expire('w1')
    journal.start('a', 'w2')
    journal.expire('w2')
    journal.start('a', 'w3')
    expect(journal.at('a')).toBe('running.executing')
    journal.expire('w3')
    expect(failureOf(journal, 'a')?.code).toBe('LOST')
  })

  it('fences its starts and whatever carries its claims', () => {
    const journal = new Journal()
    const claim = journal.run('a')
    journal.submit('b')
    journal.expire('w1')
    expect(journal.start('b', 'w1').reason).toBe('FENCED')
    expect(journal.send({ type: 'complete', task: 'a', at: 2_000, claim, result: 1 }).reason).toBe('FENCED')
    expect(journal.send({ type: 'timeout', scope: 'attempt', task: 'a', at: 2_000, claim }).reason).toBe('FENCED')
  })

  it('leaves its submits, cancels, answers and forgets in force', () => {
    const journal = new Journal()
    journal.run('waits', {}, 'w2')
    journal.ask('waits')
    journal.expire('w1')
    expect(journal.submit('a').accepted).toBe(true)
    expect(journal.cancel('a').accepted).toBe(true)
    expect(journal.forget('a').accepted).toBe(true)
    expect(journal.answer('waits', 1).accepted).toBe(true)
  })

  it('tells relatives in submit order, whichever task was started first', () => {
    const lastWords = (order: readonly string[]) => {
      const journal = new Journal()
      journal.submit('a', { limits: { maxOrphans: 0 } })
      journal.submit('b', { limits: { maxOrphans: 0 } })
      journal.submit('c', { needs: ['a', 'b'] })
      for (const id of order) journal.start(id)
      return told(journal.expire('w1'))
    }
    expect(lastWords(['b', 'a'])).toEqual(lastWords(['a', 'b']))
  })
})

describe('a zombie', () => {
  it.each(['complete', 'fail', 'ended', 'release', 'freed'] as const)('is freed once, by %s', (type) => {
    const journal = new Journal()
    journal.run('a')
    journal.abandon('a')
    const { claim, outcome } = { claim: journal.claim('a'), outcome: journal.task('a').snapshot }
    const record = { task: 'a', at: 2_000, claim, type, result: 1, error: { code: 'ERROR', message: 'late' } } as never
    expect(journal.send(record)).toMatchObject({ accepted: true, task: { id: 'a' } })
    expect(journal.task('a').zombie).toBeUndefined()
    expect(journal.task('a').snapshot).toBe(outcome)
    expect(journal.send(record)).toMatchObject({ accepted: false, reason: 'FENCED' })
  })

  it('is freed by the death of its worker', () => {
    const journal = new Journal()
    journal.run('a')
    journal.timeout('a')
    journal.end('a', 'abandon')
    expect([journal.at('a'), journal.task('a').zombie]).toEqual(['failed', 'a#1'])
    expect(told(journal.expire('w1'))).toEqual(['a expire'])
    expect([journal.at('a'), journal.task('a').zombie]).toEqual(['failed', undefined])
  })

  it('is left by cancel and timeout only', () => {
    const journal = new Journal()
    journal.run('a')
    expect(journal.end('a', 'abandon').reason).toBe('STATE')
    journal.end('a', 'shutdown')
    expect(journal.end('a', 'abandon').reason).toBe('STATE')
  })
})

describe('forgetting', () => {
  it('is refused while the task is unfinished or its work still runs', () => {
    const journal = new Journal()
    journal.run('a')
    expect(journal.forget('a').reason).toBe('STATE')
    journal.abandon('a')
    expect(journal.forget('a').reason).toBe('STATE')
    journal.end('a', 'freed')
    expect(told(journal.forget('a'))).toEqual(['a forget'])
  })

  it('is refused as NEEDED while an unfinished task needs it, naming that task', () => {
    const journal = new Journal()
    journal.run('a')
    journal.run('b')
    journal.complete('a')
    journal.submit('c', { needs: ['a', 'b'] })
    const needed = { accepted: false, reason: 'NEEDED', detail: 'c' }
    expect(journal.forget('a')).toMatchObject(needed)
    journal.complete('b')
    expect(journal.forget('b')).toMatchObject(needed)
    journal.start('c')
    expect(journal.forget('a')).toMatchObject(needed)
    journal.complete('c')
    expect([journal.forget('a').accepted, journal.forget('b').accepted]).toEqual([true, true])
  })

  it('makes every later record GONE, the submit delivered again included', () => {
    const journal = new Journal()
    const submit = journal.record('a')
    journal.send(submit)
    journal.cancel('a')
    journal.forget('a')
    expect(journal.send(submit)).toMatchObject({ accepted: false, reason: 'GONE' })
    expect(journal.cancel('a').reason).toBe('GONE')
    expect(journal.forget('a').reason).toBe('GONE')
    expect(journal.submit('b', { needs: ['a'] }).reason).toBe('UNKNOWN_DEPENDENCY')
  })

  it('of what was never there is an UNKNOWN_TASK', () => {
    const journal = new Journal()
    expect([journal.forget('a').reason, journal.cancel('a').reason]).toEqual(['UNKNOWN_TASK', 'UNKNOWN_TASK'])
  })
})

describe('derived events', () => {
  it('reach first the children, then those who wait, then those who need it, each in submit order', () => {
    const journal = new Journal()
    for (const id of ['p', 'w2', 'w1']) journal.run(id)
    journal.submit('n1', { needs: ['p'] })
    journal.submit('c1', { under: 'p' })
    journal.submit('n2', { needs: ['p'] })
    journal.submit('c2', { under: 'p' })
    journal.ask('w1', 'p')
    journal.ask('w2', 'p')
    expect(told(journal.fail('p'))).toEqual([
      'p fail',
      'c1 cancel',
      'c2 cancel',
      'w2 answer',
      'w1 answer',
      'n1 needFailed',
      'n2 needFailed',
    ])
  })

  it('are worked off in order of arrival, so a child that also needs its parent is cancelled', () => {
    const journal = new Journal()
    journal.run('p')
    journal.submit('n', { needs: ['p'] })
    journal.submit('both', { under: 'p', needs: ['p'] })
    journal.submit('last', { needs: ['both', 'n'] })
    expect(told(journal.fail('p'))).toEqual(['p fail', 'both cancel', 'n needFailed', 'last needFailed'])
    expect(failureOf(journal, 'last')?.message).toContain('both')
  })

  it('go down a chain of any length without recursion', () => {
    const journal = new Journal()
    journal.run('t0')
    for (let i = 1; i <= 20_000; i += 1) journal.submit(`t${i}`, { needs: [`t${i - 1}`] })
    expect(journal.fail('t0').changes).toHaveLength(20_001)
  })
})

describe('the steps of a life', () => {
  it('after the submit are kept without progress, the newest of them', () => {
    const journal = new Journal()
    journal.run('a')
    journal.progress('a', 0.5)
    const [start, ...rest] = journal.task('a').transitions ?? []
    expect(rest).toEqual([])
    expect(start).toMatchObject({
      type: 'start',
      from: 'pending.queued',
      to: 'running.executing',
      worker: 'w1',
      run: 1,
    })
    for (let i = 0; i < transitionsKept; i += 1) {
      journal.end('a', 'release')
      journal.start('a')
    }
    const kept = journal.task('a').transitions ?? []
    expect(kept).toHaveLength(transitionsKept)
    expect(kept.at(-1)).toMatchObject({ type: 'start', run: transitionsKept + 1 })
  })
})

describe('a refused record', () => {
  it('leaves every snapshot as it was', () => {
    const journal = new Journal()
    journal.run('a')
    journal.run('b')
    const before = [...journal.state.tasks.values()].map((task) => task.snapshot)
    for (const verdict of [
      journal.start('a'),
      journal.answer('a', 1),
      journal.end('b', 'ended'),
      journal.submit('a'),
    ]) {
      expect(verdict).toMatchObject({ accepted: false, changes: [] })
    }
    expect([...journal.state.tasks.values()].map((task) => task.snapshot)).toEqual(before)
    expect(journal.state.lastSeq).toBe(2)
  })

  it('counts for nothing in the version, an accepted one for one', () => {
    const journal = new Journal()
    journal.run('a')
    journal.start('a')
    journal.progress('a', 0.1)
    expect(journal.task('a').snapshot.context.version).toBe(3)
  })
})
