/** @module `offstage run`: runs a recipe in this process, in memory. */
import { BackgroundRunner, MemoryStore, SystemClock } from '../../index.ts'
import type { Call } from '../command.ts'
import { exitOfOutcome, why } from '../ending.ts'
import type { Exit } from '../exit.ts'
import { jsonOption } from '../input.ts'
import type { Output } from '../output.ts'
import { loggerFor, needConfig } from '../session.ts'
import { onStop } from '../signals.ts'
import { styled } from '../text.ts'
import { follow, type Written } from '../written.ts'
import { dataText, levelPart } from './logs.ts'
import { optionsOf, recipeOf, type Submit } from './submit.ts'

/** The command works, and it alone hears signals. */
const here = { work: true, handleSignals: false }
/** Ms between two lines of progress. */
const progressEvery = 500

export async function run(call: Call): Promise<Exit> {
  const { out } = call
  const name = recipeOf(call)
  const input = await jsonOption(call, 'input', '--input')
  const options = await optionsOf(call)
  const config = await needConfig(call)
  const store = new MemoryStore()
  const runner = new BackgroundRunner({ logger: loggerFor(out), ...config.runner, ...here, store })
  call.defer(() => runner.stop())
  const submit: Submit = runner.submitRecipe.bind(runner)
  const task = await submit(name, input, options)
  call.defer(
    onStop(() => {
      out.note(styled('yellow', 'cancelling'), '; once more ends it at once')
      void task.cancel('Ctrl-C')
    }),
  )
  const tell = teller(out)
  for await (const entry of follow(store, task)) tell(entry)
  const outcome = await task.settled()
  if (outcome?.ok) out.result(outcome.result)
  else out.note(...why(task, outcome))
  return exitOfOutcome(outcome)
}

/** Logs, output and, now and then, progress on stderr. */
function teller(out: Output): (entry: Written) => void {
  const clock = new SystemClock()
  let last = Number.NEGATIVE_INFINITY
  return (entry) => {
    if (entry.type === 'log') out.note(levelPart(entry.level), ' ', entry.message, dataText(entry.data))
    else if (entry.type === 'output') out.notes(entry.chunk, '')
    else if (entry.fraction === 1 || clock.monotonic() - last >= progressEvery) {
      last = clock.monotonic()
      out.note(styled('dim', `${Math.floor(entry.fraction * 100)}%`.padStart(4)), ' ', entry.message ?? '')
    }
  }
}
