/** @module What the exit codes mean. */
import { OffstageError } from '../errors.ts'

/** How a command ended. */
export const Exit = Object.freeze({
  DONE: 0,
  FAILED: 1,
  USAGE: 2,
  NOT_FOUND: 3,
  CANCELLED: 4,
  WAIT_TIMEOUT: 5,
} as const)
export type Exit = (typeof Exit)[keyof typeof Exit]

const usage = new Set([
  'INVALID_OPTION',
  'INVALID_SCHEDULE',
  'UNKNOWN_OPTION',
  'INVALID_INPUT',
  'UNKNOWN_RECIPE',
  'USAGE',
  'TOO_LARGE',
])
const others = new Map<string, Exit>([
  ['NOT_FOUND', Exit.NOT_FOUND],
  ['GONE', Exit.NOT_FOUND],
  ['CANCELLED', Exit.CANCELLED],
  ['WAIT_TIMEOUT', Exit.WAIT_TIMEOUT],
])

/** The exit code of an error. */
export function exitOf(error: unknown): Exit {
  if (!OffstageError.is(error)) return Exit.FAILED
  return usage.has(error.code) ? Exit.USAGE : (others.get(error.code) ?? Exit.FAILED)
}

/** What was asked for cannot be, and how it would be right. */
export function usageError(message: string, cause?: unknown): OffstageError {
  return new OffstageError('USAGE', message, cause === undefined ? undefined : { cause })
}
