/** @module `offstage work`: a worker on the store. */
import { BackgroundRunner, type LoadedConfig } from '../../index.ts'
import type { Call } from '../command.ts'
import { statusPart } from '../ending.ts'
import { Exit, usageError } from '../exit.ts'
import { count, span } from '../human.ts'
import { durationOption, integerOption } from '../input.ts'
import type { Output } from '../output.ts'
import { superviseWorker } from '../reload.ts'
import { loggerFor, needConfig } from '../session.ts'
import { onStop } from '../signals.ts'
import { styled } from '../text.ts'

const defaultDrain = 30_000
/** The command works, and it alone hears signals. */
const here = { work: true, handleSignals: false }

export async function work(call: Call): Promise<Exit> {
  const { out, options } = call
  const drain = durationOption(call, 'drain', '--drain', 0) ?? defaultDrain
  const limit = durationOption(call, 'for', '--for')
  const concurrency = integerOption(call, 'concurrency', '--concurrency', 1, 100_000)
  if (options.watch === true) {
    if (options.untilIdle === true || limit !== undefined)
      throw usageError('--watch goes on until it is stopped: leave --until-idle and --for out')
    return superviseWorker(call, drain)
  }
  const config = await needConfig(call)
  const runner = runnerOf(config, out, concurrency, options.schedules !== false)
  // a store that cannot be opened is told at once, not at each claim
  await config.runner.store?.list({ limit: 1 })
  const ended = ending(config, runner, { limit, untilIdle: options.untilIdle === true })
  runner.start()
  announce(out, config, runner)
  await announceSchedules(out, runner)
  const stop = new AbortController()
  const told = out.interactive ? tellSteps(out, runner, stop.signal) : undefined
  const end = await ended.why
  if (end.say !== '') out.note(styled('dim', 'stopping'), ` ${end.say}; running tasks have ${span(drain)}`)
  const { zombies } = await runner.stop({ drain })
  ended.off()
  stop.abort()
  await told
  await config.runner.store?.close()
  if (zombies.length > 0) out.note(styled('yellow', 'warning'), ` ${count(zombies.length, 'handler')} would not stop`)
  return end.exit
}

function runnerOf(
  { runner: options }: LoadedConfig,
  out: Output,
  concurrency: number | undefined,
  fires: boolean,
): BackgroundRunner {
  if (options.store?.durable !== true)
    throw usageError(
      'the store of the config is memory: a worker needs one that others reach; leave store out of the config',
    )
  const slots = concurrency === undefined ? {} : { maxConcurrentTasks: concurrency }
  const timing = fires ? {} : { schedules: false }
  return new BackgroundRunner({ logger: loggerFor(out), ...options, ...slots, ...timing, ...here })
}

interface End {
  readonly say: string
  readonly exit: Exit
}

/** Waits for whatever ends the worker: a signal, the parent's end, the time, nothing left to do, a lost store. */
function ending(
  { runner: { store } }: LoadedConfig,
  runner: BackgroundRunner,
  { limit, untilIdle }: { limit: number | undefined; untilIdle: boolean },
): { readonly why: Promise<End>; off(): void } {
  const undo: (() => void)[] = []
  const why = new Promise<End>((resolve, reject) => {
    const end = (say: string, exit: Exit = Exit.DONE): void => resolve({ say, exit })
    undo.push(onStop((signal) => end(`by ${signal}`)))
    // also keeps the process alive while there is nothing to do
    const timer = setTimeout(() => end('as the time is over'), Math.min(limit ?? longestTimer, longestTimer))
    undo.push(() => clearTimeout(timer))
    const orphaned = (): void => end('as its parent has ended')
    if (process.connected) process.once('disconnect', orphaned)
    undo.push(() => process.removeListener('disconnect', orphaned))
    undo.push(store?.onLost?.((error) => end(`as the store is lost: ${error.message}`, Exit.FAILED)) ?? (() => {}))
    if (untilIdle) runner.work({ until: 'idle' }).then(() => end(''), reject)
  })
  const off = (): void => {
    for (const each of undo) each()
  }
  return { why, off }
}

/** The longest a timer of Node can be set to, in ms. */
const longestTimer = 2 ** 31 - 1

function announce(out: Output, { config, runner: { store } }: LoadedConfig, runner: BackgroundRunner): void {
  const names = (config.recipes ?? []).map(({ name }) => name)
  const recipes =
    names.length === 0 ? 'no recipes: add some to the config' : `${count(names.length, 'recipe')} (${names.join(', ')})`
  const slots = count(runner.stats.maxConcurrentTasks, 'slot')
  out.note(styled('green', 'working'), ` on ${store?.name}, ${slots}, ${recipes}`)
}

async function announceSchedules(out: Output, runner: BackgroundRunner): Promise<void> {
  const active = await runner.schedules.list({ status: 'active' })
  const [first] = active.flatMap(({ next }) => (next === undefined ? [] : [next])).sort((a, b) => Number(a) - Number(b))
  if (active.length === 0) return
  out.note(
    `${count(active.length, 'schedule')}${first === undefined ? '' : `; the next fires at ${first.toISOString()}`}`,
  )
}

/** On a terminal, each step of a task that runs or ends. */
async function tellSteps(out: Output, runner: BackgroundRunner, signal: AbortSignal): Promise<void> {
  for await (const event of runner.events({ signal })) {
    if (event.type !== 'state' || event.status === 'pending') continue
    const task = await runner.get(event.id)
    if (task === undefined) continue
    const took = task.durationMs === undefined ? '' : `  ${span(task.durationMs)}`
    const why = task.error === undefined || !task.isSettled ? '' : `  ${task.error.code}: ${task.error.message}`
    out.note(
      styled('dim', event.at.slice(11, 19)),
      ' ',
      statusPart(event.status),
      `  ${task.name}  ${task.id}${took}${why}`,
    )
  }
}
