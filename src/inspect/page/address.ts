/** @module What is looked at, as the part of the address behind `#`: it can be shared, and the back button works. */
import type { Query, ViewName } from '../protocol.ts'

export const viewNames: readonly ViewName[] = ['chart', 'tasks', 'task', 'timeline', 'sequence', 'schedules', 'actors']
const statuses: readonly string[] = ['pending', 'running', 'completed', 'failed', 'cancelled']
const latest = 8.64e15
const rows = 200

const count = (text: string, most = Number.MAX_SAFE_INTEGER): number | undefined =>
  /^\d{1,16}$/.test(text) && Number(text) <= most ? Number(text) : undefined
const time = (text: string): number | undefined =>
  /^-?\d{1,16}(?:\.\d{1,6})?$/.test(text) && Math.abs(Number(text)) <= latest ? Number(text) : undefined
const short = (text: string): string | undefined => (text === '' ? undefined : text.slice(0, 200))

/** How each member is read; undefined for what cannot be, which is left out. */
const readers: ReadonlyMap<string, (text: string) => unknown> = new Map<string, (text: string) => unknown>([
  ['task', (text) => (/^[A-Za-z0-9][A-Za-z0-9_@.-]{0,79}$/.test(text) ? text : undefined)],
  ['status', (text) => (statuses.includes(text) ? text : undefined)],
  ['actor', short],
  ['recipe', short],
  ['search', short],
  ['at', (text) => count(text)],
  ['from', (text) => count(text)],
  ['size', (text) => count(text, rows)],
  ['since', time],
  ['until', time],
])

type Change = { readonly [Member in keyof Query]?: Query[Member] | undefined }

/** `#/tasks?status=failed` as a query. What cannot be is left out. */
export function queryOf(hash: string): Query {
  const [, name = '', rest = ''] = /^#?\/?([a-z]*)\??(.*)$/s.exec(hash) ?? []
  const query: Record<string, unknown> = { view: viewNames.find((each) => each === name) ?? 'chart' }
  for (const [key, value] of new URLSearchParams(rest)) {
    const read = readers.get(key)?.(value)
    if (read !== undefined) query[key] = read
  }
  return query as unknown as Query
}

/** The parameters of a query, those that say nothing left out. */
export function paramsOf(query: Query, except?: keyof Query): URLSearchParams {
  const params = new URLSearchParams()
  for (const [key, value] of Object.entries(query))
    if (value !== undefined && key !== except) params.set(key, String(value))
  return params
}

export function hashOf(query: Query): string {
  const params = paramsOf(query, 'view').toString()
  return `#/${query.view}${params === '' ? '' : `?${params}`}`
}

/** Another view begins without the filters and the zoom of the one before; moment and task stay. */
export function changed(query: Query, change: Change): Query {
  const base: Change =
    change.view !== undefined && change.view !== query.view
      ? { view: query.view, at: query.at, task: query.task }
      : query
  const entries = Object.entries({ ...base, ...change }).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as unknown as Query
}
