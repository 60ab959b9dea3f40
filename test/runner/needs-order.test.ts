import { describe, expect, it } from 'vitest'
import type { SubmitRecord } from '../../src/machines/records.ts'
import { inOrderOfNeeds } from '../../src/runner/needs-order.ts'

const limits = { timeout: 60_000, grace: 5_000, maxAttempts: 1, maxOrphans: 1 }
const record = (task: string, ...needs: string[]): SubmitRecord => {
  const plain: SubmitRecord = { type: 'submit', task, at: 0, name: task, limits }
  return needs.length === 0 ? plain : { ...plain, needs }
}
const order = (...records: SubmitRecord[]): string =>
  inOrderOfNeeds(records)
    .map(({ task }) => task)
    .join(' ')

describe('tasks that are submitted together', () => {
  it('stay as they are where none needs another', () => {
    const records = [record('b'), record('a')]
    expect(inOrderOfNeeds(records)).toBe(records)
  })

  it('come behind what they need, and keep their order otherwise', () => {
    expect(order(record('c', 'b'), record('x'), record('b', 'a'), record('a'))).toBe('a b c x')
    expect(order(record('d', 'b', 'c'), record('c', 'a'), record('b', 'a'), record('a'))).toBe('a b c d')
  })

  it('may need what was submitted before', () => {
    expect(order(record('b', 'elsewhere'), record('a'))).toBe('b a')
  })

  it('may need each other in a chain that is longer than any stack is deep', () => {
    const chain = Array.from({ length: 50_000 }, (_, i) => record(`t${i}`, `t${i + 1}`))
    expect(inOrderOfNeeds(chain).at(-1)?.task).toBe('t0')
  })

  it('are refused in a circle', () => {
    const refused = (): unknown => order(record('a', 'b'), record('b', 'c'), record('c', 'a'))
    expect(refused).toThrow(expect.objectContaining({ code: 'CYCLIC_DEPENDENCY' }))
  })
})
