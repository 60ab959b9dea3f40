import { describe, expect, it } from 'vitest'
import { createMachine } from 'xstate'
import { layoutChart } from '../../../src/inspect/chart/layout.ts'
import { chartSvg } from '../../../src/inspect/chart/svg.ts'
import { chartGraph } from '../../../src/machines/chart-graph.ts'
import { taskMachine } from '../../../src/machines/task.ts'
import { hostile } from './odd.ts'

const task = await layoutChart(chartGraph(taskMachine), { title: 'A task' })
const namesIn = (svg: string, kind: string): string[] =>
  Array.from(svg.matchAll(new RegExp(`<text class="${kind}"[^>]*>([^<]*)`, 'g')), ([, text = '']) => text)

/** Throws unless every element is closed by the one that it was opened with. */
function elementsOf(svg: string): string[] {
  const open: string[] = []
  const seen: string[] = []
  for (const [, end, name = '', attributes = '', single] of svg.matchAll(
    /<(\/?)([a-z]+)((?: [\w-]+="[^"<>]*")*)(\/?)>/gi,
  )) {
    if (end === '/') expect(open.pop()).toBe(name)
    else if (single !== '/') open.push(name)
    seen.push(name)
    expect(attributes).not.toMatch(/ on\w+=|href|javascript:/i)
  }
  expect(open).toEqual([])
  const text = svg.replace(/<style>.*?<\/style>/s, '')
  expect(text.replace(/<\/?[a-z]+(?: [\w-]+="[^"<>]*")*\/?>/gi, '')).not.toMatch(/[<>]/)
  return seen
}

describe('the picture of a chart', () => {
  const svg = chartSvg(task)

  it('is a document of its own, with a title for those who cannot see it', () => {
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 \d+ \d+" /)
    expect(svg).toContain('<title id="title">A task</title>')
    expect(svg).not.toMatch(/https?:(?!\/\/www\.w3\.org\/2000\/svg")|url\((?!#)|@import/)
    expect(new Set(elementsOf(svg))).toEqual(
      new Set(['svg', 'title', 'style', 'defs', 'marker', 'path', 'rect', 'circle', 'g', 'text']),
    )
  })

  it('shows every state and every label', () => {
    expect(namesIn(svg, 'name').sort()).toEqual(
      chartGraph(taskMachine)
        .nodes.map(({ label }) => label)
        .sort(),
    )
    expect(namesIn(svg, 'label')).toHaveLength(task.edges.flatMap(({ labels }) => labels).length)
    expect(svg.match(/class="way"/g)).toHaveLength(task.edges.length)
  })

  it('has colours for light and for dark', () => {
    expect(svg).toContain('@media (prefers-color-scheme:dark)')
  })

  it('is the same each time', () => {
    expect(chartSvg(task)).toBe(svg)
  })
})

describe('marks', () => {
  it('are what is counted in a state, with all that is inside', () => {
    const svg = chartSvg(task, { counts: { 'running.executing': 1_000, 'running.waiting': 234, completed: 5 } })
    expect(namesIn(svg, 'count').sort()).toEqual(['1,000', '1,234', '234', '5'])
  })

  it('are the current state, and those around it', () => {
    const svg = chartSvg(task, { current: 'running.stopping.cancel' })
    const marked = Array.from(
      svg.matchAll(/<g class="\w+ current">.*?<text class="name"[^>]*>([^<]*)/g),
      ([, name]) => name,
    )
    expect(marked).toEqual(['running', 'stopping', 'cancel'])
  })
})

describe('what users named', () => {
  it('is text, whatever it looks like', async () => {
    const svg = chartSvg(await layoutChart(chartGraph(hostile)))
    elementsOf(svg)
    expect(svg).toContain('<title id="title">&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;</title>')
    expect(namesIn(svg, 'name')).toContain('&lt;img src=x onerror=alert(1)&gt;')
    expect(namesIn(svg, 'label')).toContain(']]&gt;&lt;x&gt;&amp;amp;&quot;&#39;')
    expect(svg).not.toMatch(/<script|<img/)
  })

  it('has no characters that XML cannot carry', async () => {
    const svg = chartSvg(await layoutChart(chartGraph(hostile)))
    expect(namesIn(svg, 'name')).toContain('a\uFFFD\uFFFDb\uFFFD')
    expect(svg).not.toMatch(/[^\P{Cc}\n]|\p{Cs}/u)
  })

  it('is cut where it is long', async () => {
    const long = 'n'.repeat(500)
    const machine = createMachine({ initial: long, states: { [long]: { on: { ['e'.repeat(500)]: long } } } } as never)
    const svg = chartSvg(await layoutChart(chartGraph(machine)))
    expect([...namesIn(svg, 'name'), ...namesIn(svg, 'label')].map(({ length }) => length)).toEqual([40, 60])
  })
})
