// Viewers made for XState see tasks as well: a bridge speaks Stately's protocol, or that of @xstate/inspect for XState 4.
// Here a few lines stand for the viewer. A real one connects in the same way, with the address that `listen` returns.
import assert from 'node:assert/strict'
import { BackgroundRunner } from 'offstage'
import { createStatelyBridge } from 'offstage/inspect'
import { WebSocket } from 'ws'

interface Told {
  readonly type: string
  readonly name?: string
  readonly sessionId: string
  readonly definition?: string
  readonly event?: { readonly type: string }
  readonly snapshot?: { readonly value?: unknown; readonly context?: unknown }
}

const env = { SEARCH_API_KEY: 'very-secret-key' }
const bridge = createStatelyBridge({ env })
const runner = new BackgroundRunner({ inspect: bridge.inspect })
const { url, close } = await bridge.listen()

const told: Told[] = []
const viewer = new WebSocket(url)
const ended = new Promise<void>((resolve) => {
  viewer.on('message', (data) => {
    const message = JSON.parse(String(data)) as Told
    told.push(message)
    if (message.snapshot?.value === 'completed') resolve()
  })
})
await new Promise((resolve) => viewer.once('open', resolve))

await runner.submit(() => `found with ${env.SEARCH_API_KEY}`, { id: 'search', name: 'search' }).wait()
await ended

const { sessionId, definition = '' } = told.find(({ name }) => name === 'search') as Told
for (const { type, event, snapshot } of told.filter((each) => each.sessionId === sessionId)) {
  console.log(type, event?.type ?? '', JSON.stringify(snapshot?.value ?? ''))
}

// the chart comes along, so that a viewer can draw it
const chart = JSON.parse(definition) as { id: string; states: object }
console.log(chart.id, Object.keys(chart.states).join(' '))
assert.deepEqual(Object.keys(chart.states), ['new', 'pending', 'running', 'completed', 'failed', 'cancelled'])

// the values of secret variables never leave
assert(!JSON.stringify(told).includes(env.SEARCH_API_KEY))
assert(JSON.stringify(told).includes('found with ***'))

// a page of another origin cannot look, though it runs on this machine
const foreign = new WebSocket(url, { headers: { Origin: 'http://evil.example' } })
const answer = await new Promise<string>((resolve) => foreign.once('error', (error) => resolve(error.message)))
console.log(answer)
assert.match(answer, /403/)

await runner.stop()
await close()
await bridge.close()
