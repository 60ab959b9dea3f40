// `eventStreamResponse` streams a task to a browser: the route handler is one that Next.js takes as it is.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import type { ReadableStream as NodeStream } from 'node:stream/web'
import { BackgroundRunner } from 'offstage'
import { eventStreamResponse } from 'offstage/web'

const runner = new BackgroundRunner()

// app/tasks/[id]/events/route.ts
async function GET(request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  const task = await runner.get((await params).id)
  return task === undefined ? new Response('no such task', { status: 404 }) : eventStreamResponse(task, request)
}

// Next.js does this part
const server = createServer(async (incoming, outgoing) => {
  const gone = new AbortController()
  outgoing.once('close', () => gone.abort())
  const id = incoming.headers['last-event-id']
  const headers = typeof id === 'string' ? { 'last-event-id': id } : {}
  const request = new Request(`http://localhost${incoming.url}`, { headers, signal: gone.signal })
  const params = Promise.resolve({ id: request.url.split('/').at(-2) ?? '' })
  const { status, headers: sent, body } = await GET(request, { params })
  outgoing.writeHead(status, Object.fromEntries(sent))
  if (body === null) outgoing.end()
  else Readable.fromWeb(body as NodeStream).pipe(outgoing)
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const { port } = server.address() as AddressInfo

/** A browser's `EventSource` does this: it reads, remembers the last id, and comes back with it. */
async function read(id: string, lastEventId: string | undefined, until: string): Promise<string> {
  const headers = lastEventId === undefined ? {} : { 'last-event-id': lastEventId }
  const { status, body } = await fetch(`http://127.0.0.1:${port}/tasks/${id}/events`, { headers })
  if (status !== 200 || body === null) return String(status)
  let text = ''
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    text += chunk
    if (text.includes(until)) break
  }
  return text
}
const lastId = (text: string): string | undefined => [...text.matchAll(/^id: (.*)$/gm)].at(-1)?.[1]

let goOn = (): void => {}
const heard = new Promise<void>((resolve) => {
  goOn = resolve
})
const task = runner.submit(
  async ({ write, progress, sleep }) => {
    await sleep(50)
    progress(0.5, 'half way')
    await heard
    write('Hello, ')
    write('world')
    return 'written'
  },
  { name: 'write' },
)

const first = await read(task.id, undefined, 'half way')
console.log(first)
assert.match(first, /^retry: 2000\n\nevent: snapshot\nid: \d+\.\d+\ndata: \{/)
assert.match(first, /"message":"half way"/)

// the connection was lost here; the next one goes on behind what was seen
goOn()
await task.wait()
const second = await read(task.id, lastId(first), 'no such text')
console.log(second)
assert.doesNotMatch(second, /event: (snapshot|progress)/)
assert.match(second, /"chunk":"Hello, (world)?"/)
assert.match(second, /event: end\nid: end\ndata: \{"ok":true,"status":"completed","result":"written"\}\n\n$/)

// after the end an EventSource is told to stay away
assert.equal(await read(task.id, lastId(second), ''), '204')
assert.equal(await read('unknown', undefined, ''), '404')
server.closeAllConnections()
server.close()
