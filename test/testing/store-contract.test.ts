import { describe, expect, it } from 'vitest'
import { ValidationError } from '../../src/errors.ts'
import type { Verdict } from '../../src/machines/fold-store.ts'
import { MemoryStore } from '../../src/store/memory.ts'
import type { Claimed, Store, StoreChange } from '../../src/store/store.ts'
import {
  type StoreContractOptions,
  type StoreGuarantee,
  storeContract,
  storeGuarantees,
} from '../../src/testing/store-contract.ts'

type Tests = Map<string, () => Promise<void>>

/** Runs the suite with test functions of our own. */
function collect(options: Partial<StoreContractOptions> = {}): { readonly suites: string[]; readonly tests: Tests } {
  const suites: string[] = []
  const tests: Tests = new Map()
  storeContract('a store', {
    describe: (name, body) => {
      suites.push(name)
      body()
    },
    it: (name, body) => tests.set(name, body),
    makeStore: () => new MemoryStore(),
    ...options,
  })
  return { suites, tests }
}

/** The sentences that a store breaks. */
async function broken(makeStore: () => Store, options: Partial<StoreContractOptions> = {}): Promise<string[]> {
  const names: string[] = []
  for (const [name, test] of collect({ makeStore, ...options }).tests) {
    await test().catch(() => names.push(name))
  }
  return names
}

/** A store in memory with a fault. */
function faulty(fault: (good: MemoryStore) => Partial<Store>): () => Store {
  return () => {
    const good = new MemoryStore()
    const bad = fault(good)
    return new Proxy<Store>(good, {
      get: (target, name) => {
        const own = bad[name as keyof Store] ?? target[name as keyof Store]
        return typeof own === 'function' ? own.bind(good) : own
      },
    })
  }
}

describe('the store contract', () => {
  it('is one suite with one test for each sentence, in order, for any test runner', () => {
    const { suites, tests } = collect()
    expect(suites).toEqual(['a store as a store'])
    expect([...tests.keys()]).toEqual(storeGuarantees)
    expect(new Set(storeGuarantees.map((sentence) => sentence.split(':')[0]))).toEqual(
      new Set([
        'submit',
        'claim',
        'append',
        'tick',
        'get',
        'list',
        'write',
        'stream',
        'explain',
        'known',
        'forget',
        'schedules',
        'schedule',
        'scheduleNamed',
        'onSchedules',
        'subscribe',
        'sync',
        'close',
        'json',
      ]),
    )
  })

  it('names the reason of a skip, and runs nothing for it', async () => {
    const sentence: StoreGuarantee = 'claim: prefers higher priority'
    const { tests } = collect({
      skip: { [sentence]: 'the server has one queue' },
      makeStore: () => {
        throw new Error('no')
      },
    })
    expect(tests.has(sentence)).toBe(false)
    await tests.get(`${sentence} (skipped: the server has one queue)`)?.()
    expect(tests.size).toBe(storeGuarantees.length)
  })

  it.each<[string, unknown]>([
    ['without a reason', { 'claim: prefers higher priority': ' ' }],
    ['with no text as its reason', { 'claim: prefers higher priority': true }],
    ['of a sentence that there is not', { 'claim: is quick': 'it is slow' }],
    ['of what every object has', { constructor: 'why not' }],
  ])('refuses a skip %s', (_, skip) => {
    expect(() => collect({ skip: skip as StoreContractOptions['skip'] & object })).toThrow(ValidationError)
  })

  it('refuses unknown options, and functions that are none', () => {
    expect(() => collect({ makestore: () => new MemoryStore() } as object)).toThrow(/makestore/)
    for (const option of ['describe', 'it', 'makeStore']) {
      expect(() => collect({ [option]: 5 })).toThrow(`${option} must be a function, got 5`)
    }
  })

  it('closes each store in the end, whether its test passes or not', async () => {
    let open = 0
    const makeStore = faulty((good) => {
      open += 1
      return {
        get: () => undefined,
        close: () => {
          open -= 1
          good.close()
        },
      }
    })
    // one test closes its store twice more by itself
    const skip = {
      'close: may be repeated, and durable tasks are there when the store is opened again': 'counted here',
    }
    expect((await broken(makeStore, { skip })).length).toBeGreaterThan(10)
    expect(open).toBe(0)
  })

  it('wants reopen of a durable store, and looks at what is there again', async () => {
    const durable = faulty(() => ({ durable: true }))
    const sentences = [
      'submit: is durable when it resolves',
      'sync: ends when all that was told is as durable as it gets',
      'close: may be repeated, and durable tasks are there when the store is opened again',
      'schedules: are as durable as tasks',
    ]
    expect(await broken(durable)).toEqual(sentences)
    expect(await broken(durable, { reopen: () => new MemoryStore() })).toEqual(sentences)
    expect(await broken(durable, { reopen: (closed) => closed })).toEqual([])
  })

  it('asks as another process where there is one', async () => {
    const alone = await broken(() => new MemoryStore(), { peer: () => new MemoryStore() })
    expect(alone).toContain('claim: gives only tasks that fit the worker, and loses none')
  })
})

const accept = (verdict: Verdict): Verdict => ({ ...verdict, accepted: true })

describe('a store with a fault', () => {
  it.each<[string, StoreGuarantee, (good: MemoryStore) => Partial<Store>]>([
    [
      'says that all submits are accepted',
      'submit: is idempotent by id',
      (good) => ({ submit: (r) => good.submit(r).map(accept) }),
    ],
    [
      'answers the verdicts in another order',
      'submit: answers all verdicts in order, each on its own',
      (good) => ({ submit: (r) => good.submit(r).toReversed() }),
    ],
    [
      'gives a task twice',
      'claim: gives each task to one worker only',
      (good) => {
        let last: readonly Claimed[] = []
        return {
          claim: (r) => {
            const won = good.claim(r)
            if (won.length > 0) last = won
            return last
          },
        }
      },
    ],
    [
      'takes the last first',
      'claim: keeps the order of entry otherwise, whatever the recipes',
      (good) => ({
        claim: (r) => {
          const fits: typeof r.fits = ({ id, status }) =>
            [...good.known()].findLast((t) => t.status === status)?.id === id && r.fits(good.get(id) as never)
          const won = good.claim({ ...r, fits })
          return won.length > 0 ? won : good.claim(r)
        },
      }),
    ],
    [
      'gives tasks that do not fit',
      'claim: gives only tasks that fit the worker, and loses none',
      (good) => ({ claim: (r) => good.claim({ ...r, fits: () => true }) }),
    ],
    [
      'gives recipes that nobody takes',
      'claim: gives only recipes that the worker takes, past all others',
      (good) => ({ claim: (r) => good.claim({ ...r, takes: () => true }) }),
    ],
    [
      'answers with a claim of its own',
      'claim: starts the task under the claim that it answers',
      (good) => ({
        claim: (r) => {
          const won = good.claim(r)
          return won && { ...won, claim: 'mine' }
        },
      }),
    ],
    [
      'accepts what it refuses',
      'append: what is refused says why and leaves no trace',
      (good) => ({ append: (r) => accept(good.append(r)) }),
    ],
    ['never ends what is overdue', 'tick: ends what is overdue, pending or running', () => ({ tick: () => undefined })],
    [
      'forgets when something is due next',
      'tick: answers when time alone changes something next',
      (good) => ({ tick: (at) => void good.tick(at) }),
    ],
    ['keeps no output', 'write: keeps log lines and output in order, with their place', () => ({ write: () => {} })],
    [
      'gives the whole output each time',
      'stream: begins after the entry that was seen last',
      (good) => ({ stream: (id) => good.stream(id) }),
    ],
    [
      'has no owners',
      'list: is narrowed by status, recipe, name, owner and tags, alone and together',
      (good) => ({ list: ({ owner: _, ...r }) => good.list(r) }),
    ],
    [
      'has no last page',
      'list: comes in pages, and the last page has no cursor',
      (good) => ({
        list: (r) => {
          if (r.after === '9999') throw new Error('no such page')
          return { ...good.list(r), cursor: '9999' }
        },
      }),
    ],
    [
      'shows everybody everything',
      'forget: forgets only what the query means and the last word accepts',
      (good) => ({ forget: ({ at }) => good.forget({ at }) }),
    ],
    [
      'does not tell what it kept',
      'forget: never forgets what an unfinished task needs',
      (good) => ({ forget: (r) => ({ ...good.forget(r), kept: [] }) }),
    ],
    [
      'counts nothing',
      'known: gives the tasks of this process in submit order, and counts tells them by status',
      () => ({
        counts: { pending: 0, running: 0, completed: 0, failed: 0, cancelled: 0 },
      }),
    ],
    ['explains nothing', 'explain: says why a task is where it is', () => ({ explain: () => undefined })],
    [
      'goes on telling',
      'subscribe: tells nothing once it was ended, and others all the same',
      (good) => ({
        subscribe: (listener) => {
          good.subscribe(listener)
          return () => {}
        },
      }),
    ],
    [
      'tells the newest first',
      'subscribe: tells what a change brought about behind it',
      (good) => ({
        subscribe: (listener) => {
          let held: StoreChange[] = []
          return good.subscribe((change) => {
            if (held.push(change) === 1)
              queueMicrotask(() => {
                for (const each of held.toReversed()) listener(each)
                held = []
              })
          })
        },
      }),
    ],
    [
      'keeps inputs as they are',
      'json: an input makes a trip through JSON',
      (good) => ({
        submit: (records) => {
          const verdicts = good.submit(records)
          for (const [i, { task }] of verdicts.entries()) Object.assign(task?.spec ?? {}, { input: records[i]?.input })
          return verdicts
        },
      }),
    ],
  ])('that %s breaks "%s"', async (_, sentence, fault) => {
    await expect(collect({ makeStore: faulty(fault) }).tests.get(sentence)?.()).rejects.toThrow()
  })
})
