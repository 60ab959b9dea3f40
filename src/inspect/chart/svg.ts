/** @module A chart that was laid out as a picture of its own: SVG, for light and dark, without anything from outside. */
import type { LaidOutChart, LaidOutEdge, LaidOutNode } from '../protocol.ts'
import type { Point } from './border.ts'
import { shownAtEdge, shownInBox } from './text.ts'

/** What is marked in the picture. */
export interface Marks {
  /** How many are in which state, by dotted path; a state counts what is inside of it. @default nobody */
  readonly counts?: Readonly<Record<string, number>>
  /** The dotted path of a state that is marked, with all that are around it. @default none */
  readonly current?: string
}

const style = `
.page{fill:#fff}
.box{fill:#fff;stroke:#868e9c;stroke-width:1.2}
.outer>.box{fill:#f4f6f9}
.inner,.way{fill:none;stroke:#868e9c;stroke-width:1.2}
.dot,.tip{fill:#868e9c}
text{font:12px ui-sans-serif,system-ui,"Segoe UI","DejaVu Sans",sans-serif;fill:#565e6c}
.name{font-weight:600;fill:#1a1d23}
.label{font-size:11px;paint-order:stroke;stroke:#fff;stroke-width:3px;stroke-linejoin:round}
.guard{font-style:italic}
.current>.box{stroke:#2f5fd0;stroke-width:2.6}
@media (prefers-color-scheme:dark){
.page{fill:#0f1216}
.box{fill:#1c2129;stroke:#66707f}
.outer>.box{fill:#161a20}
.inner,.way{stroke:#66707f}
.dot,.tip{fill:#66707f}
text{fill:#a4adba}
.name{fill:#e8eaee}
.label{stroke:#0f1216}
.current>.box{stroke:#82a7ff}
}
`

/**
 * Draws it. What users named is text, whatever it looks like.
 *
 * @returns A whole document, readable on light and on dark. The same chart gives the same text.
 */
export function chartSvg(chart: LaidOutChart, marks: Marks = {}): string {
  const { width, height, title } = chart
  const size = `viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"`
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" aria-labelledby="title">`,
    `<title id="title">${xml(title)}</title>`,
    `<style>${style}</style>`,
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7.2" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path class="tip" d="M0.6 0.8L7.4 4L0.6 7.2z"/></marker></defs>',
    `<rect class="page" width="${width}" height="${height}" rx="8"/>`,
    ...chart.nodes.map((node) => nodeSvg(node, marks)),
    // a label stands over every way
    ...chart.edges.map(waySvg),
    ...chart.edges.flatMap(labelsSvg),
    '</svg>',
    '',
  ].join('\n')
}

const isWithin = (state: string, outer: string): boolean => state === outer || state.startsWith(`${outer}.`)

function nodeSvg({ id, kind, label, x, y, width, height }: LaidOutNode, { counts = {}, current }: Marks): string {
  if (kind === 'start') return `<circle class="dot" cx="${x + width / 2}" cy="${y + height / 2}" r="${width / 2}"/>`
  const outer = kind === 'compound' || kind === 'parallel'
  const inside = Object.entries(counts).filter(([state]) => isWithin(state, id))
  const count = inside.reduce((sum, [, each]) => sum + each, 0)
  const [middle, centre] = [x + width / 2, y + height / 2]
  const parts = [
    rect('box', { x, y, width, height, rx: outer ? 10 : 7, ...(kind === 'parallel' && { 'stroke-dasharray': '5 4' }) }),
    kind === 'final' ? rect('inner', { x: x + 3, y: y + 3, width: width - 6, height: height - 6, rx: 5 }) : '',
    outer
      ? text('name', shownInBox(label), { x: x + 12, y: y + 20 })
      : text('name', shownInBox(label), { x: middle, y: centre + (count > 0 ? -3 : 4), 'text-anchor': 'middle' }),
  ]
  const place = outer
    ? { x: x + width - 12, y: y + 20, 'text-anchor': 'end' }
    : { x: middle, y: centre + 13, 'text-anchor': 'middle' }
  if (count > 0) parts.push(text('count', count.toLocaleString('en'), place))
  const marked = current !== undefined && isWithin(current, id) ? ' current' : ''
  return `<g class="${outer ? 'outer' : 'state'}${marked}">${parts.join('')}</g>`
}

const waySvg = ({ points }: LaidOutEdge): string => `<path class="way" d="${pathOf(points)}" marker-end="url(#tip)"/>`

function labelsSvg({ label, labels }: LaidOutEdge): string[] {
  if (label === undefined) return []
  return labels.map(({ event, guard }, i) => {
    const place = { x: label.x + label.width / 2, y: label.y + (label.height / labels.length) * (i + 0.5) + 4 }
    const condition = guard === undefined ? '' : `<tspan class="guard"> [${xml(shownAtEdge(guard))}]</tspan>`
    return `<text class="label"${attributes({ ...place, 'text-anchor': 'middle' })}>${xml(shownAtEdge(event))}${condition}</text>`
  })
}

/** Straight lines with round corners. */
function pathOf(points: readonly Point[]): string {
  const steps = points.map((point, i) => {
    const [before, after] = [points[i - 1], points[i + 1]]
    if (before === undefined) return `M${point.join(' ')}`
    if (after === undefined) return `L${point.join(' ')}`
    return `L${near(point, before).join(' ')}Q${point.join(' ')} ${near(point, after).join(' ')}`
  })
  return steps.join('')
}

/** The point on the way to the other one where a corner begins. */
function near([x, y]: Point, [tx, ty]: Point): Point {
  const length = Math.hypot(tx - x, ty - y)
  const part = length === 0 ? 0 : Math.min(5, length / 2) / length
  return [tenth(x + (tx - x) * part), tenth(y + (ty - y) * part)]
}

type Attributes = Readonly<Record<string, string | number>>
const tenth = (value: number): number => Math.round(value * 10) / 10
const attributes = (given: Attributes): string =>
  Object.entries(given)
    .map(([name, value]) => ` ${name}="${typeof value === 'number' ? tenth(value) : value}"`)
    .join('')
const rect = (name: string, given: Attributes): string => `<rect class="${name}"${attributes(given)}/>`
const text = (name: string, content: string, given: Attributes): string =>
  `<text class="${name}"${attributes(given)}>${xml(content)}</text>`

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** XML cannot carry control characters at all. */
function xml(given: string): string {
  return given.replace(/[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu, '\uFFFD').replace(/[&<>"']/g, (mark) => entities[mark] ?? mark)
}
