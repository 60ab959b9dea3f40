/** @module The steps of a task, to walk through with the arrow keys, and what each one changed. */
import type { Step } from '../../fold-task.ts'
import { membersOf } from '../../fold-task.ts'
import { StateGlyph } from './badge.tsx'
import { afterOf, clockOf, cutText, stateWords } from './format.ts'
import { briefOf } from './json-rows.ts'
import { JsonTree } from './json-tree.tsx'
import { arrows, letters, pages, placeAfter } from './rows.ts'
import { Windowed } from './windowed.tsx'

export const stepHeight = 28
const walk = { ...arrows, ...letters, ...pages(10) }

/** By whom or where: what an event says of it. */
function whoOf({ happening: { event } }: Step): string {
  if (event.type === 'start' || event.type === 'expire') return event.worker
  if (event.type === 'cancel') return event.by ?? ''
  if (event.type === 'submit') return event.owner ?? (event.schedule === undefined ? '' : 'scheduler')
  if (event.type === 'progress') return `${Math.round(event.fraction * 100)} %`
  if (event.type === 'fail') return event.error.code
  if (event.type === 'timeout') return event.scope
  if (event.type === 'ask') return event.wait.kind
  return event.type === 'needFailed' ? event.need : ''
}

interface ListProps {
  readonly steps: readonly Step[]
  /** The place in `steps`. */
  readonly chosen: number
  choose(place: number): void
}

/** Up and down walk, Home and End go to the ends. */
export function StepList({ steps, chosen, choose }: ListProps) {
  const first = steps[0]?.happening.at ?? 0
  const keys = (event: KeyboardEvent) => {
    const to = placeAfter(event.key, chosen, steps.length, walk)
    if (to === undefined) return
    event.preventDefault()
    choose(to)
  }
  return (
    <Windowed
      class="step-rows"
      label="Steps"
      role="listbox"
      count={steps.length}
      row={stepHeight}
      chosen={chosen}
      active={`step-${chosen}`}
      onKeyDown={keys}
    >
      {(place) => {
        const step = steps[place] as Step
        const { happening, mismatch } = step
        const moves = happening.from !== happening.to
        const to = happening.to ?? 'gone'
        return (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the list hears the keys
          // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus, and names its active option
          <div
            key={step.place}
            id={`step-${place}`}
            class={`step-row ${moves ? '' : 'stays'} ${mismatch === undefined ? '' : 'mismatch'}`}
            role="option"
            aria-selected={place === chosen}
            onClick={() => choose(place)}
          >
            <time class="step-time" title={clockOf(happening.at)}>
              {afterOf(happening.at, first)}
            </time>
            <span class="step-event">{happening.event.type}</span>
            <span class="step-to">
              {moves && <StateGlyph state={to} />}
              {moves ? stateWords(to) : ''}
            </span>
            <span class="step-who">{cutText(whoOf(step), 40)}</span>
            {mismatch !== undefined && (
              <span class="step-warn" title={mismatch}>
                ≠<span class="sr-only">disagrees with the server</span>
              </span>
            )}
          </div>
        )
      }}
    </Windowed>
  )
}

const times: ReadonlySet<string> = new Set(['startedAt', 'endedAt', 'dueAt', 'deadline'])

/** A member as one line; a time as the time that it is. */
function shown(name: string, value: unknown, most: number): string {
  if (value === undefined) return '–'
  return times.has(name) && typeof value === 'number' ? clockOf(value) : briefOf(value, most)
}

interface DetailProps {
  readonly step: Step
  readonly count: number
}

/** What one step did: the event, and the context with what changed in front. */
export function StepDetail({ step, count }: DetailProps) {
  const { happening, mismatch, place } = step
  const members = membersOf(step)
  const changed = members.filter((member) => member.changed)
  const rest = members.filter((member) => !member.changed)
  return (
    <div class="step-detail">
      <p class="step-line">
        <strong class="step-event">{happening.event.type}</strong>
        <span class="muted">
          step {place + 1} of {count} · n {happening.n} · version {happening.version}
        </span>
        <time class="muted">{clockOf(happening.at)}</time>
      </p>
      <p class="step-move">
        <span>{stateWords(happening.from)}</span>
        <span aria-hidden="true">→</span>
        <span class="sr-only">to</span>
        <strong>{happening.from === happening.to ? 'stays' : stateWords(happening.to ?? 'gone')}</strong>
      </p>
      {mismatch !== undefined && (
        <p class="mismatch-note" role="alert">
          The chart of this page disagrees with the server: {mismatch}. From here on the server’s word is shown.
        </p>
      )}
      <table class="context-table">
        <caption>Context</caption>
        <thead class="sr-only">
          <tr>
            <th>Member</th>
            <th>Before</th>
            <th>After</th>
          </tr>
        </thead>
        <tbody>
          {changed.map(({ name, before, after }) => (
            <tr key={name} class="changed">
              <th scope="row">{name}</th>
              <td class="was">{shown(name, before, 120)}</td>
              <td class="is">{shown(name, after, 200)}</td>
            </tr>
          ))}
          {rest.map(({ name, after }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td colSpan={2}>{shown(name, after, 200)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <h4>Event</h4>
      <JsonTree key={happening.n} value={happening.event} label={`The event ${happening.event.type}`} depth={2} />
    </div>
  )
}
