import { readdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { StoredSchedule } from '../../../src/machines/schedule-state.ts'
import { FileStore } from '../../../src/store/file/store.ts'

const definition = { when: { every: 1 }, target: { recipe: 'r' }, misfire: 'once', overlap: 'queue' } as const
const limits = { timeout: undefined, grace: 0, maxAttempts: 1, maxOrphans: 1 }
const segmentEvents = 10

let home = ''
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'offstage-'))
})
afterEach(() => rm(home, { recursive: true, force: true }))

const add = (store: FileStore, uid: string) =>
  store.append({ type: 'scheduleAdd', uid, at: 0, name: uid, ...definition })
const fire = async (store: FileStore, uid: string, slot: number, by = '') => {
  const task = `${uid}-${slot}${by}`
  const [verdict] = await store.submit([
    { type: 'submit', task, at: slot, name: task, limits, recipe: 'r', schedule: { uid, rev: 1, slot } },
  ])
  return verdict?.accepted
}
const said = (schedules: readonly StoredSchedule[]) =>
  schedules.map(({ uid, status, lastSlot, previous, definition: { when }, history, open }) => {
    return { uid, status, lastSlot, previous, when, history, open: [...open] }
  })

describe('schedules in a journal of many segments', () => {
  it('are the same for who wrote them, who slept meanwhile, and who opens later', async () => {
    const dir = join(home, 'store')
    await using writer = await new FileStore({ dir, segmentEvents }).open()
    await using sleeper = await new FileStore({ dir, segmentEvents, watch: false }).open()
    let told = 0
    sleeper.onSchedules(() => {
      told += 1
    })
    for (const uid of ['a', 'b', 'c']) await add(writer, uid)
    await writer.append({ type: 'scheduleRemove', uid: 'b', rev: 1, at: 1 })
    for (let slot = 1; slot <= 20; slot += 1) expect(await fire(writer, 'a', slot)).toBe(true)
    await writer.append({ type: 'cancel', task: 'a-20', at: 21 })
    const wanted = said(await writer.schedules())
    expect(wanted).toMatchObject([{ uid: 'a', lastSlot: 20, previous: 20 }, { uid: 'c' }])
    expect(said(await sleeper.schedules())).toEqual(wanted)
    expect(told).toBeGreaterThan(0)
    expect(await fire(sleeper, 'a', 20, ' again')).toBe(false)
    expect(await fire(sleeper, 'a', 21)).toBe(true)
    expect(await fire(sleeper, 'b', 21)).toBe(false)
    await vi.waitFor(() => expect(readdirSync(join(dir, 'snapshots'))).not.toEqual([]), { timeout: 20_000 })
    await using later = await new FileStore({ dir, segmentEvents }).open()
    expect(said(await later.schedules())).toEqual(said(await writer.schedules()))
    expect((await later.inspect()).damaged).toBe(0)
  })

  it('keep a slot used when two who hold the store fire it at the same moment, again and again', async () => {
    const dir = join(home, 'store')
    await using one = await new FileStore({ dir, segmentEvents }).open()
    await using two = await new FileStore({ dir, segmentEvents }).open()
    await add(one, 'a')
    for (let slot = 1; slot <= 25; slot += 1) {
      const fired = await Promise.all([fire(one, 'a', slot, ' one'), fire(two, 'a', slot, ' two')])
      expect(fired.sort()).toEqual([false, true])
    }
    expect((await one.schedule('a'))?.snapshot.context.fired).toBe(25)
  })

  it('are copied at the door, and refused when JSON cannot say them', async () => {
    await using store = await new FileStore(join(home, 'store')).open()
    const when = { every: 1 }
    await store.append({ type: 'scheduleAdd', uid: 'a', at: 0, name: 'a', ...definition, when })
    when.every = 2
    expect((await store.schedule('a'))?.definition.when).toEqual({ every: 1 })
    const broken = store.append({
      type: 'scheduleAdd',
      uid: 'b',
      at: 0,
      name: 'b',
      ...definition,
      when: { n: Number.NaN },
    })
    await expect(broken).rejects.toThrow('NaN')
  })
})
