/** @module What tests of schedules work with: a definition, and a short hand for the records of schedules. */
import { strict as assert } from 'node:assert'
import type { Verdict } from '../../machines/fold-store.ts'
import type { ScheduleAddRecord, ScheduleDefinition, ScheduleRecord } from '../../machines/schedule-records.ts'
import type { StoredSchedule } from '../../machines/schedule-state.ts'
import type { Store } from '../../store/store.ts'
import type { Kit } from './kit.ts'

export const minute = 60_000
export const definition: ScheduleDefinition = {
  when: { text: 'every minute', tz: 'UTC' },
  target: { recipe: 'r', input: { n: 1 } },
  misfire: 'once',
  overlap: 'skip',
}

type Added = Partial<Omit<ScheduleAddRecord, 'type' | 'uid'>>

/** Adds a schedule under its name, with an id that tells the name. Its slots are minutes after that. */
export async function add(kit: Kit, name: string, wish: Added = {}, store = kit.store): Promise<Verdict> {
  return await store.append({ type: 'scheduleAdd', uid: `uid-${name}`, at: kit.tick(), name, ...definition, ...wish })
}

/** A slot so many minutes after the first, at which the clock stands then. */
export function slotOf(kit: Kit, minutes: number): number {
  kit.now = Math.max(kit.now, Date.UTC(2026, 0, 1, 1) + minutes * minute)
  return Date.UTC(2026, 0, 1, 1) + minutes * minute
}

/** Fires a slot by a task of its own; without a slot it is done by hand. */
export async function fire(
  kit: Kit,
  task: string,
  uid: string,
  slot?: number,
  rev = 1,
  store = kit.store,
): Promise<Verdict> {
  const firing = slot === undefined ? { uid, rev } : { uid, rev, slot }
  const [verdict] = await store.submit([kit.record(task, { recipe: 'r', schedule: firing })])
  assert.ok(verdict, 'submit answers with one verdict for each record')
  return verdict
}

type Command = 'schedulePause' | 'scheduleResume' | 'scheduleRemove' | 'scheduleExhaust'
export async function tell(kit: Kit, type: Command, uid: string, rev = 1, store = kit.store): Promise<Verdict> {
  return await store.append({ type, uid, rev, at: kit.tick() })
}
export const change = async (kit: Kit, record: ScheduleRecord): Promise<Verdict> => await kit.store.append(record)

export async function known(store: Store, name: string, owner?: string): Promise<StoredSchedule> {
  const schedule = await store.scheduleNamed(name, owner)
  assert.ok(schedule, `the store knows the schedule ${name}`)
  return schedule
}

/** The tasks and reasons of a history, the oldest first. */
export const told = ({ history }: StoredSchedule): string[] =>
  history.map(({ task, reason, status }) => `${task ?? reason} ${status ?? '…'}`)
export const outcome = ({ accepted, reason }: Verdict): unknown => (accepted ? 'accepted' : reason)
