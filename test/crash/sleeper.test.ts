/** B10: a process that was stopped while others went on, far beyond the segment that it knew. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { StoreChange } from '../../src/store/store.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { later, Machines } from './stepped-machine.ts'
import { layout, readFiles, strange, violations, World, wrongSnapshots } from './world.ts'

const whole = process.env['OFFSTAGE_SOAK'] === '1'
const distances = [1, 2, 3, 5, 50]
const big = { text: 'x'.repeat(1_200) }

let machines: Machines
beforeAll(async () => {
  vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  machines = await Machines.make()
}, 60_000)
afterAll(async () => {
  vi.restoreAllMocks()
  await machines.end()
})

/** A store with a process that sleeps: its clock stands still, and with it all that it does by itself. */
async function asleep(rotations: number) {
  const world = new World(rotations, { segmentBytes: 1_024, historyFor: 0, historyBytes: 0 })
  const own = new VirtualClock({ now: world.clock.now() })
  const sleeper = world.station('s', { clock: own })
  const other = world.station('o')
  await sleeper.submit('held', 'seen', 'gone')
  const [held] = await sleeper.claim()
  const seen = await sleeper.store.get('seen')
  const gone = await sleeper.store.get('gone')
  const changes: StoreChange[] = []
  sleeper.store.subscribe((change) => void changes.push(change))
  // the observer needs looks, spread over a lease, to tell that the sleeper is dead
  await other.submit('awake')
  await world.clock.advance(40_000)
  const [won] = await other.claim()
  if (won !== undefined) await other.complete(won)
  await other.cancel('gone')
  await other.forget('gone')
  for (let i = 1; i <= rotations; i += 1) {
    await other.submit(world.submitOf(`big${i}`, big))
    world.clock.step(later)
  }
  await other.ask(() => other.store.tidy())
  expect(other.errors).toEqual([])
  const wake = async (): Promise<void> => {
    own.step(world.clock.now() - own.now())
    await own.advance(5_000)
  }
  const wrong = async (): Promise<string[]> => {
    const fresh = world.station('f')
    await fresh.ask(() => fresh.store.get('seen'))
    await sleeper.ask(() => sleeper.store.get('seen'))
    await other.ask(() => other.store.get('seen'))
    const files = readFiles(world.disk)
    return [fresh, sleeper, other]
      .flatMap((station) => [...station.errors.map(String), ...strange(station, files, true)])
      .concat(violations(world, files, false), wrongSnapshots(world.disk, files))
  }
  return { world, sleeper, other, held, won, seen, gone, changes, wake, wrong }
}

describe.each(distances)('a process that slept through %i rotations', (rotations) => {
  it('writes where all others read', async () => {
    const { world, sleeper, wrong } = await asleep(rotations)
    if (rotations >= 3) expect(world.disk.get(layout.segment(1))).toBeUndefined()
    await sleeper.submit('late')
    expect(sleeper.errors).toEqual([])
    expect(world.acknowledged).toContainEqual(expect.objectContaining({ what: 'submit', task: 'late' }))
    expect(await wrong()).toEqual([])
  })

  it('finds its claim void, and is told so', async () => {
    const { sleeper, other, held, won, wrong } = await asleep(rotations)
    if (held === undefined) throw new Error('nothing was claimed')
    const late = await sleeper.ask(() =>
      sleeper.store.append({ type: 'complete', task: held.task.id, claim: held.claim, result: 1, at: 0 }),
    )
    expect(late).toMatchObject({ accepted: false })
    expect(held.task.snapshot.context.claim).not.toBe(held.claim)
    const claims = await sleeper.claim()
    expect(claims).toEqual([])
    expect(sleeper.errors.splice(0).map(({ code }) => code)).toEqual(['FENCED'])
    const again = await other.claim(5)
    expect([won?.task, ...again.map(({ task }) => task)].map((task) => task?.id)).toContain(held.task.id)
    expect(await wrong()).toEqual([])
  })

  it('shows by the tasks that it held what has become of them, and tells those who waited', async () => {
    const { sleeper, held, seen, gone, changes, wake, wrong } = await asleep(rotations)
    await wake()
    expect(await sleeper.store.get('held')).toBe(held?.task)
    expect(await sleeper.store.get('seen')).toBe(seen)
    expect(held?.task.snapshot.context.claim).toBeUndefined()
    expect(await sleeper.store.get('gone')).toBeUndefined()
    const told = (id: string): string[] =>
      changes.flatMap((change) => ('event' in change && change.task.id === id ? [change.event.type] : []))
    expect(told('gone')).toContain('forget')
    const completed = [seen, held?.task].filter((task) => task?.status === 'completed')
    expect(completed).toHaveLength(1)
    for (const task of completed) expect(told(task?.id ?? '')).toContain('complete')
    expect(gone?.settled).toBe(true)
    expect(await wrong()).toEqual([])
  })
})

describe.each(distances)('a process that is stopped in the middle of a write, for %i rotations', (rotations) => {
  it.each(['submit', 'claim', 'complete'] as const)(
    'has its %s seen by all or refused, whichever operation it was stopped at',
    { timeout: 1_200_000 },
    async (what) => {
      const wrong: string[] = []
      let operations = 1
      const step = rotations > 5 && !whole ? 4 : 1
      for (let n = 0; n <= operations; n += step) {
        const machine = machines.begin(n)
        const { p, q, r } = machine
        await p.open()
        await q.open()
        if (what === 'complete') await p.do(p.claim())
        const command = { submit: p.submit('p1', true), claim: p.claim(), complete: p.complete('target', 'p.1') }[what]
        await p.begin(command)
        await p.thread.go(n)
        for (let i = 1; i <= rotations; i += 1) {
          await q.do(q.submit(`q${i}`))
          machine.at += later
        }
        await q.do(q.submit('q', true))
        const answer = await p.finish()
        operations = p.thread.granted.length
        if (answer.error?.code === 'FOREIGN') wrong.push(`${n}: ${answer.error.message}`)
        await r.open()
        await r.do(r.claim())
        await machine.complete()
        for (const each of await machine.wrong(answer.error === undefined ? [p, q, r] : [q, r]))
          wrong.push(`behind operation ${n}: ${each}`)
        if (answer.error !== undefined) wrong.push(`behind operation ${n}: ${answer.error.message}`)
        // those who had far to go do more operations: where it was stopped is what counts
        operations = Math.min(operations, 14)
      }
      expect(wrong).toEqual([])
    },
  )
})
