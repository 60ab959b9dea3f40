import { describe, expect, it } from 'vitest'
import { checkExports, publicNames } from '../../tools/exports.ts'
import { fakeTree, told } from './tree.ts'

const entry = `export { type A, b } from './a.ts'\nexport type { C } from './a.ts'`
const check = (files: Record<string, string>): string[] => told(checkExports(fakeTree(files)))
const manifest = (exports: object): { 'package.json': string } => ({
  'package.json': JSON.stringify({ name: 'offstage', exports }),
})

describe('the law of the public face', () => {
  it('is content when package.json and the entries fit', () => {
    expect(check({ 'src/index.ts': entry })).toEqual([])
  })

  it('finds an entry that package.json does not name', () => {
    expect(check({ 'src/index.ts': entry, 'src/web/index.ts': entry })).toEqual([
      'src/web/index.ts:1 no export of package.json names this entry',
    ])
  })

  it('finds an export without an entry', () => {
    expect(check({})).toEqual(['package.json:1 exports["."]: src/index.ts does not exist'])
  })

  it('wants types before default, and nothing else', () => {
    const files = {
      'src/index.ts': entry,
      ...manifest({ '.': { default: './dist/index.js', types: './dist/index.d.ts' } }),
    }
    expect(check(files)).toEqual(['package.json:1 exports["."]: must be { types, default }, in this order'])
    expect(check({ 'src/index.ts': entry, ...manifest({ '.': './dist/index.js' }) })).toHaveLength(2)
  })

  it('wants types and code of the same file', () => {
    const files = {
      'src/index.ts': entry,
      ...manifest({ '.': { types: './dist/other.d.ts', default: './dist/index.js' } }),
    }
    expect(check(files).join()).toContain('of the same X')
  })

  it('finds export * and code in an entry', () => {
    expect(check({ 'src/index.ts': `export * from './a.ts'\nexport const b = 1` })).toEqual([
      `src/index.ts:1 export * from './a.ts': name what is public`,
      'src/index.ts:1 an entry holds export { … } from … and nothing else',
    ])
  })
})

describe('the text of the public names', () => {
  it('lists values, then types, of each entry', () => {
    expect(publicNames(fakeTree({ 'src/index.ts': entry }))).toBe('offstage\n  b\n  type A\n  type C\n')
  })

  it('shows the name under which a thing is exported', () => {
    expect(publicNames(fakeTree({ 'src/index.ts': `export { a as z } from './a.ts'` }))).toBe('offstage\n  z\n')
  })
})
