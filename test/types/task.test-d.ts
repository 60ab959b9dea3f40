import {
  BackgroundRunner,
  type BackgroundTask,
  type Duration,
  type Failure,
  fromTask,
  getBackgroundRunner,
  type SettledOutcome,
  type TaskFeedEvent,
  type TaskState,
  TaskStatus,
} from '../../src/index.ts'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const same = <A, B>(_: Equal<A, B>): void => {}
const runner = new BackgroundRunner()

// the result is carried, whether it comes at once, later, or never does
const now = runner.submit(() => 1)
const later = runner.submit(async () => 'text')
const never = runner.submit((): never => {
  throw new Error('no')
})
same<typeof now, BackgroundTask<number>>(true)
same<typeof later, BackgroundTask<string>>(true)
same<typeof never, BackgroundTask<never>>(true)
same<Awaited<ReturnType<typeof later.wait>>, string>(true)
same<Awaited<ReturnType<typeof later.settled>>, SettledOutcome<string> | undefined>(true)
same<typeof later.result, string | undefined>(true)

// an outcome is told apart by ok and status
const read = (outcome: SettledOutcome<number>): number | Failure | string | undefined => {
  if (outcome.ok) return outcome.result
  return outcome.status === 'failed' ? outcome.error : outcome.reason
}

// arguments come before the context
runner.submit((a: number, b: string, { attempt }) => [a, b, attempt], { args: [1, 'b'] })
// @ts-expect-error an argument of another type
runner.submit((a: number) => a, { args: ['1'] })
// @ts-expect-error an argument is missing
runner.submit((a: number, b: string) => a + b, { args: [1] })

// needs keep their shape
runner.submit(({ needs }) => same<typeof needs, { readonly a: number; readonly b: string }>(true), {
  needs: { a: now, b: later },
})
runner.submit(({ needs }) => same<typeof needs, readonly [number, string]>(true), { needs: [now, later] })
runner.submit(({ needs }) => same<typeof needs, undefined>(true))

// children are typed alike
runner.submit(async ({ submit }) => {
  const child = submit(() => 1)
  same<typeof child, BackgroundTask<number>>(true)
})

// modules say what they give
const module = runner.submit<number>({ thread: new URL('file:///work.js'), args: [1], export: 'work' })
same<typeof module, BackgroundTask<number>>(true)
// @ts-expect-error a module goes without a function
runner.submit({ args: [1] })

// durations are numbers or texts of a form
const durations: Duration[] = [0, 1_500, '90s', '5m', '1.5h', '2d', '10ms']
// @ts-expect-error a unit that does not exist
const weeks: Duration = '2 fortnights'

// statuses and states are known by name
const statuses: ('pending' | 'running' | 'completed' | 'failed' | 'cancelled')[] = Object.values(TaskStatus)
const state: TaskState = 'running.stopping.cancel'
// @ts-expect-error a state that does not exist
const wrong: TaskState = 'running.sleeping'

// events are told apart by type
const told = (event: TaskFeedEvent): string => {
  switch (event.type) {
    case 'snapshot':
      return event.task.name
    case 'state':
      return event.state
    case 'progress':
      return event.fraction.toFixed(2)
    case 'log':
      return event.message
    case 'output':
      return event.chunk
  }
}

// @ts-expect-error a clock that lacks most of one
new BackgroundRunner({ clock: { now: () => 0 } })
// @ts-expect-error an option that does not exist
getBackgroundRunner({ maxConcurentTasks: 1 })
// @ts-expect-error what may become of a task is one of three
fromTask(runner, () => 1, { onStop: 'kill' })

export { durations, read, state, statuses, told, weeks, wrong }
