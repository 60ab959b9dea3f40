/** @module One task in the list: its state, its name and what it says, and how far it is. */
import type { TaskRow } from '../../../protocol.ts'
import { StateGlyph } from './badge.tsx'
import { awayOf, cutText, spanOf, stateWords } from './format.ts'

/** Parts of a grid: tables cannot be drawn in windows. */
const line = (place: number, isOpen: boolean) =>
  ({ role: 'row', 'aria-rowindex': place + 2, 'aria-selected': isOpen }) as const
const cell = { role: 'gridcell' } as const

interface Props {
  readonly place: number
  /** In px from the first row. */
  readonly top: number
  /** Undefined while it is on its way. */
  readonly row: TaskRow | undefined
  readonly now: number
  readonly isChosen: boolean
  readonly isOpen: boolean
}

export function TaskLine({ place, top, row, now, isChosen, isOpen }: Props) {
  const style = { transform: `translateY(${top}px)` }
  if (row === undefined)
    return (
      <div class="task-row waiting" {...line(place, false)} style={style}>
        <span {...cell} />
        <span {...cell} />
      </div>
    )
  const { id, name, state, status, recipe, attempt, createdAt } = row
  const took = row.startedAt === undefined ? undefined : (row.endedAt ?? now) - row.startedAt
  return (
    <div
      id={`row-${place}`}
      class={`task-row status-${status} ${isChosen ? 'chosen' : ''} ${isOpen ? 'open' : ''}`}
      {...line(place, isOpen)}
      data-task={id}
      style={style}
    >
      <span class="task-state" {...cell} title={stateWords(state)}>
        <StateGlyph state={state} />
        <span>{leafOf(state)}</span>
      </span>
      <span class="task-name" {...cell}>
        <span class="row-title" title={cutText(name, 300)}>
          {cutText(name, 120)}
        </span>
        <Note row={row} now={now} />
      </span>
      <span class="task-id mono muted" {...cell} title={id}>
        {cutText(id, 9)}
        <CopyId id={id} />
      </span>
      <span class="task-recipe muted" {...cell}>
        {recipe === undefined ? '' : cutText(recipe, 40)}
      </span>
      <span class="number muted" {...cell}>
        {attempt > 1 ? attempt : ''}
      </span>
      <Progress row={row} />
      <span class="number" {...cell}>
        {took === undefined ? '' : spanOf(took)}
      </span>
      <span class="number muted" {...cell}>
        {ageOf(createdAt, now)}
      </span>
    </div>
  )
}

/** The glyph tells the status, so the words tell the rest. */
const leafOf = (state: string): string => {
  const [status = '', ...rest] = state.split('.')
  return rest.length === 0 ? status : rest.join(' · ')
}

/** `12 s`, `4 m`, `3 h`, `2 d`: whole units, so that the column is narrow. */
function ageOf(at: number, now: number): string {
  const seconds = Math.max(0, Math.floor((now - at) / 1_000))
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} m`
  return seconds < 86_400 ? `${Math.floor(seconds / 3_600)} h` : `${Math.floor(seconds / 86_400)} d`
}

/** Why it failed, when it goes on, or what it says. */
function Note({ row, now }: { readonly row: TaskRow; readonly now: number }) {
  const { error, dueAt, message, state, status } = row
  if (error !== undefined) return <span class="row-note row-error">{cutText(error, 160)}</span>
  if (state === 'pending.delayed' && dueAt !== undefined)
    return <span class="row-note muted">{dueAt <= now ? 'due now' : `due ${awayOf(dueAt, now)}`}</span>
  if (status === 'running' && message !== undefined) return <span class="row-note muted">{cutText(message, 160)}</span>
  return null
}

function Progress({ row: { progress, status } }: { readonly row: TaskRow }) {
  const percent = Math.round(Math.min(1, Math.max(0, progress ?? 0)) * 100)
  return (
    <span class="task-bar" {...cell}>
      {progress !== undefined && status === 'running' && (
        <>
          <span class="bar-progress" aria-hidden="true">
            <span style={{ width: `${percent}%` }} />
          </span>
          <span class="muted">{percent} %</span>
        </>
      )}
    </span>
  )
}

/** For the pointer; who uses the keys finds the same in the task itself. */
function CopyId({ id }: { readonly id: string }) {
  return (
    <button
      type="button"
      class="copy"
      tabIndex={-1}
      aria-label="Copy the id"
      title="Copy the id"
      onClick={(event) => {
        event.stopPropagation()
        const { clipboard } = navigator as { clipboard?: Clipboard }
        const button = event.currentTarget
        clipboard?.writeText(id).then(
          () => button.classList.add('copied'),
          () => {},
        )
        button.addEventListener('pointerleave', () => button.classList.remove('copied'), { once: true })
      }}
    >
      <svg viewBox="0 0 16 16" width="13" height="13" aria-hidden="true">
        <g class="copy-sheets">
          <rect x="5.5" y="5.5" width="8" height="8" rx="1.5" />
          <path d="M3.5 10.5h-1v-8h8v1" />
        </g>
        <path class="copy-done" d="M3.5 8.5l3 3l6 -7" />
      </svg>
    </button>
  )
}
