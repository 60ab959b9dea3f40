import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseSync } from 'oxc-parser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LaidOutChart } from '../../../src/inspect/protocol.ts'
import { ownCharts, ownPictures } from '../../../src/inspect/server/own-charts.ts'
import { policyOf } from '../../../src/inspect/server/page-file.ts'

interface Builder {
  buildPage(file: string): Promise<void>
  buildCharts(file: string): Promise<void>
}

describe('our charts as they are built', () => {
  it('are those that would be laid out', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'offstage-charts-'))
    const { buildCharts } = (await import(pathToFileURL('scripts/lib/page.mjs').href)) as Builder
    await buildCharts(join(folder, 'charts.json'))
    const kept = JSON.parse(readFileSync(join(folder, 'charts.json'), 'utf8')) as Record<string, LaidOutChart>
    await rm(folder, { recursive: true, force: true })
    expect(Object.keys(kept)).toEqual(ownCharts.map(({ id }) => id))
    expect(kept).toEqual(await ownPictures())
    expect(kept['task']?.nodes.map(({ id }) => id)).toContain('running.executing')
  })
})

describe('the page as it is built', () => {
  let folder = ''
  let html = ''
  const between = (name: string): string[] =>
    Array.from(html.matchAll(new RegExp(`<${name}\\b[^>]*>([\\s\\S]*?)</${name}>`, 'g')), ([, text = '']) => text)

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'offstage-page-'))
    const { buildPage } = (await import(pathToFileURL('scripts/lib/page.mjs').href)) as Builder
    await buildPage(join(folder, 'deep', 'page.html'))
    html = readFileSync(join(folder, 'deep', 'page.html'), 'utf8')
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('is one file with one script and one style, and asks for nothing else', () => {
    expect(between('script')).toHaveLength(1)
    expect(between('style')).toHaveLength(1)
    expect(html.match(/<(?:script|img|iframe|object|embed|base|form)\b[^>]*\b(?:src|href|data|action)=/gi)).toBeNull()
    expect(html.match(/<link\b[^>]*>/g)).toEqual(['<link rel="icon" href="data:,">'])
    expect(between('style')[0]?.match(/@import|url\(/g)).toBeNull()
    const { errors, module } = parseSync('page.js', between('script')[0] ?? '')
    expect({ errors, ...module }).toMatchObject({ errors: [], staticImports: [], dynamicImports: [], importMetas: [] })
  })

  it('runs under a policy that knows nothing but this script and this style', () => {
    const markup = html.replace(between('script')[0] ?? '', '')
    expect(markup.match(/\son[a-z]+=["']|\sstyle=["']/gi)).toBeNull()
    expect(between('script')[0]?.match(/\beval\(|\bFunction\(/g)).toBeNull()
    expect(policyOf(html)).toMatch(/script-src 'sha256-[\w+/=]+'; style-src 'sha256-[\w+/=]+'/)
  })

  it('begins with the tokens, so that a view may say otherwise', () => {
    const [style = ''] = between('style')
    expect(style.indexOf('--accent-soft:')).toBeLessThan(style.indexOf('.app {'))
    expect(style.indexOf('.app {')).toBeLessThan(style.indexOf('.task-list {'))
  })

  it('is small enough to be there at once', () => {
    expect(html.length).toBeLessThan(400_000)
  })
})
