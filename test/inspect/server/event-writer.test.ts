import { describe, expect, it } from 'vitest'
import { EventWriter, heartbeatEvery, stallLimit, waitingLimit } from '../../../src/inspect/server/event-writer.ts'
import { VirtualClock } from '../../../src/testing/virtual-clock.ts'

const opening = 'retry: 2000\n\n'

function begin(): {
  writer: EventWriter
  clock: VirtualClock
  read: () => Promise<string | undefined>
  said: string[]
} {
  const said: string[] = []
  const clock = new VirtualClock()
  const writer = new EventWriter({ clock, drop: () => said.push('drop'), onEnd: () => said.push('end') })
  const reader = writer.stream.getReader()
  const decoder = new TextDecoder()
  const read = async (): Promise<string | undefined> => {
    const { done, value } = await reader.read()
    return done ? undefined : decoder.decode(value)
  }
  return { writer, clock, read, said }
}

describe('an event stream', () => {
  it('carries what is sent before and while it is read, in order, one line of data each', async () => {
    const { writer, read } = begin()
    writer.send('hello', { text: 'a\nb\r\n\u2028' })
    expect([await read(), await read()]).toEqual([
      opening,
      `event: hello\ndata: ${JSON.stringify({ text: 'a\nb\r\n\u2028' })}\n\n`,
    ])
    const next = read()
    writer.send('frame', 1, 'e.7')
    expect(await next).toBe('event: frame\nid: e.7\ndata: 1\n\n')
  })

  it('says something now and then, though nothing happens', async () => {
    const { clock, read } = begin()
    await read()
    const next = read()
    await clock.advance(heartbeatEvery)
    expect(await next).toBe(': still here\n\n')
  })

  it('ends behind what waits', async () => {
    const { writer, read, said } = begin()
    writer.send('gone', 1)
    writer.end()
    writer.send('late', 1)
    expect(said).toEqual([])
    expect([await read(), await read(), await read()]).toEqual([opening, 'event: gone\ndata: 1\n\n', undefined])
    expect(said).toEqual(['end'])
  })

  it('gives up a reader for whom too much waits, and lets go of it', async () => {
    const { writer, said, read } = begin()
    const part = 'x'.repeat(100_000)
    let sent = 0
    for (; writer.isOpen && sent < 100; sent += 1) writer.send('frame', part)
    expect(sent).toBe(Math.floor(waitingLimit / part.length) + 1)
    expect(said).toEqual(['end', 'drop'])
    expect(await read()).toBeUndefined()
  })

  it('passes one message of any size to who reads', async () => {
    const { writer, read, said } = begin()
    await read()
    writer.send('frame', 'x'.repeat(2 * waitingLimit))
    expect((await read())?.length).toBeGreaterThan(2 * waitingLimit)
    expect(said).toEqual([])
  })

  it('gives up a reader who takes nothing for too long, though nothing more happens', async () => {
    const { writer, clock, said } = begin()
    writer.send('frame', 1)
    await clock.advance(stallLimit - 1)
    expect(said).toEqual([])
    await clock.advance(1)
    expect(said).toEqual(['end', 'drop'])
  })

  it('keeps a reader who is slow, but reads', async () => {
    const { writer, clock, read, said } = begin()
    for (let i = 0; i < 20; i += 1) {
      writer.send('frame', i)
      await clock.advance(stallLimit - 1)
      await read()
    }
    expect(said).toEqual([])
  })

  it('ends once when its reader leaves, and leaves no timer', async () => {
    const { writer, clock, said } = begin()
    writer.leave()
    writer.leave()
    writer.end()
    await clock.advance(10 * stallLimit)
    expect(said).toEqual(['end'])
  })

  it('ends when its reader cancels it', async () => {
    const said: string[] = []
    const clock = new VirtualClock()
    const writer = new EventWriter({ clock, drop: () => said.push('drop'), onEnd: () => said.push('end') })
    await writer.stream.cancel()
    expect(said).toEqual(['end'])
    expect(writer.isOpen).toBe(false)
  })
})
