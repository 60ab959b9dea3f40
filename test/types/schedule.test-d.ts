import { generateText } from 'ai'
import { MockLanguageModelV3 } from 'ai/test'
import {
  BackgroundRunner,
  FileScheduleStore,
  type Schedule,
  type ScheduleJob,
  ScheduleLoop,
  ScheduleRunner,
  scheduleTools,
} from '../../src/index.ts'

const runner = new BackgroundRunner()
const store = new FileScheduleStore()

const loop = new ScheduleLoop({ runner, onTrigger: (job) => job.message.length })
const message: (job: ScheduleJob) => string = (job) => job.message
new ScheduleLoop({ store, onTrigger: message, tickSeconds: 1, ref: true })
new ScheduleLoop({ store: './.offstage', onTrigger: async () => {} })
// @ts-expect-error the callback is missing
new ScheduleLoop({ store })
// @ts-expect-error seconds, as the page has it
new ScheduleLoop({ store, onTrigger: () => {}, tickSeconds: '30s' })
const running: boolean = loop.isRunning
const stopped: Promise<void> = loop.stop({ timeout: '5s' })
// @ts-expect-error a duration with a typing error
loop.stop({ timeout: '5 seconds' })

const added: Promise<Schedule> = store.add({ name: 'a', when: 'daily', message: 'x' })
const found: Promise<Schedule | undefined> = store.getByName('a', { owner: 'ada' })
// @ts-expect-error a name cannot be changed
store.update('a', { name: 'b' })

const due = new ScheduleRunner(store)
const jobs: Promise<ScheduleJob[]> = due.getDueJobs()
// @ts-expect-error no job
due.complete('a')

const tools = scheduleTools(runner, { owner: 'ada' })
const told: Promise<string> = tools.schedule_add.execute({ name: 'a', schedule: 'daily', message: 'x' })
tools.schedule_add.execute({ name: 'a', schedule: 'daily', message: null, tz: null, max_runs: 1 })
// @ts-expect-error no argument names an owner
tools.schedule_add.execute({ name: 'a', schedule: 'daily', message: 'x', owner: 'bob' })
// @ts-expect-error the schedule is missing
tools.schedule_add.execute({ name: 'a', message: 'x' })
// @ts-expect-error tools for tasks are there with recipes only
tools.task_submit
scheduleTools(store, { recipes: ['digest'] }).task_submit.execute({ recipe: 'digest', input: '{}' })

generateText({ model: new MockLanguageModelV3(), prompt: 'hi', tools })
generateText({ model: new MockLanguageModelV3(), prompt: 'hi', tools: scheduleTools(store, { recipes: ['digest'] }) })

export { added, found, jobs, running, stopped, told }
