/** @module What the commands of schedules have in common. */
import type { Schedule, ScheduleChanges, ScheduleOwner } from '../index.ts'
import { type Call, textOption } from './command.ts'
import { statusPart } from './ending.ts'
import { usageError } from './exit.ts'
import { span } from './human.ts'
import { durationOption, integerOption, jsonOption } from './input.ts'
import { type Part, styled } from './text.ts'

/** Whose schedules are meant. */
export function ownerOf(call: Call): ScheduleOwner {
  const owner = textOption(call, 'owner')
  return owner === undefined ? {} : { owner }
}

/** What the options say of a schedule. */
export async function definitionOf(call: Call): Promise<ScheduleChanges> {
  const given = {
    tz: textOption(call, 'tz'),
    recipe: textOption(call, 'recipe'),
    input: await jsonOption(call, 'input', '--input'),
    message: textOption(call, 'message'),
    misfire: choice(call, 'misfire', ['once', 'skip', 'all']),
    overlap: choice(call, 'overlap', ['skip', 'queue', 'cancel-previous']),
    jitter: durationOption(call, 'jitter', '--jitter', 0),
    maxRuns: integerOption(call, 'maxRuns', '--max-runs', 1, 999_999_999_999),
    until: textOption(call, 'until'),
    once: call.options.once === true ? true : undefined,
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

function choice(call: Call, name: string, allowed: readonly string[]): string | undefined {
  const value = textOption(call, name)
  if (value === undefined || allowed.includes(value)) return value
  const last = allowed.at(-1)
  throw usageError(`--${name} must be ${allowed.slice(0, -1).join(', ')} or ${last}, got ${JSON.stringify(value)}`)
}

/** A moment that an option names. @throws {OffstageError} USAGE */
export function timeOption(call: Call, name: string): Date | undefined {
  const given = textOption(call, name)
  if (given === undefined) return undefined
  const at = new Date(given)
  if (/^\d{4}-\d{2}-\d{2}/.test(given) && !Number.isNaN(at.getTime())) return at
  throw usageError(`--${name} must be a time such as 2030-01-31T09:00Z, got ${JSON.stringify(given.slice(0, 80))}`)
}

/** A time as the clocks of a zone show it. */
export function inZone(at: Date, tz: string): string {
  const parts = new Intl.DateTimeFormat('sv-SE', {
    timeZone: tz,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).format(at)
  return `${parts} ${tz}`
}

/** When it fires next, and how long until then. */
export function nextOf({ next, tz }: Schedule, now: number): string {
  if (next === undefined) return ''
  const wait = next.getTime() - now
  return `${inZone(next, tz)} (${wait > 0 ? `in ${span(wait)}` : 'due'})`
}

/** What came of its last slot. */
export function lastOf({ history }: Schedule): Part {
  const last = history.at(-1)
  if (last === undefined) return ''
  return last.status === 'skipped' ? styled('yellow', `skipped ${last.reason ?? ''}`) : statusPart(last.status)
}
