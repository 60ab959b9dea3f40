/** @module What of a task only this process can hold. */
import type { Retry } from '../actors/retry.ts'
import type { ThreadTarget } from '../actors/thread-messages.ts'

/** A function that was submitted, with all that cannot be journaled. */
export class Local {
  readonly fn: ((...args: unknown[]) => unknown) | undefined
  readonly args: readonly unknown[]
  readonly retry: Retry
  readonly thread: ThreadTarget | undefined
  /** What the last attempt threw, for the `cause` of errors. */
  thrown: unknown = undefined
  /** Whether anybody asked how it ended. */
  observed = false

  constructor(
    fn: ((...args: unknown[]) => unknown) | undefined,
    args: readonly unknown[],
    retry: Retry,
    thread: ThreadTarget | undefined,
  ) {
    this.fn = fn
    this.args = args
    this.retry = retry
    this.thread = thread
  }
}
