// A recipe on a schedule, in a folder. Two runners share it here, each with a store of its own, as two processes do: every
// slot fires once, whoever looks at it first.
import assert from 'node:assert/strict'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BackgroundRunner, defineRecipe, parseSchedule } from 'offstage'

const store = `file:${join(await mkdtemp(join(tmpdir(), 'offstage-')), 'tasks')}` as const

const slots: number[] = []
let enough = (): void => {}
const threeTimes = new Promise<void>((resolve) => {
  enough = resolve
})
const report = defineRecipe({
  name: 'report',
  run: async ({ about }: { about: string }, { schedule }) => {
    // the nominal time: what a report is about does not depend on when a worker got to it
    slots.push(schedule?.scheduledAt.getTime() ?? 0)
    if (slots.length >= 3) enough()
    return `${about} until ${schedule?.scheduledAt.toISOString()}`
  },
})

await using runner = new BackgroundRunner({ store, recipes: [report] })
await using another = new BackgroundRunner({ store, recipes: [report] })

const added = await runner.schedules.add({
  name: 'sales-report',
  when: 'every 1 second',
  recipe: report,
  input: { about: 'sales' },
  maxRuns: 3,
})
console.log(`${added.name} fires ${added.when}, next at ${added.next?.toISOString()}`)
assert.equal(added.status, 'active')

// a name is taken once
await assert.rejects(
  runner.schedules.add({ name: 'sales-report', when: 'daily', recipe: report, input: { about: 'x' } }),
  { code: 'DUPLICATE_SCHEDULE' },
)

runner.start()
another.start()
// a server or `offstage work` lives anyway; schedules alone keep no process alive
const alive = setInterval(() => {}, 1_000)
await threeTimes
clearInterval(alive)
await runner.waitAll({ all: true, timeout: '20s' })

console.log(slots.map((slot) => new Date(slot).toISOString()))
assert.equal(new Set(slots).size, 3)
const history = await runner.schedules.history('sales-report')
assert.deepEqual(
  history.map(({ status }) => status),
  ['completed', 'completed', 'completed'],
)
const after = await another.schedules.get(added.id)
assert.equal(after?.status, 'exhausted')
assert.equal(after?.runs, 3)

// what has happened, and what will
await runner.schedules.add({
  name: 'morning',
  when: 'weekdays at 9am',
  tz: 'Europe/Rome',
  recipe: report,
  input: { about: 'news' },
})
const next = await runner.schedules.preview({ name: 'morning', next: 5 })
for (const { at, note } of next) console.log(at.toISOString(), note ?? '')
assert.equal(next.length, 5)
assert.ok(next.every(({ at }) => ![0, 6].includes(at.getUTCDay())))

assert.equal(await runner.schedules.pause('morning'), true)
assert.equal(await runner.schedules.pause('morning'), false)
const byHand = await runner.schedules.trigger('morning')
assert.match(String(await byHand.wait({ timeout: '20s' })), /^news until/)
assert.equal(await runner.schedules.remove('morning'), true)

// what cannot be is told before anything is added
assert.throws(() => parseSchedule('every day at 9pn'), { code: 'INVALID_SCHEDULE' })
