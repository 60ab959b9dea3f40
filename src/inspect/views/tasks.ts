/** @module The list of tasks, newest first: a window of those that fit the query. */
import { statusOf } from '../../machines/store-state.ts'
import type { Position, Query, TaskRow, TasksView } from '../protocol.ts'
import type { Recorded, Track } from '../recording/recorded.ts'
import type { ViewHost } from './host.ts'
import { shown } from './plain.ts'
import { rowOf } from './row.ts'

const rowsUsually = 60
const mostRecipes = 200
/** Of how many of the newest tasks the recipes are looked at, and how many entries later anew. */
const looked = 20_000
const lookedAgainAfter = 500

export function tasksView(query: Query, n: Position, host: ViewHost): TasksView {
  const { recorded } = host
  const { from = 0, size = rowsUsually, status } = query
  const fits = fitsOf(query)
  const isAll = status === undefined && fits === undefined
  const total = isAll ? recorded.tallyAt(n).tasks : undefined
  const rows: TaskRow[] = []
  let found = 0
  for (const track of recorded.tracks()) {
    if (total !== undefined && rows.length === size) break
    if (fits !== undefined && !fits(track)) continue
    const snapshot = recorded.snapshotAt(track, n)
    if (snapshot === undefined) continue
    if (status !== undefined && statusOf(snapshot) !== status) continue
    if (found >= from && rows.length < size) rows.push(rowOf(track, snapshot, host))
    found += 1
  }
  return { view: 'tasks', from, total: total ?? found, rows, recipes: recipesOf(recorded, host) }
}

function fitsOf({ recipe, search = '' }: Query): ((track: Track) => boolean) | undefined {
  if (recipe === undefined && search === '') return undefined
  // an expression looks without regard to case as it reads: texts in lower case would be copies of all that is searched
  const wanted = new RegExp(search.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'), 'i')
  return ({ task: { id, spec } }) => {
    if (recipe !== undefined && spec.recipe !== recipe) return false
    if (search === '' || wanted.test(spec.name) || wanted.test(id)) return true
    return (
      (spec.recipe !== undefined && wanted.test(spec.recipe)) || (spec.tags?.some((tag) => wanted.test(tag)) ?? false)
    )
  }
}

const recipes = new WeakMap<Recorded, { readonly at: Position; readonly names: readonly string[] }>()

/** What can be chosen: the recipes of the newest tasks. */
function recipesOf(recorded: Recorded, { redact }: ViewHost): readonly string[] {
  const known = recipes.get(recorded)
  if (known !== undefined && recorded.last - known.at < lookedAgainAfter && known.names.length > 0) return known.names
  const found = new Set<string>()
  let seen = 0
  for (const { task } of recorded.tracks()) {
    if (task.spec.recipe !== undefined) found.add(task.spec.recipe)
    seen += 1
    if (seen === looked || found.size === mostRecipes) break
  }
  const names = [...found].sort().map((name) => shown(name, redact))
  recipes.set(recorded, { at: recorded.last, names })
  return names
}
