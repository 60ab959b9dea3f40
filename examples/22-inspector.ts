// The inspector: a page on this machine that shows every state, and what happened. This program opens its address as a
// browser does, listens to what the page is told, and cancels a task as its button would.
import assert from 'node:assert/strict'
import { BackgroundRunner } from 'offstage'
import { createInspector } from 'offstage/inspect'

const runner = new BackgroundRunner()
const inspector = createInspector({ runner, allowActions: true })
const { url, close } = await inspector.listen()
console.log(`look at ${url.replace(/token=.*/, 'token=…')}`)

// the token in the address is traded for a cookie, which no script can read and no other site sends
const { origin } = new URL(url)
const entered = await fetch(url, { redirect: 'manual' })
assert.equal(entered.status, 303)
const cookie = entered.headers.get('set-cookie')?.split(';')[0] ?? ''

// nobody else gets in
assert.equal((await fetch(`${origin}/api/frame?view=chart`)).status, 401)
assert.equal(
  (await fetch(`${origin}/events?view=chart`, { headers: { cookie, origin: 'http://evil.com' } })).status,
  403,
)

const task = runner.submit(({ sleep }) => sleep('1h'), { name: 'research' })
const frames = await fetch(`${origin}/events?view=chart`, { headers: { cookie } })

const cancelled = await fetch(`${origin}/api/actions`, {
  method: 'POST',
  headers: { cookie, origin, 'x-offstage': '1', 'content-type': 'application/json' },
  body: JSON.stringify({ do: 'cancel', task: task.id, reason: 'seen enough' }),
})
console.log(await cancelled.json())
assert.equal((await task.settled())?.status, 'cancelled')

// the page hears of it: at most eight frames a second, however much happens
let told = ''
const decoder = new TextDecoder()
for await (const part of frames.body as unknown as AsyncIterable<Uint8Array>) {
  told += decoder.decode(part, { stream: true })
  if (told.includes('"cancelled":1')) break
}
assert.match(told, /^event: hello$/m)
assert.match(told, /^event: frame$/m)

await close()
await inspector.close()
await runner.stop()
