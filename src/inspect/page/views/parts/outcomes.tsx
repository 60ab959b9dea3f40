/** @module How an outcome of an attempt is told apart: by its colour, its pattern and its name. */
import type { Bar } from '../../../protocol.ts'

export type BarOutcome = Bar['outcome']

/** In words, and the pattern that is drawn over the colour: lines of a tile of 6 px. */
export const outcomes: Readonly<Record<BarOutcome, { readonly words: string; readonly pattern: string }>> = {
  running: { words: 'running', pattern: '' },
  completed: { words: 'completed', pattern: '' },
  failed: { words: 'failed', pattern: 'M-1 7L7 -1M-1 1L1 -1M5 7L7 5' },
  retried: { words: 'failed, retried', pattern: 'M-1 -1L7 7M-1 5L1 7M5 -1L7 1' },
  timeout: { words: 'timed out', pattern: 'M1.5 0V6M4.5 0V6' },
  cancelled: { words: 'cancelled', pattern: 'M0 1.5H6M0 4.5H6' },
  released: { words: 'handed back', pattern: 'M3 2.2V3.8' },
  lost: { words: 'lost with its worker', pattern: 'M-1 -1L7 7M-1 7L7 -1' },
}
export const outcomeNames = Object.keys(outcomes) as readonly BarOutcome[]

/** The patterns, once in each drawing that uses them. */
export function OutcomePatterns() {
  return (
    <defs>
      {outcomeNames
        .filter((name) => outcomes[name].pattern !== '')
        .map((name) => (
          <pattern key={name} id={`outcome-${name}`} width="6" height="6" patternUnits="userSpaceOnUse">
            <path class={`outcome-lines outcome-${name}`} d={outcomes[name].pattern} />
          </pattern>
        ))}
    </defs>
  )
}

/** What the colours and patterns mean: those that are there. */
export function Legend({ used }: { readonly used: ReadonlySet<BarOutcome> }) {
  return (
    <ul class="legend" aria-label="Legend">
      {outcomeNames
        .filter((name) => used.has(name))
        .map((name) => (
          <li key={name}>
            <svg width="18" height="12" aria-hidden="true">
              <rect class={`bar-fill outcome-${name}`} x="0.5" y="0.5" width="17" height="11" rx="2" />
              {outcomes[name].pattern !== '' && (
                <rect x="0.5" y="0.5" width="17" height="11" rx="2" fill={`url(#outcome-${name})`} />
              )}
            </svg>
            {outcomes[name].words}
          </li>
        ))}
    </ul>
  )
}
