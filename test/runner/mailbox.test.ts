import { describe, expect, it } from 'vitest'
import { endable, Mailbox } from '../../src/runner/mailbox.ts'

describe('a mailbox', () => {
  it('gives what has come, all at once and in order', async () => {
    const mailbox = new Mailbox<number>(3)
    mailbox.push(1)
    mailbox.push(2)
    expect(await mailbox.take()).toEqual({ items: [1, 2], lost: false, ended: false })
    const next = mailbox.take()
    mailbox.push(3)
    expect(await next).toEqual({ items: [3], lost: false, ended: false })
  })

  it('keeps nothing once more has come than there is room for, until that was told', async () => {
    const mailbox = new Mailbox<number>(3)
    for (let n = 1; n <= 5; n += 1) mailbox.push(n)
    expect(await mailbox.take()).toEqual({ items: [], lost: true, ended: false })
    mailbox.push(6)
    expect(await mailbox.take()).toEqual({ items: [6], lost: false, ended: false })
  })

  it('keeps the newest if it was made so', async () => {
    const mailbox = new Mailbox<number>(3, 'newest')
    for (let n = 1; n <= 5; n += 1) mailbox.push(n)
    expect(await mailbox.take()).toEqual({ items: [3, 4, 5], lost: true, ended: false })
  })

  it('takes nothing more once it has ended, and gives what is there', async () => {
    const mailbox = new Mailbox<number>(3)
    mailbox.push(1)
    mailbox.end()
    mailbox.push(2)
    expect(await mailbox.take()).toEqual({ items: [1], lost: false, ended: true })
  })

  it('gives nothing more once its reader has closed it, and wakes who waits', async () => {
    const mailbox = new Mailbox<number>(3)
    const waiting = mailbox.take()
    mailbox.close()
    expect(await waiting).toEqual({ items: [], lost: false, ended: true })
    expect(mailbox.closed).toBe(true)
  })
})

describe('an endable generator', () => {
  it('ends at once when its reader returns, also while the reader waits', async () => {
    const mailbox = new Mailbox<number>(3)
    let cleaned = false
    const read = async function* (): AsyncGenerator<number> {
      try {
        for (let over = false; !over; ) {
          const { items, ended } = await mailbox.take()
          yield* items
          over = ended
        }
      } finally {
        cleaned = true
      }
    }
    const reader = endable(read(), mailbox)
    const waiting = reader.next()
    expect(await reader.return?.()).toEqual({ done: true, value: undefined })
    expect(await waiting).toEqual({ done: true, value: undefined })
    expect(cleaned).toBe(true)
  })
})
