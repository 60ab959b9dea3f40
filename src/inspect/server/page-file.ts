/** @module The page: one file with all that it needs, and the policy that lets nothing else run in it. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { OffstageError } from '../../errors.ts'
import { beside } from '../beside.ts'

export interface Page {
  readonly html: string
  /** The header Content-Security-Policy. */
  readonly policy: string
}

/** Where a build of the page alone puts it, seen from the sources. */
const built = '../../../.build/page.html'

let page: Promise<Page> | undefined

/** Reads the page once. @throws {OffstageError} NO_PAGE when it was not built. */
export function pageHtml(): Promise<Page> {
  page ??= readPage().catch((error: unknown) => {
    page = undefined
    throw error
  })
  return page
}

async function readPage(): Promise<Page> {
  try {
    const html = await readFile(beside('page.html') ?? new URL(built, import.meta.url), 'utf8')
    return { html, policy: policyOf(html) }
  } catch (cause) {
    throw new OffstageError('NO_PAGE', 'the page of the inspector is not there: npm run build makes it', { cause })
  }
}

const scripts = /<script\b[^>]*>([\s\S]*?)<\/script>/gi
const styles = /<style\b[^>]*>([\s\S]*?)<\/style>/gi

/** Only the scripts and styles that stand in the page run, and it speaks with its own server alone. */
export function policyOf(html: string): string {
  const rules = [
    "default-src 'none'",
    `script-src ${hashes(html, scripts)}`,
    `style-src ${hashes(html, styles)}`,
    'img-src data:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ]
  return rules.join('; ')
}

function hashes(html: string, elements: RegExp): string {
  const texts = Array.from(html.matchAll(elements), ([, text = '']) => text)
  const found = texts.map((text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`)
  return found.length === 0 ? "'none'" : found.join(' ')
}
