/** @module The summary. Every figure in it was counted in this run. */
import type { Study } from './corpus.ts'
import type { Digest } from './digest.ts'
import type { LinkReport } from './links.ts'
import { bold, count, safe, seconds } from './text.ts'
import type { Figures } from './timeline.ts'

/** How a watched task went. */
export interface Ending {
  readonly name: string
  readonly ended: string
  /** What `explain()` said while it went on, and at its end. */
  readonly meanwhile: string
  readonly atEnd: string
}

/** All that is told. */
export interface Findings {
  readonly digests: readonly Digest[]
  readonly study: Study
  readonly links: LinkReport
  readonly figures: Figures
  readonly slots: number
  readonly endings: readonly Ending[]
}

export function report(findings: Findings): void {
  for (const part of [totals, terms, longest, hosts, links, timeline, endings]) console.log(`\n${part(findings)}`)
}

const sum = (digests: readonly Digest[], of: (digest: Digest) => number): string =>
  count(digests.reduce((total, digest) => total + of(digest), 0))

function totals({ digests, study }: Findings): string {
  const parts = [
    `${count(digests.length)} documents (${count(study.copies)} are copies)`,
    `${sum(digests, (each) => each.words)} words`,
    `${sum(digests, (each) => each.headings)} headings`,
    `${sum(digests, (each) => each.links)} links`,
    `${sum(digests, (each) => each.codeBlocks)} code blocks`,
    `${count(study.vocabulary)} terms`,
  ]
  return `${bold('Read')}  ${parts.join(', ')}`
}

function terms({ study }: Findings): string {
  const { compared, nearCopies, closest } = study.pairs
  const alike =
    closest === undefined
      ? 'no two have a term in common'
      : `${safe(closest.paths[0])} and ${safe(closest.paths[1])} (${(100 * closest.alike).toFixed(0)} %)`
  return `${bold('Most telling terms')}  ${safe(study.terms.join(', ')) || 'none is in two documents'}
${bold('Compared')}  ${count(compared)} pairs, ${count(nearCopies)} of them near copies; the most alike of the others: ${alike}`
}

function longest({ digests, study }: Findings): string {
  const ranked = digests.map((digest, i) => ({ digest, terms: study.termsOf[i] ?? [] }))
  const rows = ranked
    .sort((a, b) => b.digest.words - a.digest.words)
    .slice(0, 6)
    .map(({ digest: { path, words, headings, links, codeBlocks }, terms }) => {
      const figures = [words, headings, links, codeBlocks].map((n) => count(n).padStart(9)).join('')
      return `${figures}  ${safe(path)}\n${' '.repeat(38)}${safe(terms.join(', '))}`
    })
  const head = ['words', 'headings', 'links', 'code'].map((text) => text.padStart(9)).join('')
  return [bold('Longest documents, and their most telling terms'), head, ...rows].join('\n')
}

function hosts({ digests }: Findings): string {
  const linked = new Map<string, number>()
  for (const host of digests.flatMap((digest) => digest.hosts)) linked.set(host, (linked.get(host) ?? 0) + 1)
  const top = [...linked].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).slice(0, 8)
  const told = top.map(([host, times]) => `${safe(host)} ${count(times)}`)
  return `${bold('Most linked hosts')} of ${count(linked.size)}  ${told.join(', ') || 'none'}`
}

function links({ links: { documents, checked, broken } }: Findings): string {
  const dead = broken.reduce((total, each) => total + each.links.length, 0)
  const worst = broken.toSorted((a, b) => b.links.length - a.links.length)[0]
  const most = worst === undefined ? '' : `; most of them in ${safe(worst.path)}: ${count(worst.links.length)}`
  return `${bold('Links to files')}  ${count(checked)} in ${count(documents)} documents, ${count(dead)} lead nowhere${most}`
}

function timeline({ figures, slots }: Findings): string {
  const { wall, busy, most, attempts, load } = figures
  const used = ((100 * busy) / (wall * slots)).toFixed(0)
  return [
    `${bold('Timeline')}  ${count(attempts)} attempts in ${seconds(wall)}; slots were busy for ${seconds(busy)} together`,
    `${used} % of ${slots} slots over the whole time, at most ${most} at once`,
    `0 s ${load.map((each) => ' ▁▂▃▄▅▆▇█'[Math.min(8, Math.ceil((8 * each) / slots))]).join('')} ${seconds(wall)}`,
  ].join('\n          ')
}

function endings({ endings }: Findings): string {
  const told = endings.map(({ name, ended, meanwhile, atEnd }) => {
    const lines = [meanwhile && `meanwhile  ${safe(meanwhile)}`, `at the end ${safe(atEnd)}`].filter(Boolean)
    return `${bold(safe(name))}: ${safe(ended)}\n${lines.map((line) => `    ${line}`).join('\n')}`
  })
  return `${bold('How the special tasks ended, and what explain() said of them')}\n  ${told.join('\n  ')}`
}
