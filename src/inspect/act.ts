/** @module What a page may do when it is allowed to: each action is read strictly, and goes through the runner's own methods. */
import { OffstageError, ValidationError } from '../errors.ts'
import type { BackgroundRunner, BackgroundTask, Schedule } from '../index.ts'
import { checkId, checkInteger, checkOneOf, checkText } from '../validate.ts'
import type { Action, ActionAnswer } from './protocol.ts'

export interface Actor {
  readonly runner: BackgroundRunner
  /** Whether it is somebody's runner, which works here and may be paused. */
  readonly works: boolean
  /** Takes secrets out of a message. */
  redact(text: string): string
  /** Told of what nobody else would hear. */
  failed(error: unknown): void
}

type Verb = Action['do']
type Member = 'task' | 'reason' | 'ask' | 'value' | 'schedule'

/** What each action is made of: its members, and whether they must be there. */
const members: Readonly<Record<Verb, Partial<Record<Member, boolean>>>> = {
  cancel: { task: true, reason: false },
  retry: { task: true },
  answer: { task: true, ask: true, value: true },
  pauseRunner: {},
  resumeRunner: {},
  pauseSchedule: { schedule: true },
  resumeSchedule: { schedule: true },
  runSchedule: { schedule: true },
}
const verbs = Object.keys(members) as Verb[]

const checks: Readonly<Record<Member, (value: unknown) => unknown>> = {
  task: (value) => checkId(value, 'task'),
  reason: (value) => checkText(value, 'reason'),
  ask: (value) => checkInteger(value, 'ask', 1, Number.MAX_SAFE_INTEGER),
  value: (value) => value,
  schedule: (value) => checkText(value, 'schedule'),
}

/** Reads an action. @throws {ValidationError} INVALID_ACTION, also for members that nobody reads. */
export function readAction(given: unknown): Action {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw invalid('an action', 'an object', given)
  const all = new Map<string, unknown>(Object.entries(given))
  const verb = checkOneOf(all.get('do'), 'do', verbs)
  all.delete('do')
  const action: Record<string, unknown> = { do: verb }
  for (const [member, isNeeded] of Object.entries(members[verb]) as [Member, boolean][]) {
    if (all.has(member)) action[member] = checks[member](all.get(member))
    else if (isNeeded) throw invalid(member, `given with ${verb}`, undefined)
    all.delete(member)
  }
  if (all.size > 0) throw invalid(verb, `without other members than ${Object.keys(action).join(', ')}`, undefined)
  return action as unknown as Action
}

const invalid = (what: string, rule: string, value: unknown): ValidationError =>
  new ValidationError(what, rule, value, 'INVALID_ACTION')

/** Does what a page asks for. Never throws. */
export async function act(given: unknown, actor: Actor): Promise<ActionAnswer> {
  try {
    return await perform(readAction(given), actor)
  } catch (error) {
    if (error instanceof ValidationError)
      return refused('INVALID_ACTION', `${error.option} must be ${error.rule}.`, actor)
    if (OffstageError.is(error)) return refused(error.code, error.message, actor)
    actor.failed(error)
    return refused('INTERNAL', 'Something went wrong. The log of the inspector tells what.', actor)
  }
}

const longestMessage = 500

const refused = (code: string, message: string, { redact }: Actor): ActionAnswer => ({
  ok: false,
  code,
  message: redact(message).slice(0, longestMessage),
})

async function perform(action: Action, actor: Actor): Promise<ActionAnswer> {
  const { runner } = actor
  switch (action.do) {
    case 'cancel': {
      const task = await taskOf(action.task, runner)
      if (await task.cancel(action.reason))
        return { ok: true, message: 'The task will end as cancelled.', task: task.id }
      return refused('ENDED', `The task had ended before: it is ${task.status}.`, actor)
    }
    case 'retry': {
      const { id } = await runner.retry((await taskOf(action.task, runner)).id)
      return { ok: true, message: 'The task was submitted once more.', task: id }
    }
    case 'answer': {
      const task = await taskOf(action.task, runner)
      if (await task.answer(action.value, { ask: action.ask }))
        return { ok: true, message: 'The task has its answer.', task: task.id }
      return refused('NOT_ASKED', 'The task asks for no such thing, or was answered before.', actor)
    }
    case 'pauseRunner':
    case 'resumeRunner':
      return switchRunner(action.do, actor)
    default:
      return tellSchedule(action.do, await scheduleOf(action.schedule, runner), actor)
  }
}

function switchRunner(verb: 'pauseRunner' | 'resumeRunner', actor: Actor): ActionAnswer {
  if (!actor.works) return refused('NO_RUNNER', 'No runner works in this process.', actor)
  if (verb === 'pauseRunner') actor.runner.pause()
  else actor.runner.resume()
  return { ok: true, message: verb === 'pauseRunner' ? 'The runner starts nothing more.' : 'The runner goes on.' }
}

type ScheduleVerb = 'pauseSchedule' | 'resumeSchedule' | 'runSchedule'

async function tellSchedule(verb: ScheduleVerb, { id, owner }: Schedule, actor: Actor): Promise<ActionAnswer> {
  const { schedules } = actor.runner
  const whose = owner === undefined ? {} : { owner }
  if (verb === 'runSchedule') {
    const task = await schedules.trigger(id, whose)
    return { ok: true, message: 'The schedule has made a task.', task: task.id }
  }
  const done = verb === 'pauseSchedule' ? await schedules.pause(id, whose) : await schedules.resume(id, whose)
  if (done)
    return { ok: true, message: verb === 'pauseSchedule' ? 'The schedule is paused.' : 'The schedule is active again.' }
  return refused('NOT_CHANGED', verb === 'pauseSchedule' ? 'It was not active.' : 'It was not paused.', actor)
}

async function taskOf(id: string, runner: BackgroundRunner): Promise<BackgroundTask<unknown>> {
  const task = await runner.get(id)
  if (task === undefined) throw new OffstageError('NOT_FOUND', 'There is no such task any more.')
  return task
}

async function scheduleOf(uid: string, runner: BackgroundRunner): Promise<Schedule> {
  const found = (await runner.schedules.list()).find(({ id }) => id === uid)
  if (found === undefined) throw new OffstageError('NOT_FOUND', 'There is no such schedule any more.')
  return found
}
