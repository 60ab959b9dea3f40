/** @module Queries as they come in an address: every member is checked, and bounded. */
import { ValidationError } from '../../errors.ts'
import type { Query, ViewName } from '../protocol.ts'

const views: readonly ViewName[] = ['chart', 'tasks', 'task', 'timeline', 'sequence', 'schedules', 'actors']
const statuses = ['pending', 'running', 'completed', 'failed', 'cancelled'] as const
/** How many rows can be asked for at once. */
export const mostRows = 200
const longestText = 200
const latest = 8.64e15

const known: Readonly<Record<Exclude<keyof Query, 'view'>, (text: string, name: string) => unknown>> = {
  at: (text, name) => whole(text, name, Number.MAX_SAFE_INTEGER),
  task: id,
  actor: short,
  status: (text, name) => oneOf(text, name, statuses),
  recipe: short,
  search: short,
  from: (text, name) => whole(text, name, Number.MAX_SAFE_INTEGER),
  size: (text, name) => whole(text, name, mostRows),
  since: (text, name) => time(text, name),
  until: (text, name) => time(text, name),
}

/** Reads a query. @throws {ValidationError} that names the parameter, also for one that nobody reads or that stands twice. */
export function readQuery(parameters: URLSearchParams): Query {
  const query: Record<string, unknown> = { view: oneOf(parameters.get('view') ?? 'chart', 'view', views) }
  for (const name of new Set(parameters.keys())) {
    const [text = '', ...more] = parameters.getAll(name)
    if (more.length > 0) throw new ValidationError(name, 'given once', more.length + 1)
    if (name === 'view') continue
    if (!Object.hasOwn(known, name)) throw new ValidationError('a parameter', Object.keys(known).join(', '), name)
    query[name] = known[name as keyof typeof known](text, name)
  }
  return query as unknown as Query
}

function oneOf<T extends string>(text: string, name: string, allowed: readonly T[]): T {
  if (allowed.includes(text as T)) return text as T
  throw new ValidationError(name, allowed.join(', '), text)
}

function whole(text: string, name: string, most: number): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  if (value <= most) return value
  throw new ValidationError(name, `a whole number from 0 to ${most}`, text)
}

function time(text: string, name: string): number {
  const value = /^-?\d{1,16}(?:\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN
  if (Math.abs(value) <= latest) return value
  throw new ValidationError(name, 'a time in epoch ms', text)
}

function short(text: string, name: string): string {
  if (text.length <= longestText) return text
  throw new ValidationError(name, `text of at most ${longestText} characters`, text.length)
}

function id(text: string, name: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9_@.-]{0,79}$/.test(text)) return text
  throw new ValidationError(name, 'the id of a task', text)
}
