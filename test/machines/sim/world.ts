/**
 * @module A small world of workers, clients, a canceller and an observer, driven by one seed. Nobody in it is careful:
 * workers act on what they saw a while ago, die at any moment, are taken for dead, and records arrive late or again.
 */
import type { foldStore, Verdict } from '../../../src/machines/fold-store.ts'
import type { StoreRecord, SubmitRecord } from '../../../src/machines/records.ts'
import type { emptyStore, StoredTask, StoreState } from '../../../src/machines/store-state.ts'
import { Books } from './books.ts'
import { Dice } from './dice.ts'
import { randomSubmit } from './submits.ts'
import { type Theme, themeOf } from './themes.ts'

/** The fold under test. */
export interface Machines {
  readonly foldStore: typeof foldStore
  readonly emptyStore: typeof emptyStore
}

interface Worker {
  readonly id: string
  alive: boolean
}

/** User code that runs, whether or not anybody believes in it. */
interface Handler {
  readonly worker: Worker
  readonly task: string
  readonly claim: string
}

const failure = { code: 'ERROR', message: 'broken' }
const unfinishedAtMost = 10

export class World {
  readonly state: StoreState
  readonly books = new Books()
  readonly log: StoreRecord[] = []
  /** How often each record was accepted, and refused for which reason. */
  readonly seen: Map<string, number>
  now = 1_000
  readonly dice: Dice
  readonly #fold: typeof foldStore
  readonly #theme: Theme
  readonly #late: StoreRecord[] = []
  readonly workers: Worker[] = []
  #handlers: Handler[] = []
  #made = 0

  constructor(machines: Machines, seed: number, seen = new Map<string, number>()) {
    this.dice = new Dice(seed)
    this.state = machines.emptyStore()
    this.seen = seen
    this.#fold = machines.foldStore
    this.#theme = themeOf(seed)
    for (let i = 0; i < 3; i += 1) this.#hire()
  }

  /** One thing happens. */
  step(): void {
    const act = this.dice.weighted(this.#theme.acts)
    if (act === 'submit') this.#client()
    else if (act === 'start') this.#startSomething()
    else if (act === 'work') this.#work()
    else if (act === 'cancel') this.#cancelSomething()
    else if (act === 'deadline') this.#deadline()
    else if (act === 'observe') this.#observe()
    else if (act === 'forget') this.#forgetSomething()
    else if (act === 'crash') this.#crash()
    else if (act === 'time') this.now += this.dice.below(60)
    else if (act === 'arrive') this.#arrive()
    else this.#again()
  }

  /** Folds a record and has the verdict audited. */
  fold(record: StoreRecord): Verdict {
    this.log.push(record)
    const verdict = this.#fold(this.state, record)
    const name = `${record.type} ${verdict.reason ?? 'accepted'}`
    this.seen.set(name, (this.seen.get(name) ?? 0) + 1)
    this.books.audit(record, verdict, this.state)
    if (record.type === 'start' && verdict.accepted) {
      const worker = this.workers.find(({ id }) => id === record.worker)
      if (worker?.alive) this.#handlers.push({ worker, task: record.task, claim: record.claim })
    }
    return verdict
  }

  tasks(): StoredTask[] {
    return [...this.state.tasks.values()]
  }

  /** Sends a record, which may arrive later than others that are sent after it. */
  #send(record: StoreRecord): void {
    if (this.dice.in(8)) this.#late.push(record)
    else this.fold(record)
  }

  #arrive(): void {
    const [record] = this.#late.splice(this.dice.below(this.#late.length), 1)
    if (record !== undefined) this.fold(record)
  }

  #again(): void {
    const record = this.dice.pick(this.log)
    if (record !== undefined) this.fold(record)
  }

  #hire(): void {
    this.#made += 1
    this.workers.push({ id: `w${this.#made}`, alive: true })
  }

  #client(parent?: SubmitRecord['parent']): string | undefined {
    const unfinished = this.tasks().filter((task) => !task.settled)
    if (unfinished.length >= unfinishedAtMost) return undefined
    this.#made += 1
    const record = randomSubmit(this.dice, this.#theme, `t${this.#made}`, this.now, this.tasks(), parent)
    this.#send(record)
    return record.task
  }

  #startSomething(): void {
    const worker = this.dice.pick(this.workers.filter(({ alive }) => alive))
    const open = this.tasks().filter(({ status }) => status === 'pending')
    const task = this.dice.pick(this.dice.in(9) ? this.tasks() : open)
    if (worker === undefined || task === undefined) return
    const { context } = task.snapshot
    this.#made += 1
    const at = this.dice.in(3) ? this.now : Math.max(this.now, context.dueAt ?? 0)
    const claim = `c${this.#made}`
    this.#send({ type: 'start', task: task.id, at, run: context.run + 1, claim, worker: worker.id })
  }

  #work(): void {
    const handler = this.dice.pick(this.#handlers)
    const task = this.state.tasks.get(handler?.task ?? '')
    if (handler === undefined) return
    if (task?.snapshot.context.claim === handler.claim) {
      if (task.state.startsWith('running.stopping.')) this.#stop(handler)
      else if (task.state === 'running.waiting') this.#wait(handler, task)
      else this.#execute(handler, task)
    } else if (this.dice.in(2)) {
      this.#end(handler, this.dice.of('freed', 'complete', 'fail', 'ended', 'release'))
    }
  }

  #execute(handler: Handler, task: StoredTask): void {
    const { dice } = this
    const does = dice.weighted(this.#theme.does)
    const of = { task: task.id, at: this.now, claim: handler.claim }
    if (does === 'progress') this.#send({ ...of, type: 'progress', fraction: dice.below(100) / 100 })
    else if (does === 'ask') this.#ask(handler, task)
    else if (does === 'timeout') this.#send({ ...of, ...this.#retry(), type: 'timeout', scope: 'attempt' })
    else if (does === 'shutdown') this.#send({ ...of, type: 'shutdown' })
    else if (does === 'child') this.#client({ task: task.id, claim: handler.claim })
    else this.#end(handler, does)
  }

  #ask({ claim }: Handler, task: StoredTask): void {
    const { dice } = this
    const of = { type: 'ask', task: task.id, at: this.now, claim, ask: task.snapshot.context.asks + 1 } as const
    const children = this.tasks().filter(({ spec, settled }) => spec.parent?.task === task.id && !settled)
    const child = dice.in(3)
      ? dice.pick(this.tasks())?.id
      : (dice.pick(children)?.id ?? this.#client({ task: task.id, claim }))
    const wait = child === undefined || dice.in(6) ? ({ kind: 'input' } as const) : ({ kind: 'child', child } as const)
    this.#send({ ...of, wait })
  }

  #wait(handler: Handler, task: StoredTask): void {
    const { dice } = this
    const roll = dice.below(12)
    const of = { task: task.id, at: this.now, claim: handler.claim }
    const open = dice.pick(task.snapshot.context.waits)
    if (roll < 4 && open?.wait.kind === 'input') this.#send({ ...of, type: 'answer', ask: open.ask, value: 'yes' })
    else if (roll < 5 && open !== undefined) this.#send({ ...of, type: 'answer', ask: open.ask })
    else if (roll < 7) this.#ask(handler, task)
    else if (roll < 8) this.#send({ ...of, ...this.#retry(), type: 'timeout', scope: 'attempt' })
    else if (roll < 9) this.#send({ ...of, type: 'shutdown' })
    else if (roll < 10) this.#end(handler, dice.of('complete', 'fail', 'release'))
  }

  #stop(handler: Handler): void {
    const { dice } = this
    const of = { task: handler.task, at: this.now, claim: handler.claim }
    if (dice.in(3)) this.#send({ ...of, type: dice.of('abandon', 'shutdown', 'abandon') })
    else if (dice.in(4)) this.#send({ ...of, ...this.#retry(), type: 'timeout', scope: 'attempt' })
    else this.#end(handler, dice.of('ended', 'complete', 'fail', 'release'))
  }

  /** The handler has ended; its last record says how. */
  #end(handler: Handler, type: 'complete' | 'fail' | 'ended' | 'release' | 'freed'): void {
    this.#handlers = this.#handlers.filter((each) => each !== handler)
    const of = { task: handler.task, at: this.now, claim: handler.claim }
    if (type === 'complete') this.#send({ ...of, type, result: this.now })
    else if (type === 'fail') this.#send({ ...of, ...this.#retry(), type, error: failure })
    else this.#send({ ...of, type })
  }

  #retry(): { retryAt?: number } {
    return this.dice.in(3) ? {} : { retryAt: this.now + this.dice.below(80) }
  }

  #cancelSomething(): void {
    const task = this.dice.pick(this.tasks())
    if (task !== undefined) this.#send({ type: 'cancel', task: task.id, at: this.now, by: 'a person' })
  }

  #deadline(): void {
    const task = this.dice.pick(this.tasks().filter(({ spec }) => spec.deadline !== undefined))
    if (task === undefined) return
    if (this.dice.in(2)) this.now = Math.max(this.now, task.spec.deadline ?? 0)
    this.#send({ type: 'timeout', scope: 'deadline', task: task.id, at: this.now })
  }

  /** Somebody is declared dead, rightly or not, and replaced. */
  #observe(): void {
    const dead = this.workers.filter(({ alive }) => !alive)
    const worker = this.dice.pick(dead.length > 0 && !this.dice.in(4) ? dead : this.workers)
    if (worker === undefined) return
    this.#send({ type: 'expire', worker: worker.id, at: this.now })
    if (this.workers.filter(({ id }) => !this.books.expired.has(id)).length < 3) this.#hire()
  }

  #forgetSomething(): void {
    const task = this.dice.pick(this.dice.in(9) ? this.tasks() : this.tasks().filter(({ settled }) => settled))
    if (task !== undefined) this.#send({ type: 'forget', task: task.id, at: this.now })
  }

  /** A worker dies without a word. */
  #crash(): void {
    const worker = this.dice.pick(this.workers.filter(({ alive }) => alive))
    if (worker === undefined) return
    worker.alive = false
    this.#handlers = this.#handlers.filter((handler) => handler.worker !== worker)
  }
}
