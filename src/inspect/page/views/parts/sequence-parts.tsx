/** @module What a sequence is drawn of: the heads of the lifelines, and a message as an arrow or in words. */
import type { Lifeline, SequenceMessage } from '../../../protocol.ts'
import { statusOfState } from './badge.tsx'
import { cutText } from './format.ts'
import { arrowOf, type Columns, timeWidth } from './lifelines.ts'

/** The height of a message, in px. */
export const rowHeight = 36

const kinds: Readonly<Record<Lifeline['kind'], string>> = {
  client: 'client',
  runner: 'runner',
  scheduler: 'scheduler',
  worker: 'worker',
  task: 'task',
  actor: 'actor',
}

interface HeadProps {
  readonly lifelines: readonly Lifeline[]
  readonly columns: Columns
  readonly chosen: string | undefined
}

export function Head({ lifelines, columns, chosen }: HeadProps) {
  return (
    <div class="lifelines" role="presentation" style={{ width: `${columns.width}px` }}>
      {lifelines.map(({ id, kind, label }, place) => (
        <div
          key={id}
          class={`lifeline kind-${kind} ${id === chosen ? 'chosen' : ''} ${place < columns.pinned ? 'pinned' : ''}`}
          style={{
            width: `${columns.each}px`,
            ...(place < columns.pinned && { left: `${timeWidth + place * columns.each}px` }),
          }}
        >
          <span class="lifeline-box" title={`${label} (${id})`}>
            {label !== kind && <span class="lifeline-kind">{kinds[kind]}</span>}
            <span class="lifeline-label">{cutText(label, 60)}</span>
          </span>
        </div>
      ))}
    </div>
  )
}

interface DrawnProps {
  readonly message: SequenceMessage
  readonly columns: Columns
  readonly labels: ReadonlyMap<string, string>
}

export function Drawn({ message, columns, labels }: DrawnProps) {
  const { to } = message
  const arrow = arrowOf(message, columns, rowHeight)
  const status = message.state === undefined ? '' : statusOfState(message.state)
  return (
    <>
      <svg class="message-drawing" width={columns.width} height={rowHeight} aria-hidden="true">
        <path class="lifeline-path" d={columns.path(rowHeight)} />
        {arrow !== undefined && (
          <g class={`arrow status-${status}`}>
            <path class="arrow-line" d={arrow.path} />
            <path class="arrow-head" d={arrow.head} />
            <text class="arrow-label" x={arrow.textX} y={rowHeight - 17} text-anchor={arrow.anchor}>
              {cutText(message.label, 40)}
            </text>
            {arrow.tailX !== undefined && (
              <text
                class="arrow-label"
                x={arrow.tailX}
                y={rowHeight - 17}
                text-anchor={arrow.anchor === 'end' ? 'start' : 'end'}
              >
                {cutText(message.label, 40)}
              </text>
            )}
            {columns.isHidden(to) && (
              <text class="arrow-far" x={columns.edge + 8} y={rowHeight - 7}>
                {cutText(labels.get(to) ?? to, 24)}
              </text>
            )}
          </g>
        )}
      </svg>
      {arrow?.stateX !== undefined && message.state !== undefined && (
        <span class={`message-state status-${status}`} aria-hidden="true" style={{ left: `${arrow.stateX + 9}px` }}>
          {shortState(message.state)}
        </span>
      )}
    </>
  )
}

/** The last part says most: `stopping cancel` of `running.stopping.cancel`. */
const shortState = (state: string): string =>
  state
    .split('.')
    .slice(state.startsWith('running.stopping') ? 1 : -1)
    .join(' ')

interface CompactProps {
  readonly message: SequenceMessage
  readonly labels: ReadonlyMap<string, string>
}

export function Compact({ message, labels }: CompactProps) {
  const name = (id: string): string => cutText(labels.get(id) ?? id, 60)
  return (
    <span class="message-words">
      <span class="message-who">
        {name(message.from)} <span aria-hidden="true">→</span> {name(message.to)}
      </span>
      <span class="message-what">
        <b>{cutText(message.label, 40)}</b>
        {message.state !== undefined && (
          <span class={`message-state status-${statusOfState(message.state)}`}>{shortState(message.state)}</span>
        )}
      </span>
    </span>
  )
}
