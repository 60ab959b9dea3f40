/** @module What is handed to `submit`: a function, or a module for a thread, and its arguments. */
import { inlineSource } from '../actors/thread-inline.ts'
import type { ThreadTarget } from '../actors/thread-messages.ts'
import { ValidationError } from '../errors.ts'
import { checkFunction } from '../validate.ts'
import { targetOf } from './jobs.ts'
import type { SubmitOptions } from './types.ts'

type AnyFunction = (...args: unknown[]) => unknown
export type AnyOptions = SubmitOptions<readonly unknown[], never>

const noArgs: readonly unknown[] = Object.freeze([])

export function readWork(
  work: unknown,
  given: AnyOptions | undefined,
): [AnyFunction | undefined, AnyOptions | undefined] {
  if (typeof work === 'function') return [work as AnyFunction, given]
  const options = work as AnyOptions | null
  if (typeof options === 'object' && options?.thread instanceof URL) return [undefined, options]
  return [checkFunction(work as AnyFunction, 'the task'), given]
}

export function readArgs(args: unknown): readonly unknown[] {
  if (args === undefined) return noArgs
  if (Array.isArray(args)) return args
  throw new ValidationError('args', 'an array', args)
}

export function readThread(fn: AnyFunction | undefined, options: AnyOptions | undefined): ThreadTarget | undefined {
  const thread = options?.thread
  if (thread === undefined) {
    if (options?.export !== undefined)
      throw new ValidationError('export', 'left out without a thread module', options.export)
    return undefined
  }
  if (thread instanceof URL) {
    if (fn === undefined) return targetOf(thread, options?.export)
    throw new ValidationError(
      'thread',
      'true for a function; a module goes alone: submit({ thread: url, args })',
      thread,
    )
  }
  if (thread === true && fn !== undefined) return { source: inlineSource(fn) }
  throw new ValidationError('thread', "true or a module's URL", thread)
}
