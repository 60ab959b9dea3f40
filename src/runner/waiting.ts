/** @module How somebody waits for the end of a task: until it is durable, the time is over, or a signal ends it. */
import type { Wait } from '../actors/attempt.ts'
import { onAbort } from '../actors/on-abort.ts'

/** A wait for the end of a task. */
export interface SettledWatch {
  /** Rejects when the store is lost. */
  readonly settled: Promise<void>
  /** Gives up without a trace. */
  stop(): void
}

/** Where the time of a wait comes from. */
export interface WaitHost {
  /** Calls `fn` after `ms`, or `stopped` if the runner is closed before that. */
  after(ms: number, fn: () => void, stopped: (error: Error) => void): () => void
}

/** What may end a wait before the task does. */
export interface Patience {
  readonly timeout: number | undefined
  readonly signal: AbortSignal | undefined
  /** Moves the task of a handler that waits for its child to `running.waiting`; undefined for others. */
  through(): Wait | undefined
}

/** Waits for the end. Answers with false when the time was over first; rejects with the reason of the signal. */
export async function untilSettled(watch: SettledWatch, host: WaitHost, patience: Patience): Promise<boolean> {
  const { timeout, signal } = patience
  const undo: (() => void)[] = [() => watch.stop()]
  let through: Wait | undefined
  let ended = false
  try {
    signal?.throwIfAborted()
    const settled = watch.settled.then(() => {
      ended = true
    })
    // nobody may be left to hear of it
    settled.catch(() => {})
    // a handler that waits for its child gives its slot back meanwhile
    through = patience.through()
    await new Promise<void>((resolve, reject) => {
      if (timeout !== undefined) undo.push(host.after(timeout, resolve, reject))
      if (signal !== undefined) undo.push(onAbort(signal, () => reject(signal.reason)))
      // its attempt may have been told to stop, or have ended, before the child
      if (through === undefined) settled.then(resolve, reject)
      else through.over.then(() => settled).then(resolve, reject)
    })
  } finally {
    for (const each of undo) each()
    through?.giveUp()
    await through?.over.catch(() => {})
  }
  return ended
}
