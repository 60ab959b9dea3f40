import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { Claims, type ClaimsHost } from '../../src/actors/claims.ts'
import { Gate } from '../../src/actors/gate.ts'
import { Insistence } from '../../src/actors/insist.ts'
import { Slots } from '../../src/actors/slots.ts'
import { Timers } from '../../src/actors/timer.ts'
import { OffstageError, StoreError } from '../../src/errors.ts'
import { seededRandom } from '../../src/random.ts'
import { MemoryStore } from '../../src/store/memory.ts'
import type { Claimed, ClaimRequest } from '../../src/store/store.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'

type Answer = (request: ClaimRequest) => readonly Claimed[]

/** Claims on a store whose answers the test gives; without one it has nothing. */
function claiming(...answers: Answer[]) {
  const clock = new VirtualClock()
  const timers = new Timers(clock, () => {})
  const store = new MemoryStore()
  const heard = {
    workers: [] as string[],
    began: [] as string[],
    warned: [] as string[],
    lost: [] as string[],
    left: [] as string[],
  }
  store.claim = (request) => {
    heard.workers.push(request.worker)
    return answers[heard.workers.length - 1]?.(request) ?? []
  }
  const state = { accepts: true, lost: false }
  const host: ClaimsHost = {
    stores: [Object.assign(store, { leave: (worker: string) => void heard.left.push(worker) })],
    clock,
    timers,
    random: seededRandom(1),
    slots: new Slots(2),
    gate: new Gate(
      { knows: () => true, rateOf: () => undefined, inputOf: () => 1 },
      clock,
      timers,
      () => {},
      () => {},
    ),
    insistence: new Insistence({ timers, isOver: () => false }),
    accepts: () => state.accepts,
    isStopped: () => false,
    isEmpty: () => true,
    recipeNames: () => [],
    isLost: () => state.lost,
    lose: (_, error) => {
      state.lost = true
      heard.lost.push(error.code)
    },
    begin: (_, { claim }) => void heard.began.push(claim),
    settled: () => {},
    warn: (message) => void heard.warned.push(message),
  }
  return { claims: new Claims(host), clock, heard, state }
}
const throwing = (error: Error) => (): never => {
  throw error
}

describe('claims', () => {
  it('ask once for any number of calls in one turn, and until there is nothing left', async () => {
    const { claims, heard } = claiming(({ claim }) => [{ task: {} as never, claim: claim() }])
    claims.pump()
    claims.pump()
    await turn()
    expect([heard.workers.length, heard.began]).toEqual([2, [`${claims.worker}.1`]])
  })

  it('are not made by who takes on nothing', async () => {
    const { claims, heard, state } = claiming()
    state.accepts = false
    claims.pump()
    await turn()
    expect(heard.workers).toEqual([])
  })

  it('go on under another name where the one before was declared dead, which leaves', async () => {
    const { claims, heard } = claiming(throwing(new OffstageError('FENCED', 'dead')))
    const dead = claims.worker
    claims.pump()
    await turn()
    expect(heard).toMatchObject({
      workers: [dead, claims.worker],
      left: [dead],
      warned: [expect.stringContaining('declared dead')],
    })
    expect([
      claims.worker === dead,
      claims.isMine(dead),
      claims.isMine(claims.worker),
      claims.isMine('another'),
    ]).toEqual([false, true, true, false])
  })

  it('are tried again a second after a store has failed', async () => {
    const { claims, clock, heard } = claiming(throwing(new Error('no disk')))
    claims.pump()
    await clock.advance(999)
    expect(heard.workers.length).toBe(1)
    await clock.advance(1)
    expect([heard.workers.length, heard.warned]).toEqual([2, ['memory: a claim failed']])
  })

  it.each(['STORE_LOST', 'UNKNOWN_OUTCOME'] as const)('are given up for good after %s', async (code) => {
    const { claims, clock, heard } = claiming(throwing(new StoreError(code, 'no')))
    claims.pump()
    await clock.advance('1m')
    expect(heard).toMatchObject({ workers: [claims.worker], lost: [code], warned: [] })
  })

  it('are dry when the store has nothing more, and not while one will be asked again', async () => {
    const { claims, clock } = claiming(throwing(new Error('no disk')))
    let dry = false
    void claims.whenDry().then(() => {
      dry = true
    })
    await clock.advance(999)
    expect(dry).toBe(false)
    await clock.advance(1)
    expect(dry).toBe(true)
  })
})
