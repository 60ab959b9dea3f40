/** @module Functions that travel into a thread as their own source text. */
import { Script } from 'node:vm'
import { ValidationError } from '../errors.ts'

const rewritten =
  /__vi_import_|__vi_ssr_|__vite_ssr_|_interopRequire|\bcov_\w+|__webpack_|__turbopack_|__TURBOPACK__|_async_to_generator|_asyncToGenerator/

/**
 * The source of a function, to be run in a thread.
 *
 * @throws {ValidationError} INVALID_OPTION for `thread`, when the function cannot be read back from its text.
 */
export function inlineSource(fn: unknown): string {
  const refuse = (rule: string): never => {
    throw new ValidationError('thread', rule, fn)
  }
  if (typeof fn !== 'function') return refuse('used with a function, or name a module')
  const source = Function.prototype.toString.call(fn)
  if (/\{\s*\[native code\]\s*\}\s*$/.test(source))
    return refuse('used with a function that is neither native nor bound')
  if (source.startsWith('class')) return refuse('used with a function, not a class')
  if (rewritten.test(source))
    return refuse('a module when a bundler, transpiler or test runner has rewritten the function')
  try {
    new Script(`(${source}\n)`)
  } catch {
    return refuse('used with an arrow function or a function expression, not a method')
  }
  return source
}
