import { createContext, runInContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { webViewer } from '../../../src/inspect/bridges/web-viewer.ts'

/** The script of the page in a browser of a few lines. */
function open(viewer = 'https://viewer.example/inspect') {
  const { html, headers } = webViewer(viewer)
  const script = /<script>([\s\S]*)<\/script>/.exec(html)?.[1] ?? ''
  const shown: unknown[] = []
  const frame = { src: viewer, contentWindow: { postMessage: (...told: unknown[]) => shown.push(told) } }
  const sockets: Fake[] = []
  class Fake {
    readyState = 0
    readonly sent: string[] = []
    onopen = (): void => {}
    onmessage = (_told: { data: string }): void => {}
    readonly url: string
    constructor(url: string) {
      this.url = url
      sockets.push(this)
    }
    send(text: string): void {
      this.sent.push(text)
    }
  }
  let hear = (_message: object): void => {}
  const globals = {
    document: { querySelector: () => frame, title: '' },
    location: { href: 'http://127.0.0.1:4000/?token=t' },
    addEventListener: (_type: string, listener: typeof hear) => {
      hear = listener
    },
    WebSocket: Fake,
    URL,
  }
  runInContext(script, createContext(globals))
  const say = (data: unknown, more: object = {}): void =>
    hear({ origin: 'https://viewer.example', source: frame.contentWindow, data, ...more })
  return { html, headers, sockets, shown, say }
}

describe('the page of a web viewer', () => {
  it('connects once the viewer speaks, and hands over what was said before', () => {
    const { sockets, say } = open()
    expect(sockets).toHaveLength(0)
    say({ type: '@statelyai.connected' })
    say({ type: 'xstate.inspecting' })
    const [socket] = sockets
    expect(socket?.url).toBe('ws://127.0.0.1:4000/?token=t')
    expect(socket?.sent).toEqual([])
    socket?.onopen()
    expect(socket?.sent).toEqual(['{"type":"@statelyai.connected"}', '{"type":"xstate.inspecting"}'])
    expect(sockets).toHaveLength(1)
  })

  it('hands messages to the viewer, and to nobody else', () => {
    const { sockets, say, shown } = open()
    say({ type: 'xstate.inspecting' })
    sockets[0]?.onmessage({ data: '{"type":"service.stop"}' })
    expect(JSON.stringify(shown)).toBe('[[{"type":"service.stop"},"https://viewer.example"]]')
  })

  it('hears nobody but the viewer in its frame', () => {
    const { sockets, say } = open()
    say({ type: 'xstate.inspecting' }, { origin: 'https://evil.example' })
    say({ type: 'xstate.inspecting' }, { source: {} })
    say('xstate.inspecting')
    say(null)
    expect(sockets).toHaveLength(0)
  })

  it('runs its own script alone, and tells nobody its address', () => {
    const { headers, html } = open()
    const policy = headers['content-security-policy']
    expect(policy).toMatch(/script-src 'sha256-[^']+';/)
    expect(policy).not.toContain('unsafe')
    expect(headers['referrer-policy']).toBe('no-referrer')
    expect(html).toContain('referrerpolicy="no-referrer"')
  })

  it('holds the address of the viewer as text', () => {
    const { html } = webViewer('https://viewer.example/?a="><script>alert(1)</script>&b')
    expect(html.match(/<script>/g)).toHaveLength(1)
  })

  it.each(['javascript:alert(1)', 'data:text/html,x', 'stately.ai', '', 'file:///etc/passwd'])(
    'is not made of %j',
    (address) => {
      expect(() => webViewer(address)).toThrow(/viewer must be/)
    },
  )
})
