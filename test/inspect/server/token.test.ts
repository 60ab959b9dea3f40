import { describe, expect, it } from 'vitest'
import { Tickets, Token, ticketLife } from '../../../src/inspect/server/token.ts'
import { VirtualClock } from '../../../src/testing/virtual-clock.ts'

describe('a token', () => {
  it('has at least 128 bits, and is another each time', () => {
    const texts = new Set(Array.from({ length: 100 }, () => new Token().text))
    expect(texts.size).toBe(100)
    for (const text of texts) expect(text).toMatch(/^[A-Za-z0-9]{22}$/)
  })

  it('fits itself alone', () => {
    const token = new Token('abcdefghijklmnopqrstuv')
    expect(token.fits('abcdefghijklmnopqrstuv')).toBe(true)
    for (const given of ['', 'abcdefghijklmnopqrstu', 'abcdefghijklmnopqrstuvw', 'ABCDEFGHIJKLMNOPQRSTUV', '\0'])
      expect(token.fits(given)).toBe(false)
  })

  it.each(['', 'short', 'a'.repeat(21), 'a'.repeat(129), `${'a'.repeat(22)};`, `${'a'.repeat(22)}\n`, 7, null])(
    'may not be %j, and the error does not repeat it',
    (text) => {
      expect(() => new Token(text as string)).toThrow(
        /^token must be 22 to 128 letters, digits, _ and -, got "(string|number|object)"$/,
      )
    },
  )
})

describe('a ticket', () => {
  it('lets in once', () => {
    const tickets = new Tickets(new VirtualClock())
    const [one, other] = [tickets.issue(), tickets.issue()]
    expect([one, one, other, other, 'x'].map((each) => tickets.use(each))).toEqual([true, false, true, false, false])
  })

  it('lets nobody in after a minute', async () => {
    const clock = new VirtualClock()
    const tickets = new Tickets(clock)
    const ticket = tickets.issue()
    await clock.advance(ticketLife)
    expect(tickets.use(ticket)).toBe(false)
  })

  it('makes room for new ones', () => {
    const tickets = new Tickets(new VirtualClock())
    const issued = Array.from({ length: 17 }, () => tickets.issue())
    expect(issued.map((each) => tickets.use(each))).toEqual(issued.map((_, i) => i > 0))
  })
})
