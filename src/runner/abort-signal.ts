/** @module The `signal` option. */
import { ValidationError } from '../errors.ts'

/** @throws {ValidationError} for what is not an AbortSignal. */
export function checkSignal(signal: unknown): void {
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw new ValidationError('signal', 'an AbortSignal', signal)
}
