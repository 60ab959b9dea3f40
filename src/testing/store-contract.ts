/** @module The contract of a store as a suite of tests, for Offstage's own stores and for yours. */
import { ValidationError } from '../errors.ts'
import type { Awaitable, Store } from '../store/store.ts'
import { checkFunction, checkOptions } from '../validate.ts'
import { appendGuarantees } from './contract/append.ts'
import { claimGuarantees } from './contract/claim.ts'
import { firingGuarantees } from './contract/firings.ts'
import { forgetGuarantees } from './contract/forget.ts'
import { jsonGuarantees } from './contract/json.ts'
import { type Guarantee, Kit } from './contract/kit.ts'
import { listenGuarantees } from './contract/listen.ts'
import { readGuarantees } from './contract/read.ts'
import { scheduleGuarantees } from './contract/schedules.ts'
import { submitGuarantees } from './contract/submit.ts'

const guarantees = {
  ...submitGuarantees,
  ...claimGuarantees,
  ...appendGuarantees,
  ...readGuarantees,
  ...forgetGuarantees,
  ...listenGuarantees,
  ...jsonGuarantees,
  ...scheduleGuarantees,
  ...firingGuarantees,
}

/** A sentence of the contract: the name of its test, and what `skip` takes. */
export type StoreGuarantee = keyof typeof guarantees

/** Every sentence of the contract, in the order of the tests. */
export const storeGuarantees: readonly StoreGuarantee[] = Object.freeze(Object.keys(guarantees) as StoreGuarantee[])

/** What {@link storeContract} needs: the functions of a test runner, and stores. */
export interface StoreContractOptions {
  /** Groups tests: that of `node:test`, Vitest, Jest, Mocha or Bun. */
  describe(name: string, body: () => void): unknown
  /** Declares a test; one that it fails rejects. */
  it(name: string, body: () => Promise<void>): unknown
  /** Makes an empty store. Called for each test, which closes it in the end. */
  makeStore(): Awaitable<Store>
  /** Opens the tasks of a closed store again. Needed for a durable store. */
  reopen?(closed: Store): Awaitable<Store>
  /** Opens the same tasks a second time, as another process does. `@default` the store itself */
  peer?(store: Store): Awaitable<Store>
  /** Sentences that the store does not keep, each with the reason, which becomes part of the test's name. */
  readonly skip?: { readonly [K in StoreGuarantee]?: string }
}

const known = new Set(['describe', 'it', 'makeStore', 'reopen', 'peer', 'skip'])

/**
 * Declares one test for each guarantee of {@link Store}. The assertions are Node's, so that any test runner will do.
 *
 * @param name What the store is, for the name of the suite.
 * @throws {ValidationError} INVALID_OPTION for a skip without a reason, or of a sentence that there is not.
 *
 * @example
 * ```ts
 * import { describe, it } from 'node:test'
 * import { MemoryStore } from 'offstage'
 * import { storeContract } from 'offstage/testing'
 *
 * storeContract('MemoryStore', { describe, it, makeStore: () => new MemoryStore() })
 * ```
 */
export function storeContract(name: string, options: StoreContractOptions): void {
  checkOptions(options, known, 'the contract options')
  const { describe, it, makeStore, skip = {} } = options
  checkFunction(describe, 'describe')
  checkFunction(it, 'it')
  checkFunction(makeStore, 'makeStore')
  const skipped = readSkips(skip)
  describe(`${name} as a store`, () => {
    for (const [sentence, test] of Object.entries<Guarantee>(guarantees)) {
      const reason = skipped.get(sentence)
      if (reason !== undefined) it(`${sentence} (skipped: ${reason})`, async () => {})
      else it(sentence, () => run(test, options))
    }
  })
}

function readSkips(skip: StoreContractOptions['skip']): ReadonlyMap<string, string> {
  const skips = new Map(Object.entries(skip ?? {}) as [string, unknown][])
  for (const [sentence, reason] of skips) {
    if (!Object.hasOwn(guarantees, sentence))
      throw new ValidationError('skip', 'made of sentences of the contract', sentence)
    if (typeof reason === 'string' && reason.trim() !== '') continue
    throw new ValidationError(`skip[${JSON.stringify(sentence)}]`, 'the reason, as text', reason)
  }
  return skips as ReadonlyMap<string, string>
}

async function run(test: Guarantee, { makeStore, reopen, peer }: StoreContractOptions): Promise<void> {
  const store = await makeStore()
  const other = peer === undefined ? store : await peer(store)
  const open = new Set([store, other])
  const again = async (): Promise<Store> => {
    if (reopen === undefined) throw new ValidationError('reopen', 'a function, for the store is durable', reopen)
    for (const each of open) await each.close()
    open.clear()
    const opened = await reopen(store)
    open.add(opened)
    return opened
  }
  try {
    await test(new Kit(store, other, again))
  } finally {
    for (const each of open) await each.close()
  }
}
