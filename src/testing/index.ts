/** @module `offstage/testing`: a simulated clock, runners on it, and the contract of stores. */
export { type Random, seededRandom } from '../random.ts'
export { type TestRunnerOptions, testRecipe, testRunner } from './runner.ts'
export {
  type StoreContractOptions,
  type StoreGuarantee,
  storeContract,
  storeGuarantees,
} from './store-contract.ts'
export { VirtualClock } from './virtual-clock.ts'
