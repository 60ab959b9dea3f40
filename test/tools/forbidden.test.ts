import { describe, expect, it } from 'vitest'
import { checkForbidden } from '../../tools/forbidden.ts'
import { fakeTree, told } from './tree.ts'

const check = (files: Record<string, string>): string[] => told(checkForbidden(fakeTree(files)))

describe('the law of words', () => {
  it.each([
    ['const x: any = 1', 'any: say what it is, or unknown'],
    ['export default 1', 'a default export: export it by name'],
    ['const a = 1\nexport { a as default }', 'a default export: export it by name'],
    ['console.log(1)', 'console: only src/cli/output.ts prints'],
    ['process.exit(1)', 'process.exit: only src/cli/main.ts ends the process'],
    [`process['exit'](1)`, 'process.exit: only src/cli/main.ts ends the process'],
  ])('finds %j anywhere in src', (code, message) => {
    expect(check({ 'src/runner/a.ts': code }).join()).toContain(message)
  })

  it('lets the command line print and end the process, each in its one file', () => {
    expect(check({ 'src/cli/output.ts': 'console.log(1)', 'src/cli/main.ts': 'process.exit(1)' })).toEqual([])
    expect(check({ 'src/cli/output.ts': 'process.exit(1)', 'src/cli/main.ts': 'console.log(1)' })).toHaveLength(2)
  })

  it('reads code, not comments, strings or names of fields', () => {
    const code = `// console.log, any\nconst a = { console: 'Date', Promise: 'process.exit()' }\na.console\ninterface B { Date: string }`
    expect(check({ 'src/machines/a.ts': code })).toEqual([])
  })

  it.each([
    'const now = Date.now()',
    'let when: Date',
    'Math.random()',
    'const later: Promise<void> | undefined = undefined',
    'async function f() {}',
    'const f = async () => 1',
    'setTimeout(f, 1)',
    'performance.now()',
    `import { readFileSync } from 'node:fs'`,
  ])('finds the effect of %j in a chart', (code) => {
    expect(check({ 'src/machines/a.ts': code })).toEqual([expect.stringContaining('what src/machines loads is pure')])
    expect(check({ 'src/actors/a.ts': code })).toEqual([])
  })

  it('finds an effect in what a chart loads, and not in what it only takes types from', () => {
    const clock = { 'src/clock.ts': 'export const now = () => Date.now()' }
    expect(check({ ...clock, 'src/machines/a.ts': `import { now } from '../clock.ts'` })).toHaveLength(1)
    expect(check({ ...clock, 'src/machines/a.ts': `import type { now } from '../clock.ts'` })).toEqual([])
  })
})
