/** @module `offstage/testing`: a simulated clock, runners on it, the contract of stores, and a disk that fails. */
export { type Random, seededRandom } from '../random.ts'
export type { Fault, FaultOptions } from './faults.ts'
export { type CrashOptions, FaultyDisk, type FaultyDiskOptions } from './faulty-disk.ts'
export type { FaultyProcess } from './faulty-process.ts'
export { type TestRunnerOptions, testRecipe, testRunner } from './runner.ts'
export {
  type StoreContractOptions,
  type StoreGuarantee,
  storeContract,
  storeGuarantees,
} from './store-contract.ts'
export { VirtualClock } from './virtual-clock.ts'
