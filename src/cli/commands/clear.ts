/** @module `offstage clear`: forgets tasks that have ended, and says what it kept and why. */
import { type ForgetRequest, type Store, SystemClock } from '../../index.ts'
import type { Call } from '../command.ts'
import { Exit, usageError } from '../exit.ts'
import { count, span } from '../human.ts'
import { durationOption } from '../input.ts'
import type { Output } from '../output.ts'
import { openSession } from '../session.ts'
import { queryOf } from '../tasks.ts'

const ended = ['completed', 'failed', 'cancelled']
const defaultAge = 3_600_000
const listed = 20
const page = 1_000

/** What a clear would do, or did. */
interface Plan {
  readonly forget: string[]
  readonly kept: { readonly id: string; readonly why: string }[]
  unfinished: number
  younger: number
}

export async function clear(call: Call): Promise<Exit> {
  const { out, options } = call
  const query = queryOf(call, ended)
  const given = durationOption(call, 'olderThan', '--older-than', 0)
  if (options.all === true && given !== undefined) throw usageError('--all means of any age: leave --older-than out')
  const dry = options.dryRun === true
  const now = new SystemClock().now()
  const least = options.all === true ? undefined : (given ?? defaultAge)
  const request: ForgetRequest = { ...query, at: now, ...(least !== undefined && { endedBy: now - least }) }
  const session = await openSession(call, { write: !dry })
  const plan = await planOf(session.store, request)
  const forgotten = dry ? plan.forget.length : (await session.store.forget(request)).forgotten
  if (out.json)
    out.data({ dryRun: dry, forgotten, kept: plan.kept, unfinished: plan.unfinished, younger: plan.younger })
  else tell(out, plan, { forgotten, dry, least })
  return Exit.DONE
}

async function planOf(store: Store, { endedBy = Number.POSITIVE_INFINITY, status }: ForgetRequest): Promise<Plan> {
  const plan: Plan = { forget: [], kept: [], unfinished: 0, younger: 0 }
  const needed = new Set<string>()
  const candidates: { id: string; works: boolean }[] = []
  let after: string | undefined
  do {
    const { tasks, cursor } = await store.list({ limit: page, ...(after !== undefined && { after }) })
    for (const task of tasks) {
      if (!task.settled) {
        plan.unfinished += 1
        for (const need of task.spec.needs ?? []) needed.add(need)
      } else if (status === undefined || status.includes(task.status)) {
        const { endedAt = 0 } = task.snapshot.context
        if (endedAt > endedBy) plan.younger += 1
        else candidates.push({ id: task.id, works: task.zombie !== undefined })
      }
    }
    after = cursor
  } while (after !== undefined)
  for (const { id, works } of candidates) {
    if (works) plan.kept.push({ id, why: 'its work still runs' })
    else if (needed.has(id)) plan.kept.push({ id, why: 'an unfinished task needs it' })
    else plan.forget.push(id)
  }
  return plan
}

function tell(
  out: Output,
  { forget, kept, unfinished, younger }: Plan,
  { forgotten, dry, least }: { forgotten: number; dry: boolean; least: number | undefined },
): void {
  if (dry) for (const id of forget) out.line(id)
  out.note(dry ? `would forget ${count(forgotten, 'task')}` : `forgot ${count(forgotten, 'task')}`)
  if (unfinished > 0) out.note(`kept ${count(unfinished, 'task')} that ${unfinished === 1 ? 'has' : 'have'} not ended`)
  if (younger > 0) out.note(`kept ${count(younger, 'task')} that ended less than ${span(least ?? 0)} ago`)
  for (const { id, why } of kept.slice(0, listed)) out.note(`kept ${id}: ${why}`)
  if (kept.length > listed) out.note(`and ${kept.length - listed} more`)
}
