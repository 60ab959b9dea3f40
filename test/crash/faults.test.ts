/** B4: a fault at the nth operation on the files, for every n, once and for ever. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Disk } from '../../src/store/file/disk.ts'
import type { Fault } from '../../src/testing/faults.ts'
import { dir, layout, readFiles, type Station, strange, violations, World, watched, wrongSnapshots } from './world.ts'

const faults: readonly Fault[] = ['ENOSPC', 'EIO', 'EROFS', 'EMFILE', 'EACCES', 'short']
const whole = process.env['OFFSTAGE_SOAK'] === '1'
/** One run in so many belongs to the gate. */
const sample = Number(process.env['OFFSTAGE_FAULT_SAMPLE'] ?? (whole ? 1 : 12))
const big = 'b'.repeat(70_000)

beforeAll(() => void vi.spyOn(process, 'emitWarning').mockImplementation(() => {}))
afterAll(() => void vi.restoreAllMocks())

interface Three {
  readonly world: World
  readonly a: Station
  readonly b: Station
  readonly c: Station
}

function three(seed: number, wrap: Readonly<Record<string, (disk: Disk) => Disk>> = {}): Three {
  const world = new World(seed, { segmentBytes: 2_000 })
  return {
    world,
    a: world.station('a', {}, wrap['a']),
    b: world.station('b', {}, wrap['b']),
    c: world.station('c', {}, wrap['c']),
  }
}

/** All that a store can do, by three processes; the first closes its store in the end. */
async function scenario({ world, a, b, c }: Three): Promise<void> {
  await a.submit('t1', 't2', 't3')
  await Promise.all([a.submit('t4'), b.submit('t5'), a.submit('t6')])
  const [first, second] = await b.claim(2)
  if (first !== undefined) await b.progress(first)
  if (first !== undefined) await b.complete(first)
  if (second !== undefined) await Promise.all([b.fail(second), a.cancel('t6')])
  await a.submit(world.submitOf('t7', big), 't8')
  await world.clock.advance(300)
  const [third, fourth] = await a.claim(2)
  if (third !== undefined) await a.complete(third, big)
  await Promise.all([c.submit('t9', 't10'), a.submit('t11'), b.claim(1)])
  if (fourth !== undefined) await Promise.all([a.progress(fourth), a.progress(fourth), a.complete(fourth)])
  await a.forget('t6')
  await a.ask(() => a.store.tidy({ olderThan: 0 }))
  await c.cancel('t10')
  await Promise.all([a.submit('t12'), c.submit('t13')])
  await a.close()
}

type After = 'others go on' | 'the power fails, strictly' | 'the power fails'
const afters: readonly After[] = ['others go on', 'the power fails, strictly', 'the power fails']

/** What is wrong afterwards. */
async function afterwards({ world, a, b, c }: Three, after: After, faulty?: Station): Promise<string[]> {
  const wrong: string[] = []
  for (const { name, lost, afterLoss } of [a, b, c]) {
    if (lost > 1) wrong.push(`${name} was told ${lost} times that the store is lost`)
    for (const note of afterLoss) wrong.push(`I9: ${name} was told of the ${note} after the store was lost`)
  }
  const powerCut = after !== 'others go on'
  if (powerCut) world.cutPower(after === 'the power fails, strictly')
  const fresh = world.station('d')
  const others = powerCut ? [] : [b, c]
  const check = (stations: readonly Station[]): void => {
    const files = readFiles(world.disk)
    wrong.push(...violations(world, files, powerCut), ...wrongSnapshots(world.disk, files))
    for (const station of stations) wrong.push(...strange(station, files, station.lost === 0 && station.answered))
  }
  await fresh.ask(() => fresh.store.get('t1'))
  check([fresh, ...(powerCut ? [] : [a])].filter((station) => station === fresh || station.lost > 0))
  for (const other of [...others, fresh]) {
    await other.submit(`${other.name}1`)
    const [won] = await other.claim(1)
    if (won !== undefined) await other.complete(won)
  }
  for (const other of others) await other.ask(() => other.store.get('t1'))
  await fresh.ask(() => fresh.store.get('t1'))
  check([...others, fresh])
  if (fresh.errors.length > 0) wrong.push(`a fresh process was told ${fresh.errors.join('; ')}`)
  for (const other of others) {
    const { name, errors, lost } = other
    if (other !== faulty && lost === 0 && errors.length > 0)
      wrong.push(`${name}, which had no fault, was told ${errors.join('; ')}`)
  }
  await world.clock.advance(1_000)
  await fresh.ask(() => fresh.store.tidy({ olderThan: 0 }))
  const temporary = [dir, layout.journal, layout.snapshots, layout.blobs].flatMap((folder) =>
    world.disk.list(folder).filter((name) => name.endsWith('.tmp')),
  )
  if (temporary.length > 0) wrong.push(`${temporary.length} temporary files are left`)
  for (const station of [...others, fresh]) await station.close()
  return wrong
}

describe('three processes on one disk', () => {
  it('do all that they are asked to while nothing fails', async () => {
    const all = three(1)
    await scenario(all)
    expect([...all.a.errors, ...all.b.errors, ...all.c.errors]).toEqual([])
    expect(await afterwards(all, 'others go on')).toEqual([])
    expect(all.world.acknowledged.length).toBeGreaterThan(20)
    expect(readFiles(all.world.disk).segments.length).toBeGreaterThan(3)
    expect(readFiles(all.world.disk).snapshots.length).toBeGreaterThan(2)
  })

  it('keep all invariants whatever operation fails, and however', { timeout: 3_600_000 }, async () => {
    const failures: string[] = []
    let runs = 0
    let place = 0
    const counts: string[] = []
    for (const name of ['a', 'b', 'c'] as const) {
      const seen: string[] = []
      await scenario(three(1, { [name]: (disk) => watched(disk, (operation) => void seen.push(operation)) }))
      counts.push(`${name} ${seen.length}`)
      for (const fault of faults) {
        for (const forever of [false, true]) {
          for (let n = 1; n <= seen.length; n += 1) {
            if (fault === 'short' && seen[n - 1] !== 'append') continue
            place += 1
            if (place % sample !== 0) continue
            for (const after of whole ? afters : [afters[Math.floor(place / sample) % 3] as After]) {
              runs += 1
              const all = three(whole ? place : place * 7)
              all[name].disk.failAt(n, fault, { forever })
              const where = `${fault} at operation ${n} (${seen[n - 1]}) of ${name}${forever ? ' for ever' : ''}, then ${after}`
              try {
                await scenario(all)
                for (const wrong of await afterwards(all, after, all[name])) failures.push(`${where}: ${wrong}`)
              } catch (error) {
                failures.push(`${where}: ${String(error)}`)
              }
            }
          }
        }
      }
    }
    console.log(`operations: ${counts.join(', ')}; ${place} faults, ${runs} runs`)
    if (failures.length > 0)
      console.log(failures.length, failures.slice(0, Number(process.env['SHOW'] ?? 40)).join('\n'))
    expect(failures).toEqual([])
  })
})
