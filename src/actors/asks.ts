/** @module How a handler waits for a child or an input: its task asks, and gives its slot back until the answer. */
import { OffstageError } from '../errors.ts'
import type { Verdict } from '../machines/fold-store.ts'
import type { WaitFor } from '../machines/records.ts'
import type { Awaitable } from '../store/store.ts'
import type { Attempt, Wait } from './attempt.ts'
import { isPromise, whenDone } from './awaitable.ts'

/** A wait that the store has judged. */
interface OpenAsk {
  readonly ask: number
  readonly answered: Promise<unknown>
}

/** What asks need of the supervisor. */
export interface AsksHost {
  now(): number
  /** Appends what may fail without harm, and tells of it. */
  record(act: () => Awaitable<unknown>, what: string): void
}

/** Waits for a child without holding a slot. The store judges one ask of an attempt after the other. */
export function waitForChild(host: AsksHost, attempt: Attempt, child: string): Wait {
  const asked = askInTurn(host, attempt, { kind: 'child', child })
  const over = Promise.resolve(asked).then(async (open) => {
    await open?.answered
  })
  // a stop may reject it before anybody waits
  over.catch(() => {})
  const { task, claim, store } = attempt
  const answer = (open: OpenAsk | undefined): void => {
    if (open === undefined || !attempt.isWaiting(open.ask)) return
    const record = { type: 'answer', task: task.id, claim, ask: open.ask, at: host.now() } as const
    host.record(() => store.append(record), 'an answer')
  }
  const giveUp = (): void =>
    whenDone(
      () => asked,
      answer,
      () => {},
    )
  return { over, giveUp }
}

/** Waits for an input without holding a slot. @throws the reason of the stop, or what the store says. */
export async function waitForInput(host: AsksHost, attempt: Attempt, prompt: string | undefined): Promise<unknown> {
  const wait = { kind: 'input' as const, ...(prompt !== undefined && { prompt }) }
  const open = await askInTurn(host, attempt, wait)
  if (open !== undefined) return open.answered
  attempt.signal.throwIfAborted()
  throw new OffstageError('LOST', `task ${attempt.task.id} cannot ask any more: its attempt is over`)
}

function askInTurn(host: AsksHost, attempt: Attempt, wait: WaitFor): Awaitable<OpenAsk | undefined> {
  const { asking } = attempt
  const asked = asking === undefined ? ask(host, attempt, wait) : asking.then(() => ask(host, attempt, wait))
  if (isPromise(asked)) attempt.asksAfter(asked)
  return asked
}

function ask(host: AsksHost, attempt: Attempt, wait: WaitFor): Awaitable<OpenAsk | undefined> {
  if (attempt.over || attempt.stopCause !== undefined) return undefined
  const number = attempt.asks + 1
  const answered = attempt.beginWait(number)
  const { id } = attempt.task
  const judge = (verdict: Verdict): OpenAsk | undefined => {
    if (verdict.accepted) {
      attempt.asks = number
      return { ask: number, answered }
    }
    attempt.endWait(number)
    if (verdict.reason !== 'DEADLOCK' || wait.kind !== 'child') return undefined
    const error = new OffstageError('DEADLOCK', `${id} cannot wait for ${wait.child}, which waits for it`)
    return { ask: number, answered: Promise.reject(error) }
  }
  const verdict = attempt.store.append({
    type: 'ask',
    task: id,
    claim: attempt.claim,
    at: host.now(),
    ask: number,
    wait,
  })
  return isPromise(verdict) ? verdict.then(judge) : judge(verdict)
}
