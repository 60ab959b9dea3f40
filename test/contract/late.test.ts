import { describe, it } from 'vitest'
import { storeContract } from '../../src/testing/store-contract.ts'
import { LateStore } from './late-store.ts'

storeContract('a store that answers later', { describe, it, makeStore: () => new LateStore() })
