/** @module The state of a task: a shape and a colour for its status, and its name. */

import type { TaskRow, View } from '../../../protocol.ts'
import type { ViewProps } from '../../view-props.ts'
import { cutText, stateWords } from './format.ts'

/** What is drawn for a status besides its colour. */
export const glyphs: Readonly<Record<string, string>> = {
  new: 'M8 3.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 1 0 0 -9',
  pending: 'M8 3.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 1 0 0 -9M8 5.5V8l2 1.4',
  running: 'M6 4.5v7l5.5 -3.5z',
  completed: 'M3.8 8.4l3 3l5.4 -6.2',
  failed: 'M4.6 4.6l6.8 6.8M11.4 4.6l-6.8 6.8',
  cancelled: 'M8 3.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 1 0 0 -9M4.9 11.1l6.2 -6.2',
}

/** The first part of the dotted name. */
export const statusOfState = (state: string): string => state.split('.')[0] ?? state

export function StateGlyph({ state }: { readonly state: string }) {
  const status = statusOfState(state)
  return (
    <svg class={`glyph status-${status}`} viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
      <path d={glyphs[status] ?? glyphs.new} />
    </svg>
  )
}

/** A state in words, with its glyph. */
export function StateBadge({ state }: { readonly state: string }) {
  return (
    <span class={`badge status-${statusOfState(state)}`}>
      <StateGlyph state={state} />
      {stateWords(state)}
    </span>
  )
}

interface LinkProps {
  readonly row: TaskRow
  readonly go: ViewProps<View>['go']
}

/** Chooses a task. */
export function TaskLink({ row, go }: LinkProps) {
  return (
    <button type="button" class="task-link" onClick={() => go({ task: row.id })} title={`Show ${row.id}`}>
      <StateGlyph state={row.state} />
      <span class="task-link-name">{cutText(row.name, 80)}</span>
      <span class="muted">{stateWords(row.state)}</span>
    </button>
  )
}
