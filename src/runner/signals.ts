/** @module Signals of the process, for programs that ask for it. */

/** Calls `stop` once, at the first SIGTERM or SIGINT; a second one ends the process as it would without us. */
export function onSignals(stop: () => unknown): void {
  const signals = ['SIGTERM', 'SIGINT'] as const
  const heard = (): void => {
    for (const signal of signals) process.removeListener(signal, heard)
    void stop()
  }
  for (const signal of signals) process.once(signal, heard)
}
