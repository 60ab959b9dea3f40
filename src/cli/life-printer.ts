/** @module The life of a task on a terminal, a line for each step, or as JSON, a value a line. */
import { iso } from '../machines/iso.ts'
import type { StoredTask } from '../machines/store-state.ts'
import { dataText } from './commands/logs.ts'
import { statusPart } from './ending.ts'
import { bytes, count, span } from './human.ts'
import type { Told } from './life.ts'
import type { Output } from './output.ts'
import { safeJson } from './safe.ts'
import { type Part, styled, textOf } from './text.ts'

const eventWidth = 9
const moveWidth = 36

export class LifePrinter {
  readonly #out: Output
  #began: number | undefined

  constructor(out: Output) {
    this.#out = out
  }

  print(told: Told): void {
    const out = this.#out
    if (out.json) return void out.data(plain(told))
    if (told.type === 'gone') {
      const kept = `; of what was before, ${count(told.kept, 'step')} ${told.kept === 1 ? 'is' : 'are'} kept`
      const text = `the journal does not reach back to its beginning${kept}`
      return void out.line(styled('yellow', text))
    }
    if (told.type === 'damage') {
      const { segment, line } = told.where
      const text = `${count(told.lines, 'line')} cannot be read at segment ${segment}, line ${line}`
      return void out.line(styled('red', text))
    }
    out.line(...this.#when(told.at), ...trimmed(partsOf(told)))
  }

  /** How it ended, or where it is. */
  end({ snapshot, state, status }: StoredTask, forgotten: boolean): void {
    const out = this.#out
    const { run, outcome, startedAt, endedAt } = snapshot.context
    if (out.json) {
      const ended = endedAt === undefined ? {} : { at: iso(endedAt) }
      return void out.data({ type: 'end', ...ended, state, status, run, outcome, forgotten })
    }
    const took =
      startedAt === undefined || endedAt === undefined ? '' : `, ${span(endedAt - startedAt)} after its last start`
    const runs = run === 0 ? ', never started' : ` in ${count(run, 'run')}`
    out.line()
    out.line(statusPart(status), state === status ? '' : ` (${state})`, runs, took, forgotten ? ', and forgotten' : '')
    if (outcome?.status === 'failed') out.line(styled('red', `${outcome.error.code}: ${outcome.error.message}`))
    else if (outcome?.status === 'cancelled') out.line(reasonOf(outcome))
    else if (outcome?.blob !== undefined)
      out.line(`its result of ${bytes(outcome.blob.bytes)} stands in a file of its own; offstage wait prints it`)
    else if (outcome?.result !== undefined) out.line(safeJson(outcome.result))
  }

  #when(at: number): Part[] {
    this.#began ??= at
    const since = at - this.#began
    return [styled('dim', iso(at)), ' ', `${since < 0 ? '' : '+'}${span(since)}`.padStart(9), '  ']
  }
}

function partsOf(told: Exclude<Told, { type: 'gone' | 'damage' }>): Part[] {
  const row = (event: string, ...parts: Part[]): Part[] => [event.padEnd(eventWidth), ' ', ...parts]
  switch (told.type) {
    case 'kept': {
      const { type, from, to, worker, run } = told.step
      return row(
        type,
        ...move(from, to),
        ...by(worker === undefined ? '' : `worker ${worker}`, run ? `run ${run}` : ''),
      )
    }
    case 'step':
      return row(told.event, ...move(told.from, told.to), ...by(told.by, told.detail))
    case 'progress': {
      const { first, last, times, message = '', until, at } = told
      const more = `${percent(first)} → ${percent(last)}, ${times} times in ${span(until - at)}`
      return row(told.type, (times === 1 ? percent(last) : more).padEnd(moveWidth), ...by(told.by, message))
    }
    case 'void': {
      const why = `void: ${told.reason}${told.about === undefined ? '' : ` ${told.about}`}`
      return row(told.event, styled('yellow', why.padEnd(moveWidth)), ...by(told.by, ''))
    }
    case 'log':
      return [styled('dim', told.level.padEnd(eventWidth)), ' ', told.message, dataText(told.data)]
    case 'output':
      return [styled('dim', told.type.padEnd(eventWidth)), ' ', JSON.stringify(told.chunk)]
  }
}

const by = (who: string, detail: string): Part[] => [
  styled('dim', who),
  who === '' || detail === '' ? '' : '  ',
  detail,
]
/** Without the space that nothing follows. */
function trimmed(parts: readonly Part[]): Part[] {
  const last = parts.findLastIndex((part) => textOf(part).trim() !== '')
  return parts.slice(0, last + 1)
}

const percent = (fraction: number): string => `${Math.floor(fraction * 100)}%`

function move(from: string, to: string): Part[] {
  const pad = ' '.repeat(Math.max(2, moveWidth - from.length - to.length - 3))
  const [status = to] = to.split('.')
  const shown = statusPart(status)
  return [`${from} → `, typeof shown === 'string' ? to : { ...shown, text: to }, pad]
}

function reasonOf({ by, reason }: { readonly by: string | undefined; readonly reason: string | undefined }): string {
  return `cancelled${by === undefined ? '' : ` by ${by}`}${reason === undefined ? '' : `: ${reason}`}`
}

/** The same with times as text. */
function plain(told: Told): object {
  if (told.type === 'kept') {
    const { type, from, to, version, worker, run } = told.step
    return { type: 'kept', at: iso(told.at), event: type, from, to, version, worker, run }
  }
  if (told.type === 'progress') return { ...told, at: iso(told.at), until: iso(told.until) }
  return 'at' in told ? { ...told, at: iso(told.at) } : told
}
