/** @module A chart that was laid out as a picture of its own: SVG, for light and dark, without anything from outside. */
import type { LaidOutChart, LaidOutEdge, LaidOutNode } from '../protocol.ts'

const style = `
  .chart { --text: #1a1d23; --muted: #565e6c; --line: #8b94a3; --panel: #ffffff; --inside: #f4f6f9; }
  @media (prefers-color-scheme: dark) {
    .chart { --text: #e8eaee; --muted: #9da6b4; --line: #5c6675; --panel: #14171c; --inside: #191d24; }
  }
  .chart text { font: 12px ui-sans-serif, system-ui, "Segoe UI", "DejaVu Sans", sans-serif; fill: var(--text); }
  .chart .box { fill: var(--panel); stroke: var(--line); stroke-width: 1.2; }
  .chart .outer .box { fill: var(--inside); }
  .chart .name { font-weight: 600; }
  .chart .inner { fill: none; stroke: var(--line); }
  .chart .start, .chart marker path { fill: var(--line); }
  .chart .way { fill: none; stroke: var(--line); stroke-width: 1.2; }
  .chart .label { font-size: 11px; fill: var(--muted); }
  .chart .guard { font-style: italic; }
`

/** Draws it. What users named is text, whatever it looks like. */
export function chartSvg(chart: LaidOutChart): string {
  const { width, height, title } = chart
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title">`,
    `<title id="title">${xml(title)}</title>`,
    `<style>${style}</style>`,
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7.2" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0.6 0.8L7.4 4L0.6 7.2z"/></marker></defs>',
    ...chart.nodes.map(nodeSvg),
    ...chart.edges.map(edgeSvg),
    '</svg>',
    '',
  ].join('\n')
}

function nodeSvg({ kind, label, x, y, width, height }: LaidOutNode): string {
  if (kind === 'start') return `<circle class="start" cx="${x + width / 2}" cy="${y + height / 2}" r="${width / 2}"/>`
  const outer = kind === 'compound' || kind === 'parallel'
  const box = `<rect class="box" x="${x}" y="${y}" width="${width}" height="${height}" rx="${outer ? 10 : 7}"/>`
  const inner =
    kind === 'final'
      ? `<rect class="inner" x="${x + 3}" y="${y + 3}" width="${width - 6}" height="${height - 6}" rx="5"/>`
      : ''
  const at = outer
    ? `x="${x + 12}" y="${y + 20}"`
    : `x="${x + width / 2}" y="${y + height / 2 + 4}" text-anchor="middle"`
  return `<g class="${outer ? 'outer' : 'state'}">${box}${inner}<text class="name" ${at}>${xml(label)}</text></g>`
}

function edgeSvg({ points, label, labels }: LaidOutEdge): string {
  const way = `<path class="way" d="M${points.map(([x, y]) => `${x} ${y}`).join('L')}" marker-end="url(#tip)"/>`
  if (label === undefined) return way
  const lines = labels.map(({ event, guard }, i) => {
    const y = label.y + (label.height / labels.length) * (i + 0.5) + 4
    const condition = guard === undefined ? '' : `<tspan class="guard"> [${xml(guard)}]</tspan>`
    return `<text class="label" x="${label.x + label.width / 2}" y="${y}" text-anchor="middle">${xml(event)}${condition}</text>`
  })
  return way + lines.join('')
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** XML cannot carry control characters at all. */
function xml(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu, '\uFFFD').replace(/[&<>"']/g, (mark) => entities[mark] ?? mark)
}
