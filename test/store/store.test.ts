import { describe, expect, it } from 'vitest'
import { MemoryStore } from '../../src/store/memory.ts'
import { defaultPage, largestPage, type Store, streamKept } from '../../src/store/store.ts'
import { storeGuarantees } from '../../src/testing/store-contract.ts'

describe('the contract of a store', () => {
  it('has a test for each of its methods', () => {
    const methods = Object.getOwnPropertyNames(MemoryStore.prototype).filter((name) => name !== 'constructor')
    const tested = new Set(storeGuarantees.map((sentence) => sentence.split(':')[0]))
    // `counts` is told with `known`
    expect(methods.filter((name) => !tested.has(name))).toEqual(['counts'])
  })

  it('has the limits that it documents', () => {
    expect([defaultPage, largestPage, streamKept]).toEqual([100, 1_000, 1_000])
  })

  it('is kept by the store in memory, which answers at once', () => {
    const store: Store = new MemoryStore()
    expect([store.name, store.durable]).toEqual(['memory', false])
    expect(store.submit([])).toEqual([])
    expect(store.tick(0)).toBeUndefined()
    expect(store.list({})).toEqual({ tasks: [], cursor: undefined })
  })
})
