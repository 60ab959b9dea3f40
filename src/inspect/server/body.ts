/** @module Reads a body, which is JSON in UTF-8 and bounded whatever it says of itself. */
import { Refusal } from './refusal.ts'

/** The largest body, in bytes. */
export const bodyBytes = 65_536

const tooLarge = new Refusal(413, 'TOO_LARGE', `A body has ${bodyBytes} bytes at most.`)
const notJson = new Refusal(400, 'INVALID_JSON', 'The body is not JSON in UTF-8.')

export async function jsonBody(request: Request): Promise<{ readonly value: unknown } | Refusal> {
  if (Number(request.headers.get('content-length') ?? 0) > bodyBytes) return tooLarge
  const parts: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const part of (request.body ?? []) as AsyncIterable<Uint8Array>) {
      bytes += part.length
      if (bytes > bodyBytes) return tooLarge
      parts.push(part)
    }
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(parts))
    return { value: JSON.parse(text) }
  } catch {
    // or its sender has left in the middle
    return notJson
  }
}
