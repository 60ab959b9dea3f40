import { describe, expect, it } from 'vitest'
import { redactor } from '../src/redact.ts'

const redact = redactor({
  OPENAI_API_KEY: 'sk-abcdef123456',
  SHORT_KEY: 'abc',
  HOME: '/home/ada',
  DB_PASSWORD: 'hunter22',
})

describe('secrets', () => {
  it.each([
    ['redis://user:pw@host:6379/0', 'redis://***@host:6379/0'],
    ['at rediss://:pw@host, twice: postgres://a:b@c/d', 'at rediss://***@host, twice: postgres://***@c/d'],
    ['the key sk-abcdef123456 was refused', 'the key *** was refused'],
    ['https://x?a=1&hunter22', 'https://x?a=1&***'],
    ['GITHUB_TOKEN=ghp_x1 is set', 'GITHUB_TOKEN=*** is set'],
    ['{"password": "a b", "client_secret":"x"}', '{"password": "*** b", "client_secret":"***"}'],
    ['https://x/?api_key=123&b=2', 'https://x/?api_key=***&b=2'],
    ['authorization: Bearer eyJhbGciOi.x', 'authorization: Bearer ***'],
  ])('are hidden in %s', (text, shown) => {
    expect(redact(text)).toBe(shown)
  })

  it.each(['abc', '/home/ada', 'https://example.com/path', 'mail to ada@example.com', 'the token was refused'])(
    'are not seen in %s',
    (text) => {
      expect(redact(text)).toBe(text)
    },
  )
})

it.each(['x', 'a.', 'a-', '://', 'token', 'key: '])('reads a long text of %j in linear time', (piece) => {
  // a quadratic search would take minutes
  expect(redact(piece.repeat(200_000)).length).toBeGreaterThan(100_000)
})
