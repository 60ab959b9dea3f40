/** @module `offstage replay`: the life of a task, step by step. */
import { type BackgroundRunner, OffstageError, type Store } from '../../index.ts'
import type { Call } from '../command.ts'
import { statusPart } from '../ending.ts'
import { Exit } from '../exit.ts'
import { count, span } from '../human.ts'
import { Life } from '../life.ts'
import { type LifeRow, plainOf, rowOf } from '../life-words.ts'
import type { Output } from '../output.ts'
import { openSession } from '../session.ts'
import { type Column, table } from '../table.ts'
import { findTask } from '../tasks.ts'
import { type Line, type Part, styled } from '../text.ts'

export async function replay(call: Call): Promise<Exit> {
  const { args, out } = call
  const { runner, store } = await openSession(call)
  const life = await lifeOf(runner, store, args[0] ?? '')
  if (out.json) tellJson(out, life)
  else tell(out, life)
  return Exit.DONE
}

/** The life of a task, of one that was forgotten too, if the id is whole. */
async function lifeOf(runner: BackgroundRunner, store: Store, given: string): Promise<Life> {
  let missing: unknown
  const id = await findTask(runner, given).then(
    (task) => task.id,
    (error: unknown) => {
      if (!OffstageError.is(error, 'NOT_FOUND')) throw error
      missing = error
      return given
    },
  )
  const life = new Life(id, await store.stream(id))
  if (store.history === undefined) {
    life.begin(await store.get(id))
    life.read({ type: 'level' })
  } else for await (const step of store.history()) life.read(step)
  if (missing !== undefined && life.steps.length === 0) throw missing
  return life
}

function tellJson(out: Output, life: Life): void {
  const { id, isWhole, leftOut, task, isForgotten } = life
  out.data({ type: 'begin', id, name: task?.spec.name, whole: isWhole, leftOut })
  for (const step of life.steps) out.data(plainOf(step))
  const { outcome } = task?.snapshot.context ?? {}
  out.data({ type: 'end', state: task?.state, forgotten: isForgotten, outcome })
}

const columns: readonly Column[] = [
  { title: 'AFTER', align: 'right' },
  { title: 'TIME', align: 'right' },
  { title: 'EVENT' },
  { title: 'STATE' },
  { title: 'WHO', least: 8 },
  { title: '', least: 16 },
]

function tell(out: Output, life: Life): void {
  const { task, id } = life
  const rows = life.steps.map(rowOf)
  const began = rows.find(({ at }) => at !== undefined)?.at ?? 0
  out.line(styled('bold', task?.spec.name ?? id), `  ${id}`)
  for (const note of notesOf(life)) out.note(styled('yellow', 'note'), ` ${note}`)
  out.lines(table(columns, linesOf(rows, began), out.width))
  if (task !== undefined) out.line(...endOf(life, began))
}

function notesOf({ isWhole, leftOut, steps }: Life): string[] {
  const first = steps.find(({ type }) => type === 'event' || type === 'progress')
  const since =
    first !== undefined && 'at' in first ? ` it is told from ${new Date(first.at).toISOString()} on, and` : ''
  return [
    ...(isWhole
      ? []
      : [`the beginning is no longer in the journal:${since} steps without details are what the store keeps`]),
    ...(leftOut > 0 ? [`the oldest ${count(leftOut, 'step')} are left out`] : []),
  ]
}

/** Times of one day carry the day once. */
function linesOf(rows: readonly LifeRow[], began: number): Line[] {
  let day = ''
  return rows.map(({ at, mark, event, state, who, what }) => {
    const [date = '', time = ''] = at === undefined ? [] : new Date(at).toISOString().split('T')
    const when = date === day || date === '' ? time : `${date} ${time}`
    if (date !== '') day = date
    const after = at === undefined ? '' : `${at < began ? '' : '+'}${span(at - began)}`
    return [styled('dim', after), styled('dim', when), partOf(mark, event), statePart(state), who, partOf(mark, what)]
  })
}

function partOf(mark: LifeRow['mark'], text: string): Part {
  if (mark === '') return text
  return styled(mark === 'void' ? 'yellow' : mark === 'damage' ? 'red' : 'dim', text)
}

/** A way has the colour of where it leads. */
function statePart(state: string): Part {
  const status = state.split(' ').at(-1)?.split('.')[0] ?? ''
  const part = statusPart(status)
  return typeof part === 'string' ? state : { ...part, text: state }
}

function endOf({ task, isForgotten }: Life, began: number): Line {
  if (task === undefined) return []
  const { outcome, endedAt, run } = task.snapshot.context
  const runs = run === 0 ? 'never started' : `started ${run === 1 ? 'once' : `${run} times`}`
  const took = endedAt === undefined ? '' : ` after ${span(endedAt - began)}`
  const why =
    outcome?.status === 'failed'
      ? `: ${outcome.error.code}: ${outcome.error.message}`
      : outcome?.status === 'cancelled' && outcome.reason !== undefined
        ? `: ${outcome.reason}`
        : ''
  const state = outcome === undefined ? `it is ${task.state}` : ''
  return [
    ...(state === '' ? [statusPart(task.status)] : [state]),
    took,
    why,
    `, ${runs}`,
    isForgotten ? ', and forgotten' : '',
  ]
}
