/** @module The version of this library, as its package says it. */
import { readFileSync } from 'node:fs'

/** From the sources or the built library; and from one file that somebody has bundled beside it. */
const places = ['../../../package.json', '../../package.json', '../package.json']

let version: string | undefined

export function libraryVersion(): string {
  version ??= places.map(versionAt).find((found) => found !== undefined) ?? 'unknown'
  return version
}

function versionAt(place: string): string | undefined {
  try {
    const manifest = JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8')) as Record<string, unknown>
    return manifest.name === 'offstage' && typeof manifest.version === 'string' ? manifest.version : undefined
  } catch {
    return undefined
  }
}
