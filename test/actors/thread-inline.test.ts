import { sep } from 'node:path'
import { describe, expect, it } from 'vitest'
import { inlineSource } from '../../src/actors/thread-inline.ts'
import { ValidationError } from '../../src/errors.ts'

function refusal(fn: unknown): string {
  try {
    inlineSource(fn)
  } catch (error) {
    if (error instanceof ValidationError && error.option === 'thread' && error.code === 'INVALID_OPTION')
      return error.rule
  }
  return expect.unreachable('it was taken')
}

describe('inlineSource', () => {
  it.each([
    ['an arrow function', (a: number) => a],
    ['an async arrow function', async () => 1],
    ['a function expression', function named() {}],
    ['an async generator', async function* () {}],
  ])('gives a source that reads back: %s', (_, fn) => {
    expect(String(new Function(`return (${inlineSource(fn)})`)())).toBe(String(fn))
  })

  it('refuses what is no function', () => {
    expect(refusal('work')).toBe('used with a function, or name a module')
  })

  it.each([[(() => 1).bind(null)], [Math.max]])('refuses a native or bound function: %#', (fn) => {
    expect(refusal(fn)).toBe('used with a function that is neither native nor bound')
  })

  it('refuses a class', () => {
    expect(refusal(class Work {})).toBe('used with a function, not a class')
  })

  it('refuses a method', () => {
    expect(
      refusal(
        {
          dig(deep: number) {
            return deep
          },
        }.dig,
      ),
    ).toBe('used with an arrow function or a function expression, not a method')
  })

  it.each([
    ['an import that the test runner rewrote', () => sep],
    ['a dynamic import that the test runner rewrote', () => import('node:path')],
    ['counters of coverage', new Function('cov_1a2b().s[0]++')],
    ['a bundler', new Function('return __webpack_require__(1)')],
    ['another bundler', new Function('return __turbopack_context__.i(1)')],
    ['a transpiler', new Function('return _asyncToGenerator(work)')],
  ])('refuses a function that holds %s', (_, fn) => {
    expect(refusal(fn)).toContain('has rewritten the function')
  })
})
