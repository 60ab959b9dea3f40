/** Rule 5: processes that rotate the journal, killed and stopped between any two of their operations on files. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/random.ts'
import type { Answer } from './stepped.ts'
import { type Machine, Machines } from './stepped-machine.ts'

const whole = process.env['OFFSTAGE_SOAK'] === '1'
/** How many orders of each kind belong to the gate. */
const sample = 25

let machines: Machines

beforeAll(async () => {
  machines = await Machines.make()
}, 60_000)
afterAll(() => machines.end())

type First = 'rotates' | 'claims'

async function opened(seed: number): Promise<Machine> {
  const machine = machines.begin(seed)
  await machine.p.open()
  await machine.q.open()
  return machine
}

const errorsOf = (answers: readonly Answer[]): string[] =>
  answers.flatMap(({ error }) => (error === undefined ? [] : [`${error.code}: ${error.message}`]))

/** The first does something, and stands still behind so many operations; then the others do all that they want to. */
async function interrupted(first: First, operation: number, fate: 'is killed' | 'goes on'): Promise<string[]> {
  const machine = await opened(operation)
  const { p, q, r } = machine
  await p.begin(first === 'rotates' ? p.submit('p1') : p.claim())
  await p.thread.go(operation)
  if (fate === 'is killed') {
    p.learn()
    await p.thread.kill()
  }
  const answers = [await q.do(q.submit('q1'))]
  await r.open()
  answers.push(
    await r.do(r.submit('r1')),
    await q.do(q.submit('q2')),
    await r.do(r.claim('last')),
    await q.do(q.claim()),
  )
  if (fate === 'goes on') {
    answers.push(await p.finish())
    answers.push(await p.do(p.claim()), await p.do(p.submit('p2')))
  }
  await machine.complete()
  return [...errorsOf(answers), ...(await machine.wrong(fate === 'goes on' ? [p, q, r] : [q, r]))]
}

async function operationsOf(first: First): Promise<readonly string[]> {
  const { p } = await opened(1)
  await p.do(first === 'rotates' ? p.submit('p1') : p.claim())
  return p.thread.granted
}

/** Two do something at the same time. `next` says who is next: true is the first. */
async function together(seed: number, what: readonly [First, First], next: () => boolean): Promise<string[]> {
  const machine = await opened(seed)
  const { p, q, r } = machine
  await p.begin(what[0] === 'rotates' ? p.submit('p1') : p.claim())
  await q.begin(what[1] === 'rotates' ? q.submit('q1') : q.claim())
  while (p.thread.waits || q.thread.waits) {
    const isFirst = next()
    const { thread } = (isFirst || !q.thread.waits) && p.thread.waits ? p : q
    await thread.step()
  }
  const answers = [p.learn(), q.learn()]
  await r.open()
  answers.push(await r.do(r.submit('r1')), await p.do(p.submit('p2')), await q.do(q.claim('last')))
  await machine.complete()
  return [...errorsOf(answers), ...(await machine.wrong([p, q, r]))]
}

describe('a process that is', () => {
  it.each([
    ['rotates', 'is killed'],
    ['rotates', 'goes on'],
    ['claims', 'is killed'],
    ['claims', 'goes on'],
  ] as const)(
    'stopped at any operation while it %s, and then %s, harms nobody',
    { timeout: 600_000 },
    async (first, fate) => {
      const { length } = await operationsOf(first)
      const wrong: string[] = []
      for (let n = 0; n <= length; n += 1)
        for (const each of await interrupted(first, n, fate)) wrong.push(`before operation ${n + 1}: ${each}`)
      console.log(`${first}, ${fate}: ${length} operations`)
      expect(wrong).toEqual([])
      expect(length).toBeGreaterThan(first === 'rotates' ? 40 : 10)
    },
  )
})

describe('two processes that at the same time', () => {
  it.each([
    ['rotates', 'rotates'],
    ['rotates', 'claims'],
    ['claims', 'claims'],
  ] as const)('one %s and one %s, agree whoever waits for whom', { timeout: 3_600_000 }, async (one, other) => {
    const first = (await operationsOf(one)).length
    const second = (await operationsOf(other)).length
    const wrong: string[] = []
    let runs = 0
    const every = whole ? 1 : Math.ceil((first * second) / sample)
    for (let place = 0; place < first * second; place += every) {
      const i = Math.floor(place / second)
      const j = place % second
      let step = 0
      runs += 1
      // the first goes i steps, the second j, then each to its end
      const next = (): boolean => ++step <= i || step > i + j
      for (const each of await together(place, [one, other], next)) wrong.push(`${i} steps, then ${j}: ${each}`)
    }
    for (let seed = 1; seed <= (whole ? 3_000 : sample); seed += 1) {
      const random = seededRandom(seed)
      runs += 1
      for (const each of await together(seed, [one, other], () => random.next() < 0.5))
        wrong.push(`order ${seed}: ${each}`)
    }
    console.log(`${one} and ${other}: ${first} × ${second} operations, ${runs} orders`)
    expect(wrong).toEqual([])
  })
})
