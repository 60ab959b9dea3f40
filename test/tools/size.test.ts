import { expect, it } from 'vitest'
import { checkSizes } from '../../tools/size.ts'
import { fakeTree, told } from './tree.ts'

it('points at files above 250 lines and functions above 70, and at nothing shorter', () => {
  const lines = (count: number): string => '\n'.repeat(count)
  const files = {
    'src/file.ts': `${'let a\n'.repeat(251)}`,
    'src/function.ts': `let a\nfunction f() {${lines(70)}}`,
    'src/arrow.ts': `const f = () => {${lines(70)}}`,
    'src/short.ts': `function f() {${lines(69)}}${lines(1)}`.padEnd(10),
  }
  expect(told(checkSizes(fakeTree(files)))).toEqual([
    'src/file.ts:1 251 lines',
    'src/function.ts:2 a function of 71 lines',
    'src/arrow.ts:1 a function of 71 lines',
  ])
})
