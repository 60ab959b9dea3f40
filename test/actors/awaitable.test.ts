import { describe, expect, it } from 'vitest'
import { isPromise, whenDone } from '../../src/actors/awaitable.ts'
import type { Awaitable } from '../../src/store/store.ts'

/** An object with a `then`, made so that nothing takes it for one by accident. */
const thenable = (then: unknown): object => Object.defineProperty({}, 'then', { value: then })

/** What happened, in order, with a mark where the call returned. */
async function story(ask: () => Awaitable<string>): Promise<string[]> {
  const told: string[] = []
  whenDone(
    ask,
    (value) => told.push(`done ${value}`),
    (error) => told.push(`failed ${(error as Error).message}`),
  )
  told.push('returned')
  await new Promise((resolve) => setImmediate(resolve))
  return told
}

describe('whenDone', () => {
  it('goes on in the same turn with an answer that is there', async () => {
    expect(await story(() => 'now')).toEqual(['done now', 'returned'])
  })

  it('goes on later with a promise, or whatever has a then', async () => {
    expect(await story(() => Promise.resolve('later'))).toEqual(['returned', 'done later'])
    const answer = thenable((done: (value: string) => void) => queueMicrotask(() => done('thenable')))
    expect(await story(() => answer as PromiseLike<string>)).toEqual(['returned', 'done thenable'])
  })

  it('tells of a throw at once, and of a rejection later', async () => {
    const thrown = await story(() => {
      throw new Error('thrown')
    })
    expect(thrown).toEqual(['failed thrown', 'returned'])
    expect(await story(() => Promise.reject(new Error('rejected')))).toEqual(['returned', 'failed rejected'])
  })

  it('does not take an error of what comes after for one of the answer', () => {
    const failed: unknown[] = []
    const broken = (): void => {
      throw new Error('mine')
    }
    expect(() =>
      whenDone(
        () => 'now',
        broken,
        (error) => failed.push(error),
      ),
    ).toThrow('mine')
    expect(failed).toEqual([])
  })
})

describe('isPromise', () => {
  it.each<[unknown, boolean]>([
    [Promise.resolve(1), true],
    [thenable(() => {}), true],
    [thenable(5), false],
    [null, false],
    [undefined, false],
    ['then', false],
    [0, false],
    [[], false],
  ])('%o is one: %s', (value, expected) => {
    expect(isPromise(value)).toBe(expected)
  })
})
