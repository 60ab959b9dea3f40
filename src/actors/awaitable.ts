/** @module Answers that come now or later: wait only when there is something to wait for. */
import type { Awaitable } from '../store/store.ts'

export function isPromise<T>(value: Awaitable<T>): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}

/** Goes on with an answer, in the same turn where it is there already. `failed` hears of a rejection or a throw. */
export function whenDone<T>(ask: () => Awaitable<T>, done: (value: T) => void, failed: (error: unknown) => void): void {
  let answer: Awaitable<T>
  try {
    answer = ask()
  } catch (error) {
    return failed(error)
  }
  if (isPromise(answer)) answer.then(done, failed)
  else done(answer)
}
