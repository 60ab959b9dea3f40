/** @module What is looked at, as the part of the address behind `#`: it can be shared, and the back button works. */
import type { Query, ViewName } from '../protocol.ts'

export const viewNames: readonly ViewName[] = ['chart', 'tasks', 'task', 'timeline', 'sequence', 'schedules', 'actors']
const numbers: ReadonlySet<string> = new Set(['at', 'from', 'size', 'since', 'until'])
const texts: ReadonlySet<string> = new Set(['task', 'actor', 'status', 'recipe', 'search'])

type Change = { readonly [Member in keyof Query]?: Query[Member] | undefined }

/** `#/tasks?status=failed` as a query. What cannot be is left out. */
export function queryOf(hash: string): Query {
  const [, name = '', rest = ''] = /^#?\/?([a-z]*)\??(.*)$/s.exec(hash) ?? []
  const query: Record<string, unknown> = { view: viewNames.find((each) => each === name) ?? 'chart' }
  for (const [key, value] of new URLSearchParams(rest)) {
    if (texts.has(key) && value !== '') query[key] = value.slice(0, 200)
    else if (numbers.has(key) && value !== '' && Number.isFinite(Number(value))) query[key] = Number(value)
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
