/** @module Whether what was read is the context of a task in a state: the fold relies on what each state has, and has not. */
import {
  deepestRecord,
  isBlobIfAny,
  isFailure,
  isFields,
  isNumber,
  isNumberIfAny,
  isShallow,
  isTextIfAny,
  isWait,
} from './read-record.ts'
import type { Leaf } from './snapshot.ts'

type Fields = Readonly<Record<string, unknown>>

/** What a record says stands here inside other things. */
const deepestContext = deepestRecord + 8

const isCount = (value: unknown): boolean =>
  value === undefined || (Number.isSafeInteger(value) && (value as number) >= 0)
/** Both there, or neither. */
const agree = (value: unknown, isWanted: boolean): boolean => (value !== undefined) === isWanted

/** Whether a context has the shape of one, and what it must have in this leaf and in no other. */
export function isContextOf({ name: leaf, status }: Leaf, context: Fields): boolean {
  const settled = status === 'done'
  const { version, dueAt, claim, worker, startedAt, endedAt, progress, waits, stop, lastError, outcome } = context
  const isRunning = leaf.startsWith('running.')
  return (
    isCount(version) &&
    version !== undefined &&
    isCount(context.run) &&
    isCount(context.failures) &&
    isCount(context.orphans) &&
    isCount(context.asks) &&
    agree(dueAt, leaf === 'pending.delayed') &&
    // a sum of two
    (dueAt === undefined || Number.isFinite(dueAt)) &&
    agree(claim, isRunning) &&
    isTextIfAny(claim) &&
    agree(worker, isRunning) &&
    isTextIfAny(worker) &&
    isNumberIfAny(startedAt) &&
    agree(endedAt, settled) &&
    isNumberIfAny(endedAt) &&
    (progress === undefined || (isFields(progress) && isNumber(progress.fraction) && isTextIfAny(progress.message))) &&
    agree(waits, leaf === 'running.waiting') &&
    (waits === undefined || (Array.isArray(waits) && waits.length > 0 && waits.every(isOpenAsk))) &&
    agree(stop, leaf.startsWith('running.stopping.')) &&
    (stop === undefined || isStop(leaf, stop)) &&
    (lastError === undefined || isFailure(lastError)) &&
    agree(outcome, settled) &&
    (outcome === undefined || isOutcome(leaf, outcome)) &&
    isShallow(context, deepestContext)
  )
}

const isOpenAsk = (value: unknown): boolean => isFields(value) && isCount(value.ask) && isWait(value.wait)

function isStop(leaf: string, stop: unknown): boolean {
  if (!isFields(stop) || leaf !== `running.stopping.${stop.cause}`) return false
  return isTextIfAny(stop.reason) && isTextIfAny(stop.by) && isNumberIfAny(stop.retryAt)
}

function isOutcome(leaf: string, outcome: unknown): boolean {
  if (!isFields(outcome) || outcome.status !== leaf) return false
  if (leaf === 'failed') return isFailure(outcome.error)
  return leaf === 'completed' ? isBlobIfAny(outcome.blob) : isTextIfAny(outcome.reason) && isTextIfAny(outcome.by)
}
