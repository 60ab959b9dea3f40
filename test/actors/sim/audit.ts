/**
 * @module The auditor: hears what was recorded, in order, and says what may have come of it. It knows nothing of charts and
 * plans, only what users were promised.
 */
import type { SubmitRecord } from '../../../src/machines/records.ts'
import type { Misfire, Overlap, ScheduleAddRecord, ScheduleRecord } from '../../../src/machines/schedule-records.ts'
import { slotsOf, upTo } from './times.ts'

/** What the auditor is told of a verdict. */
export interface Told {
  readonly accepted: boolean
  readonly reason: string | undefined
  /** Whether its schedule has changed. */
  readonly moved: boolean
}

/** The page of one schedule. */
export interface Page {
  readonly uid: string
  when: object
  misfire: Misfire
  overlap: Overlap
  maxRuns: number
  until: number
  status: 'active' | 'paused' | 'exhausted' | 'removed'
  rev: number
  /** No slot at or before it fires. */
  floor: number
  runs: number
  readonly fired: Set<number>
  readonly open: Set<string>
}

/** By how much a firing may be later than its plan, in ms: what a scheduler waits for, and what it is behind. */
const slack = 10_000
const mostFired = 100

export class Audit {
  readonly pages = new Map<string, Page>()
  readonly seen = new Map<string, number>()
  /** The first promise that was broken. */
  failure: Error | undefined
  readonly #patience: number

  /** @param patience By how many ms a slot may be late without having been missed. */
  constructor(patience: number) {
    this.#patience = patience
  }

  added(record: ScheduleAddRecord, { accepted }: Told): void {
    this.note(`add ${accepted}`)
    if (!accepted) return
    this.pages.set(record.uid, {
      uid: record.uid,
      status: record.paused === true ? 'paused' : 'active',
      rev: 1,
      floor: record.at,
      runs: 0,
      fired: new Set(),
      open: new Set(),
      ...said(record),
    })
  }

  told(record: ScheduleRecord, { accepted, reason }: Told): void {
    const { type, uid, rev, at } = record
    this.note(`${type} ${accepted || reason}`)
    const page = this.pages.get(uid)
    const isMeant = page !== undefined && isLive(page) && rev === page.rev
    if (!accepted) {
      if (isMeant && type === 'scheduleSkip' && page.status === 'active' && isFree(page, record))
        this.#fail(`a skip was refused that was right: ${reason}`)
      return
    }
    if (type === 'scheduleRemove' && page?.status === 'exhausted' && rev === page.rev) {
      page.status = 'removed'
      return
    }
    if (page === undefined || !isMeant) return this.#fail(`${type} of a schedule that was not there, or not as it was`)
    if (type === 'scheduleSkip') return this.#skipped(page, record)
    page.rev += 1
    if (type === 'schedulePause') page.status = 'paused'
    else if (type === 'scheduleRemove') page.status = 'removed'
    else if (type === 'scheduleExhaust') {
      if (slotsLeft(page) > 0) this.#fail('a schedule ended that had slots left')
      page.status = 'exhausted'
    } else if (type === 'scheduleResume') {
      page.status = 'active'
      page.floor = Math.max(page.floor, at)
    } else if (type === 'scheduleUpdate') {
      const { when } = page
      Object.assign(page, said(record))
      if (JSON.stringify(when) !== JSON.stringify(record.when)) page.floor = Math.max(page.floor, at)
      if (page.runs >= page.maxRuns) page.status = 'exhausted'
    }
  }

  fired(record: SubmitRecord, { accepted, reason, moved }: Told): void {
    const { uid = '', slot = 0, rev = 0, missed = 1 } = record.schedule ?? {}
    this.note(`fire ${accepted || reason}`)
    const page = this.pages.get(uid)
    if (page?.fired.has(slot) === true && (accepted || moved)) this.#fail(`slot ${slot} fired twice`)
    const isRight = page?.status === 'active' && rev === page.rev && isFree(page, { slot, at: record.at })
    if (!accepted && !moved) return isRight ? this.#fail(`a firing was refused that was right: ${reason}`) : undefined
    if (page === undefined || !isRight) return this.#fail(`slot ${slot} fired, though its schedule is ${page?.status}`)
    const isOpen = page.open.size > 0
    if (accepted && isOpen && page.overlap === 'skip') this.#fail(`slot ${slot} fired while a task was open`)
    if (!accepted && !(isOpen && page.overlap === 'skip')) this.#fail(`slot ${slot} was refused: ${reason}`)
    this.#judgeMissed(page, slot, record.at, missed)
    page.floor = slot
    page.fired.add(slot)
    if (!accepted) return
    page.runs += 1
    page.open.add(record.task)
    if (page.runs >= page.maxRuns) page.status = 'exhausted'
  }

  ended(task: string, uid: string): void {
    this.pages.get(uid)?.open.delete(task)
  }

  /** What a scheduler must have done by now that has lived for long enough. */
  late(now: number): void {
    for (const page of this.pages.values()) {
      if (page.status !== 'active') continue
      this.note('late')
      const slots = slotsOf(page.when)
      const due = slots[upTo(slots, page.floor)]
      if (due !== undefined && due <= Math.min(now, page.until))
        this.#fail(`slot ${due} did not fire, and it is ${now}`)
    }
  }

  /** After a time of peace. */
  over(): void {
    for (const page of this.pages.values())
      if (page.status === 'active' && slotsLeft(page) === 0) this.#fail('a schedule goes on that has no slots left')
  }

  #skipped(page: Page, { slot, at, reason }: { slot: number; at: number; reason: string }): void {
    if (page.status !== 'active' || !isFree(page, { slot, at }))
      this.#fail(`slot ${slot} was skipped that was not free`)
    if (reason === 'MISFIRE') {
      if (page.misfire !== 'skip') this.#fail(`slot ${slot} was skipped under misfire ${page.misfire}`)
      if (at - slot <= this.#patience) this.#fail(`slot ${slot} was skipped that was in time`)
    } else if (page.misfire === 'all') this.#judgeMissed(page, slot, at, 1)
    page.floor = slot
  }

  #judgeMissed(page: Page, slot: number, at: number, missed: number): void {
    const slots = slotsOf(page.when)
    const from = upTo(slots, page.floor)
    const place = upTo(slots, slot) - 1
    if (slots[place] !== slot) this.#fail(`${slot} is no slot`)
    if (page.misfire === 'all') {
      const due = upTo(slots, Math.min(at, page.until)) - from
      if (place > from && due < mostFired) this.#fail(`slot ${slots[from]} was left out`)
      return
    }
    const newer = slots[place + 1]
    if (newer !== undefined && newer <= Math.min(at - slack, page.until))
      this.#fail(`slot ${newer} has come, and ${slot} fired`)
    if (page.misfire === 'skip' && at - slot > this.#patience + slack)
      this.#fail(`slot ${slot} fired that was too late`)
    // others may have been ahead with older ones
    if (page.misfire === 'once' && missed < Math.min(place - from + 1, 1_000))
      this.#fail(`${missed} slots were missed?`)
  }

  #fail(what: string): never {
    this.failure ??= new Error(what)
    throw this.failure
  }

  /** @throws */
  broken(what: string): never {
    return this.#fail(what)
  }

  note(what: string): void {
    this.seen.set(what, (this.seen.get(what) ?? 0) + 1)
  }
}

const isLive = ({ status }: Page): boolean => status === 'active' || status === 'paused'
const isFree = ({ floor, until }: Page, { slot, at }: { slot: number; at: number }): boolean =>
  slot > floor && slot <= at && slot <= until
const slotsLeft = ({ when, floor, until }: Page): number => upTo(slotsOf(when), until) - upTo(slotsOf(when), floor)

function said({
  when,
  misfire,
  overlap,
  maxRuns,
  until,
}: Pick<ScheduleAddRecord, 'when' | 'misfire' | 'overlap' | 'maxRuns' | 'until'>) {
  return {
    when,
    misfire,
    overlap,
    maxRuns: maxRuns ?? Number.POSITIVE_INFINITY,
    until: until ?? Number.POSITIVE_INFINITY,
  }
}
