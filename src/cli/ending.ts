/** @module How a task ended, as people and programs are told, and as an exit code. */
import type { BackgroundTask, SettledOutcome } from '../index.ts'
import { Exit } from './exit.ts'
import type { Output } from './output.ts'
import { type Part, type Style, styled } from './text.ts'

type Task = BackgroundTask<unknown>

const styles: ReadonlyMap<string, Style> = new Map([
  ['running', 'cyan'],
  ['completed', 'green'],
  ['failed', 'red'],
  ['cancelled', 'yellow'],
])

/** A status in its colour. */
export function statusPart(status: string): Part {
  const style = styles.get(status)
  return style === undefined ? status : styled(style, status)
}

/** The exit code of a task: undefined is one that goes on. */
export function exitOfOutcome(outcome: SettledOutcome<unknown> | undefined): Exit {
  if (outcome === undefined) return Exit.WAIT_TIMEOUT
  if (outcome.ok) return Exit.DONE
  return outcome.status === 'failed' ? Exit.FAILED : Exit.CANCELLED
}

/** Tells how the only task that was waited for ended: its result on stdout, or why there is none on stderr. */
export function tellEnding(out: Output, task: Task, outcome: SettledOutcome<unknown> | undefined): Exit {
  if (out.json) out.data(task)
  else if (outcome?.ok) out.result(outcome.result)
  else out.note(...why(task, outcome))
  return exitOfOutcome(outcome)
}

/** Why there is no result. */
export function why(task: Task, outcome: SettledOutcome<unknown> | undefined): Part[] {
  const what = ` ${task.name} (${task.id})`
  if (outcome === undefined) return [styled('yellow', task.status), what, ': it had not ended in time, and goes on']
  if (outcome.ok) return [statusPart('completed'), what]
  if (outcome.status === 'failed') {
    const { code, message } = outcome.error
    return [statusPart('failed'), what, `: ${code}${code === message ? '' : `: ${message}`}`]
  }
  const by = outcome.by === undefined ? '' : ` by ${outcome.by}`
  return [statusPart('cancelled'), what, by, outcome.reason === undefined ? '' : `: ${outcome.reason}`]
}
