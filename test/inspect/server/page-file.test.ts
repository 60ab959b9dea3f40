import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { policyOf } from '../../../src/inspect/server/page-file.ts'

const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

describe('the policy of a page', () => {
  it('lets its own scripts and styles run, by their hashes, and nothing else', () => {
    const policy = policyOf('<style>\na {}\n</style><script type="module">one()</script><SCRIPT>two()</SCRIPT>')
    expect(policy).toContain(`script-src ${hash('one()')} ${hash('two()')};`)
    expect(policy).toContain(`style-src ${hash('\na {}\n')};`)
    expect(policy).not.toContain('unsafe')
    for (const rule of [
      "default-src 'none'",
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ])
      expect(policy.split('; ')).toContain(rule)
  })

  it('of a page without scripts lets none run', () => {
    expect(policyOf('<p>hello')).toContain("script-src 'none'; style-src 'none'")
  })
})
