/** @module A page that shows somebody's web viewer and hands it what the bridge tells: the viewer itself can reach no WebSocket here. */
import { createHash } from 'node:crypto'
import { ValidationError } from '../../errors.ts'

/** What is served. */
export interface WebViewer {
  readonly html: string
  readonly headers: Readonly<Record<string, string>>
}

const style = 'html,body,iframe{margin:0;border:0;width:100%;height:100%;display:block}'
/** It connects once the viewer has spoken, so that nothing has to be kept for it. */
const script = `
const frame = document.querySelector('iframe')
const viewer = new URL(frame.src).origin
const early = []
let socket
addEventListener('message', ({ origin, source, data }) => {
  if (origin !== viewer || source !== frame.contentWindow || typeof data !== 'object' || data === null) return
  const text = JSON.stringify(data)
  if (socket?.readyState === 1) return socket.send(text)
  if (early.length < 100) early.push(text)
  if (socket !== undefined) return
  socket = new WebSocket(location.href.replace(/^http/, 'ws'))
  socket.onopen = () => early.splice(0).forEach((each) => socket.send(each))
  socket.onmessage = (told) => frame.contentWindow.postMessage(JSON.parse(told.data), viewer)
  socket.onclose = () => { document.title = 'Nothing more comes: the bridge has closed' }
})
`
const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** @throws {ValidationError} for an address that is none of the web. */
export function webViewer(address: string): WebViewer {
  const url = typeof address === 'string' && URL.canParse(address) ? new URL(address) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new ValidationError('viewer', "an address such as 'https://stately.ai/inspect'", address)
  const src = url.href.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    `frame-src ${url.origin}`,
    "connect-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ]
  return {
    html: `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Offstage</title><style>${style}</style></head><body><iframe title="Viewer" referrerpolicy="no-referrer" src="${src}"></iframe><script>${script}</script></body></html>`,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy.join('; '),
      // the address of the page carries the token
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    },
  }
}
