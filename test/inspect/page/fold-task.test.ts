import { afterEach, describe, expect, it } from 'vitest'
import { membersOf, stepsKept, TaskFold } from '../../../src/inspect/page/fold-task.ts'
import type { TaskHappening, TaskView } from '../../../src/inspect/protocol.ts'
import type { Change, Verdict } from '../../../src/machines/fold-store.ts'
import type { TaskState } from '../../../src/machines/task.ts'
import { Journal } from '../../machines/sim/journal.ts'

/** What a server would say of a task: every change of a real fold, through JSON. */
class Server {
  readonly journal = new Journal()
  readonly happenings: TaskHappening[] = []
  #n = 0

  say(verdict: Verdict): void {
    if (!verdict.accepted) throw new Error(`the test wrote a record that is void: ${verdict.reason}`)
    for (const change of verdict.changes) this.#note(change)
  }

  view(from = 0, upTo = Number.POSITIVE_INFINITY, more: Partial<TaskView> = {}): TaskView {
    const happenings = this.happenings.filter(({ n }) => n > from && n <= upTo)
    const view: TaskView = {
      ...{ view: 'task', id: 'a', whole: from === 0, happenings, lines: [], cut: 0 },
      ...{ children: [], needs: [], asks: [] },
      ...more,
    }
    return JSON.parse(JSON.stringify(view)) as TaskView
  }

  #note({ task, event, before }: Change): void {
    this.#n += 1
    if (task.id !== 'a') return
    const to = event.type === 'forget' ? undefined : task.state
    const { version } = task.snapshot.context
    const said = {
      kind: 'task',
      n: this.#n,
      at: event.at,
      task: task.id,
      event,
      from: before.leaf.name as TaskState,
    } as const
    this.happenings.push({ ...said, to, version })
  }
}

/** Fails once, is retried, asks for an input, is answered and completes. */
function life(): Server {
  const server = new Server()
  const { journal } = server
  server.say(journal.submit('a', { limits: { maxAttempts: 2 } }))
  server.say(journal.start('a'))
  server.say(journal.progress('a', 0.5))
  server.say(journal.fail('a', journal.now + 1))
  journal.tick()
  server.say(journal.start('a', 'w2'))
  server.say(journal.ask('a'))
  server.say(journal.answer('a', 1, 'yes'))
  server.say(journal.complete('a', { pages: 3 }))
  return server
}

function folded(server: Server): TaskFold {
  const fold = new TaskFold()
  fold.take(server.view(), 'e1')
  return fold
}

const states = (fold: TaskFold, moment = Number.POSITIVE_INFINITY): (string | undefined)[] =>
  fold.stepsUpTo(moment).map(({ after }) => after?.leaf.name)

describe('a life that came whole', () => {
  it('goes through the chart step by step, and agrees with the server', () => {
    const fold = folded(life())
    expect(states(fold)).toEqual([
      'pending.queued',
      'running.executing',
      'running.executing',
      'pending.delayed',
      'running.executing',
      'running.waiting',
      'running.executing',
      'completed',
    ])
    expect(fold.stepsUpTo(100).filter(({ mismatch }) => mismatch !== undefined)).toEqual([])
    expect(fold.stepsUpTo(100).at(-1)?.after?.context).toMatchObject({ run: 2, failures: 1, version: 8 })
  })

  it('begins with the chart where the task is heard of from its submit on', () => {
    const [first] = folded(life()).stepsUpTo(100)
    expect([first?.before.leaf.name, first?.before.context.version]).toEqual(['new', 0])
  })

  it('begins where the server says when older happenings are not kept', () => {
    const server = life()
    const context = folded(server).stepsUpTo(100)[3]?.after?.context
    if (context === undefined) throw new Error('no context')
    const fold = new TaskFold()
    fold.take(server.view(4, 100, { whole: true, cut: 4, base: { state: 'pending.delayed', context } }), 'e1')
    expect(states(fold).at(-1)).toBe('completed')
    expect(fold.cut).toBe(4)
    expect(fold.stepsUpTo(100).every(({ mismatch }) => mismatch === undefined)).toBe(true)
  })

  it('ends with nothing when the task was forgotten', () => {
    const server = life()
    server.say(server.journal.forget('a'))
    const fold = folded(server)
    expect(fold.stepsUpTo(100).at(-1)).toMatchObject({ after: undefined, mismatch: undefined })
  })

  it('takes the end of work that would not stop as a step that moves nothing', () => {
    const server = new Server()
    const { journal } = server
    server.say(journal.submit('a'))
    server.say(journal.start('a'))
    server.say(journal.cancel('a'))
    server.say(journal.end('a', 'abandon'))
    server.say(journal.end('a', 'freed'))
    const last = folded(server).stepsUpTo(100).at(-1)
    expect([last?.happening.event.type, last?.after?.leaf.name, last?.mismatch]).toEqual([
      'freed',
      'cancelled',
      undefined,
    ])
  })
})

describe('each event', () => {
  afterEach(() => {
    Reflect.deleteProperty(globalThis, '__offstage')
  })

  it('is folded once, however often views repeat it', () => {
    const server = life()
    const fold = new TaskFold()
    fold.take(server.view(), 'e1')
    fold.take(server.view(), 'e1')
    fold.take(server.view(5), 'e1')
    fold.take(server.view(0, 3), 'e1')
    expect(fold.folded).toBe(server.happenings.length)
  })

  it('is folded once when the views bring it bit by bit', () => {
    const server = life()
    const fold = new TaskFold()
    fold.take(server.view(0, 2), 'e1')
    fold.take(server.view(2, 6), 'e1')
    fold.take(server.view(4), 'e1')
    expect(fold.folded).toBe(server.happenings.length)
    expect(states(fold).at(-1)).toBe('completed')
  })

  it('is counted for those who want to know, and only where somebody counts', () => {
    const shared = { folded: 0 }
    Object.assign(globalThis, { __offstage: shared })
    folded(life())
    expect(shared.folded).toBe(8)
  })

  it('is folded anew for another task, another recording, or a life that goes further back', () => {
    const server = life()
    const fold = new TaskFold()
    fold.take(server.view(4, 100, { whole: true }), 'e1')
    fold.take(server.view(), 'e1')
    expect(states(fold)).toHaveLength(8)
    fold.take(server.view(), 'e2')
    expect(fold.folded).toBe(4 + 8 + 8)
    fold.take(server.view(0, 2, { id: 'b' }), 'e2')
    expect(states(fold)).toHaveLength(2)
  })
})

describe('what was drawn', () => {
  it('stays what it was when more comes: that is another list', () => {
    const server = life()
    const fold = new TaskFold()
    fold.take(server.view(0, 2), 'e1')
    const drawn = fold.stepsUpTo(100)
    fold.take(server.view(2), 'e1')
    expect(drawn).toHaveLength(2)
    expect(fold.stepsUpTo(100)).not.toBe(drawn)
    const again = fold.stepsUpTo(100)
    fold.take(server.view(2), 'e1')
    expect(fold.stepsUpTo(100)).toBe(again)
  })
})

describe('time travel', () => {
  it('is folding less: the steps up to a moment', () => {
    const fold = folded(life())
    expect(states(fold, 0)).toEqual([])
    expect(states(fold, 2)).toEqual(['pending.queued', 'running.executing'])
    expect(states(fold, 7).at(-1)).toBe('running.executing')
    expect(fold.stepsUpTo(8)).toHaveLength(8)
  })
})

describe('a fold that disagrees', () => {
  it('says what is otherwise, once, and goes on from what the server says', () => {
    const server = life()
    const [, start] = server.happenings
    if (start === undefined) throw new Error('no start')
    server.happenings[1] = { ...start, to: 'running.waiting', version: 9 }
    const [, second, third] = folded(server).stepsUpTo(100)
    expect(second?.mismatch).toBe('it is running.executing here, running.waiting there; it has version 2 here, 9 there')
    expect(second?.after?.leaf.name).toBe('running.waiting')
    expect(third?.mismatch).toContain('it left running.waiting here, running.executing there')
  })

  it('survives states that its chart does not have', () => {
    const server = life()
    server.happenings[2] = { ...(server.happenings[2] as TaskHappening), to: 'running.dreaming' as TaskState }
    expect(folded(server).stepsUpTo(100)[2]?.mismatch).toContain('running.dreaming there')
  })
})

describe('what is kept', () => {
  it('is bounded, and what was dropped is counted', () => {
    const server = new Server()
    server.say(server.journal.submit('a'))
    server.say(server.journal.start('a'))
    for (let i = 0; i < stepsKept * 1.2; i += 1) server.say(server.journal.progress('a', 0.1))
    const fold = folded(server)
    const { length } = fold.stepsUpTo(Number.POSITIVE_INFINITY)
    expect(length).toBe(stepsKept)
    expect(length + fold.cut).toBe(server.happenings.length)
    expect(fold.stepsUpTo(Number.POSITIVE_INFINITY).at(-1)?.mismatch).toBeUndefined()
  })
})

describe('the members of the context', () => {
  it('say what a step changed', () => {
    const step = folded(life()).stepsUpTo(100)[1]
    if (step === undefined) throw new Error('no step')
    const changed = membersOf(step).filter((member) => member.changed)
    expect(changed.map(({ name }) => name).sort()).toEqual(['claim', 'run', 'startedAt', 'version', 'worker'])
    expect(membersOf(step).find(({ name }) => name === 'run')).toMatchObject({ before: 0, after: 1 })
    expect(membersOf(step).some(({ name }) => name === 'stop')).toBe(false)
  })
})
