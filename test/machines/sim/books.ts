/**
 * @module An auditor of the fold: it keeps its own books from records and verdicts alone, and compares.
 * Written from the specification, sharing no code with the fold, so that a mistake has to be made twice to pass.
 */
import type { Change, Verdict } from '../../../src/machines/fold-store.ts'
import type { StoreRecord } from '../../../src/machines/records.ts'
import type { StoreState, TaskSnapshot } from '../../../src/machines/store-state.ts'
import { checkIndexes } from './indexes.ts'
import { type Holder, type Life, settled, Violation } from './life.ts'

const running = (state: string): boolean => state.startsWith('running.')
const doomed = (state: string): boolean =>
  state === 'failed' || state === 'cancelled' || state === 'running.stopping.cancel'

export class Books {
  readonly lives = new Map<string, Life>()
  readonly holders = new Map<string, Holder>()
  readonly expired = new Set<string>()
  readonly gone = new Set<string>()
  readonly #counted = new Set<StoreRecord>()
  readonly #freed = new Set<string>()
  /** Tasks that failed, were cancelled or are about to be, kept or not. */
  readonly #doomed = new Set<string>()
  /** A claim to the claims that it waited for while both held: families, for as long as both hold. */
  readonly #families = new Map<string, Set<string>>()
  #seq = 0

  /** Tells whether a record was accepted; progress does not matter. */
  hasCounted(record: StoreRecord): boolean {
    return this.#counted.has(record)
  }

  /** Compares a verdict, and the state that it left, with the books. @throws {Violation} */
  audit(record: StoreRecord, verdict: Verdict, state: StoreState): void {
    if (verdict.accepted) this.#accept(record, verdict)
    else this.#refuse(record, verdict)
    if (state.tasks.size !== this.lives.size) throw new Violation('no task vanishes', `${state.tasks.size} are kept`)
    for (const [id, life] of this.lives) {
      const task = state.tasks.get(id)
      if (task === undefined) throw new Violation('no task vanishes', id)
      if (task.snapshot !== life.snapshot) throw new Violation('every move is reported', id)
      if (!verdict.accepted) continue
      if (task.zombie !== life.zombie) throw new Violation('a zombie is known', `${id}: ${task.zombie}`)
      this.#checkTask(id, life)
      this.#checkRelatives(id, life)
    }
    if (!verdict.accepted) return
    this.#noteFamilies()
    this.#checkKeys()
    checkIndexes(this, state)
  }

  #refuse(record: StoreRecord, verdict: Verdict): void {
    if (verdict.changes.length > 0) throw new Violation('a refused record changes nothing', record.type)
    if (verdict.reason !== 'KEY_FULL' || record.type !== 'start') return
    const life = this.lives.get(record.task) as Life
    const full = (life.spec.keys ?? []).some(({ key, limit }) => {
      const held = this.#holdersOf(key)
      const least = Math.min(limit, ...held.map((holder) => limitOf(holder, key)))
      const waits = (a: Holder, b: Holder): boolean => this.#waitsFor(a.life).has(b.life)
      return together([...held, { claim: record.claim, worker: record.worker, life }], waits) > least
    })
    if (!full) throw new Violation('a key with room is not refused', record.task)
  }

  #accept(record: StoreRecord, { changes }: Verdict): void {
    if (record.type !== 'progress') {
      if (this.#counted.has(record)) throw new Violation('no record counts twice', JSON.stringify(record))
      this.#counted.add(record)
    }
    if (record.type === 'expire') this.expired.add(record.worker)
    const last = new Map<string, number>()
    for (const [i, { task }] of changes.entries()) last.set(task.id, i)
    for (const [i, change] of changes.entries()) {
      const { task } = change
      const again = last.get(task.id) === i ? undefined : changes.find((other, j) => j > i && other.task === task)
      this.#note(change, again?.before ?? task.snapshot)
    }
    if (record.type !== 'expire') return
    for (const { worker, claim } of this.holders.values()) {
      if (worker === record.worker) throw new Violation('a dead worker has no claims', claim)
    }
  }

  /** Writes one move into the books. */
  #note({ task, event, before }: Change, after: TaskSnapshot): void {
    if (event.type === 'submit') {
      this.#seq += 1
      const fresh = { runs: 0, asks: 0, claim: undefined, zombie: undefined, cancelled: false, waits: new Map() }
      this.lives.set(task.id, { ...fresh, spec: event, seq: this.#seq, snapshot: after, state: after.leaf.name })
      return
    }
    const life = this.lives.get(task.id)
    if (life === undefined) throw new Violation('only kept tasks move', `${task.id} ${event.type}`)
    if (before !== life.snapshot) throw new Violation('moves follow on each other', `${task.id} ${event.type}`)
    const claim = event.type === 'start' ? undefined : (event as { claim?: string }).claim
    if (settled(life.state)) this.#noteEnd(life, event.type, claim, before === after)
    else {
      if (claim !== undefined && claim !== life.claim)
        throw new Violation('a stale claim never counts', `${task.id} ${event.type}`)
      if (after.context.version !== before.context.version + 1)
        throw new Violation('the version counts the moves', task.id)
      this.#noteMove(life, event)
      life.snapshot = after
      life.state = after.leaf.name
      if (!running(life.state)) this.#endClaim(life, event.type)
      if (life.state !== 'running.waiting') life.waits.clear()
      if (doomed(life.state)) this.#doomed.add(task.id)
    }
  }

  /** After its end a task may only be forgotten, or its zombie be freed, once. */
  #noteEnd(life: Life, type: string, claim: string | undefined, same: boolean): void {
    const { task } = life.spec
    if (!same) throw new Violation('finals never change', `${task} ${type}`)
    if (type === 'forget') {
      if (life.zombie !== undefined) throw new Violation('a zombie is not forgotten', task)
      this.lives.delete(task)
      this.gone.add(task)
      return
    }
    const zombie = life.zombie
    if (zombie === undefined || this.#freed.has(zombie))
      throw new Violation('each zombie is freed once', `${task} ${type}`)
    const worker = this.holders.get(zombie)?.worker
    if (claim === undefined ? type !== 'expire' || !this.expired.has(worker ?? '') : claim !== zombie) {
      throw new Violation('a zombie is freed by its own end', `${task} ${type}`)
    }
    this.#freed.add(zombie)
    this.#leave(zombie)
    life.zombie = undefined
  }

  #noteMove(life: Life, event: Change['event']): void {
    const { task } = life.spec
    if (event.type === 'start') {
      if (event.run !== life.runs + 1) throw new Violation('one winning start per run', `${task} run ${event.run}`)
      if (life.claim !== undefined) throw new Violation('one unfenced handler per task', task)
      if (this.expired.has(event.worker)) throw new Violation('the dead start nothing', `${task} ${event.worker}`)
      const { dueAt, deadline } = life.snapshot.context
      if (event.at < (dueAt ?? 0) || event.at >= (deadline ?? Infinity))
        throw new Violation('starts keep the time', task)
      life.runs += 1
      life.asks = 0
      life.claim = event.claim
      this.holders.set(event.claim, { claim: event.claim, worker: event.worker, life })
    } else if (event.type === 'ask') {
      if (event.ask !== life.asks + 1) throw new Violation('asks are numbered', task)
      life.asks += 1
      life.waits.set(event.ask, event.wait.kind === 'child' ? event.wait.child : undefined)
      if (this.#leadsTo(life, life)) throw new Violation('no cycle of waits and needs', task)
    } else if (event.type === 'answer') {
      if (!life.waits.delete(event.ask)) throw new Violation('the first answer wins', `${task} ask ${event.ask}`)
    } else if (event.type === 'cancel') {
      life.cancelled = true
    } else if (event.type === 'expire') {
      const worker = this.holders.get(life.claim ?? '')?.worker
      if (worker !== event.worker) throw new Violation('an expire ends claims of that worker only', task)
    }
  }

  #endClaim(life: Life, type: string): void {
    if (life.claim === undefined) return
    if (type === 'abandon') life.zombie = life.claim
    else this.#leave(life.claim)
    life.claim = undefined
  }

  #leave(claim: string): void {
    this.holders.delete(claim)
    this.#families.delete(claim)
  }

  #checkTask(id: string, life: Life): void {
    const { state, snapshot } = life
    const { claim, waits, stop, dueAt, failures, orphans, limits, run, outcome } = snapshot.context
    const shape: [string, boolean][] = [
      ['claim ⇔ running', (claim !== undefined) === running(state) && claim === life.claim],
      ['waits ⇔ waiting', waits.length > 0 === (state === 'running.waiting') && waits.length === life.waits.size],
      ['stop ⇔ stopping', (stop !== undefined) === state.startsWith('running.stopping.')],
      ['dueAt ⇔ delayed', (dueAt !== undefined) === (state === 'pending.delayed')],
      ['outcome ⇔ settled', (outcome?.status ?? 'none') === (settled(state) ? state : 'none')],
      ['failures ≤ maxAttempts', failures <= limits.maxAttempts],
      ['orphans ≤ maxOrphans + 1', orphans <= limits.maxOrphans + 1],
      ['run counts the starts', run === life.runs],
      [
        'an accepted cancel ends cancelled',
        life.cancelled === (state === 'cancelled' || state === 'running.stopping.cancel'),
      ],
    ]
    for (const [rule, holds] of shape) if (!holds) throw new Violation(rule, `${id} in ${state}`)
  }

  #checkRelatives(id: string, life: Life): void {
    if (settled(life.state)) return
    const needs = (life.spec.needs ?? []).map((need) => this.lives.get(need))
    if (needs.includes(undefined)) throw new Violation('no unfinished task needs one that is gone', id)
    const open = needs.filter((need) => need?.state !== 'completed')
    if (open.some((need) => settled(need?.state ?? ''))) throw new Violation('never blocked on a failed need', id)
    if (open.length > 0 !== (life.state === 'pending.blocked')) throw new Violation('blocked ⇔ an open need', id)
    const parent = life.spec.parent?.task
    if (parent !== undefined && this.#doomed.has(parent) && !doomed(life.state))
      throw new Violation('a parent takes its children along', id)
    for (const child of life.waits.values()) {
      if (child !== undefined && settled(this.lives.get(child)?.state ?? 'completed'))
        throw new Violation('an ended child is answered', id)
    }
  }

  /** Tells whether the task waits for or needs the goal, over one step or more. */
  #leadsTo(from: Life, goal: Life): boolean {
    const next = [...from.waits.values(), ...(from.state === 'pending.blocked' ? (from.spec.needs ?? []) : [])]
    return next.some((id) => {
      const life = this.lives.get(id ?? '')
      return life !== undefined && !settled(life.state) && (life === goal || this.#leadsTo(life, goal))
    })
  }

  /** All that the task waits for, over any number of steps. */
  #waitsFor(life: Life, all = new Set<Life>()): Set<Life> {
    for (const id of life.waits.values()) {
      const child = this.lives.get(id ?? '')
      if (child === undefined || all.has(child)) continue
      all.add(child)
      this.#waitsFor(child, all)
    }
    return all
  }

  #noteFamilies(): void {
    for (const { claim, life } of this.holders.values()) {
      if (life.waits.size === 0) continue
      const family = this.#families.get(claim) ?? new Set()
      for (const { claim: lent } of this.#waitsFor(life)) if (lent !== undefined) family.add(lent)
      this.#families.set(claim, family)
    }
  }

  #holdersOf(key: string): Holder[] {
    return [...this.holders.values()].filter(({ life }) => life.spec.keys?.some((own) => own.key === key))
  }

  #checkKeys(): void {
    const keys = new Set<string>()
    for (const { life } of this.holders.values()) for (const { key } of life.spec.keys ?? []) keys.add(key)
    for (const key of keys) {
      const held = this.#holdersOf(key)
      const limit = Math.min(...held.map((holder) => limitOf(holder, key)))
      if (held.length <= limit) continue
      const family = (a: Holder, b: Holder): boolean => this.#families.get(a.claim)?.has(b.claim) ?? false
      const most = together(held, family)
      const names = held.map(({ claim }) => claim).join(' ')
      if (most > limit)
        throw new Violation('handlers per key ≤ limit', `${key}: ${most} of ${limit} at once among ${names}`)
    }
  }
}

const limitOf = ({ life }: Holder, key: string): number =>
  life.spec.keys?.find((own) => own.key === key)?.limit ?? Infinity

/** How many of the holders can run at the same time: the most of whom none waits for another. Tried out, one by one. */
function together(holders: readonly Holder[], waits: (a: Holder, b: Holder) => boolean): number {
  const [first, ...rest] = holders
  if (first === undefined) return 0
  const free = rest.filter((other) => !waits(first, other) && !waits(other, first))
  const withFirst = 1 + together(free, waits)
  return free.length === rest.length ? withFirst : Math.max(withFirst, together(rest, waits))
}
