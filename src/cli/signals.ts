/** @module Ctrl-C and SIGTERM: the first asks to stop, the second ends the process as it would without us. */

const signals = ['SIGINT', 'SIGTERM'] as const

/**
 * Calls `stop` at the first SIGINT or SIGTERM.
 *
 * @returns Gives up listening.
 */
export function onStop(stop: (signal: (typeof signals)[number]) => void): () => void {
  const off = (): void => {
    for (const signal of signals) process.removeListener(signal, heard)
  }
  const heard = (signal: (typeof signals)[number]): void => {
    off()
    stop(signal)
  }
  for (const signal of signals) process.on(signal, heard)
  return off
}
