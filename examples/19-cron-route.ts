// Serverless: requests only submit, and a route that a cron service calls works for a while. There is no server between
// the two, only the folder.
import assert from 'node:assert/strict'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BackgroundRunner, defineRecipe } from 'offstage'

const folder = await mkdtemp(join(tmpdir(), 'offstage-'))
const store = `file:${join(folder, 'tasks')}` as const

const mail = defineRecipe({
  name: 'mail',
  run: async ({ to }: { to: string }, { sleep }) => {
    await sleep('20ms')
    return `sent to ${to}`
  },
})
const report = defineRecipe({
  name: 'report',
  run: async (_: undefined, { sleep }) => {
    await sleep('10m')
  },
})

// app/api/orders/route.ts
async function POST(request: Request): Promise<Response> {
  const { to, key } = (await request.json()) as { to: string; key: string }
  await using runner = new BackgroundRunner({ store, work: false })
  const task = await runner.submitRecipe(mail, { to }, { idempotencyKey: key })
  return Response.json({ id: task.id }, { status: 202 })
}

// app/api/orders/[id]/route.ts
async function GET(_: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  await using runner = new BackgroundRunner({ store, work: false })
  const task = await runner.get((await params).id)
  return task === undefined ? new Response('no such task', { status: 404 }) : Response.json(task)
}

// app/api/cron/route.ts, called every minute and stopped by its host after one
async function cron({ limit = '50s' }: { limit?: '50s' | '300ms' } = {}): Promise<Response> {
  const runner = new BackgroundRunner({ store, recipes: [mail, report], maxConcurrentTasks: 10 })
  const { zombies } = await runner.work({ until: 'idle', timeout: limit })
  return Response.json({ zombies: zombies.length })
}

const order = (to: string, key: string): Request =>
  new Request('http://localhost/api/orders', { method: 'POST', body: JSON.stringify({ to, key }) })
const statusOf = async (id: string): Promise<unknown> => {
  const response = await GET(new Request('http://localhost'), { params: Promise.resolve({ id }) })
  return ((await response.json()) as { status: string }).status
}

const answers = await Promise.all(['ada', 'bob', 'eve'].map((to) => POST(order(to, `order of ${to}`))))
const ids = await Promise.all(answers.map(async (answer) => ((await answer.json()) as { id: string }).id))
// the client did not hear the answer and asks once more
const [first] = ids
assert.deepEqual(await (await POST(order('ada', 'order of ada'))).json(), { id: first })
assert.deepEqual(await Promise.all(ids.map(statusOf)), ['pending', 'pending', 'pending'])

// it ends as soon as there is nothing to do
assert.deepEqual(await (await cron()).json(), { zombies: 0 })
const statuses = await Promise.all(ids.map(statusOf))
console.log(statuses)
assert.deepEqual(statuses, ['completed', 'completed', 'completed'])

// what is too long for one call is handed back when the time is over, for the next one
await using runner = new BackgroundRunner({ store, work: false })
const long = await runner.submitRecipe(report)
await cron({ limit: '300ms' })
const handedBack = await runner.get(long.id)
console.log(`${handedBack?.name}: ${handedBack?.state}`)
assert.equal(handedBack?.state, 'pending.queued')
