import { describe, it } from 'vitest'
import { MemoryStore } from '../../src/store/memory.ts'
import { storeContract } from '../../src/testing/store-contract.ts'

storeContract('MemoryStore', { describe, it, makeStore: () => new MemoryStore() })
