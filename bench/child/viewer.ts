/**
 * @module Reads what an inspector streams to a page, in a process of its own, until its input ends; then it says how much
 * that was. Arguments: the address with its token, and the query.
 */
import { once } from 'node:events'

const [address = '', query = ''] = process.argv.slice(2)
const { origin } = new URL(address)
const entered = await fetch(address, { redirect: 'manual' })
const cookie = entered.headers.get('set-cookie')?.split(';')[0] ?? ''
const over = new AbortController()
const { body, status } = await fetch(`${origin}/events?${query}`, { headers: { cookie }, signal: over.signal })
if (body === null || status !== 200) throw new Error(`the inspector answered ${status}`)

const got = { bytes: 0, frames: 0 }
const reading = (async () => {
  for await (const piece of body.pipeThrough(new TextDecoderStream())) {
    if (got.frames === 0) console.log('ready')
    got.bytes += piece.length
    got.frames += piece.split('event: frame').length - 1
  }
})()
process.stdin.resume()
await once(process.stdin, 'end')
over.abort()
await reading.catch(() => {})
console.log(JSON.stringify(got))
