/** @module The calendar strip of a schedule: what was on the left of now, what will be on the right. */
import type { ScheduleRow } from '../../../protocol.ts'
import { type Span, ticksOf, xOf } from '../../zoom.ts'
import { countOf } from './format.ts'

export interface StripProps {
  readonly span: Span
  readonly width: number
  readonly now: number
}

export function StripAxis({ span, width, now }: StripProps) {
  const x = xOf(span, width, now)
  return (
    <svg width={width} height="24" aria-hidden="true">
      {ticksOf(span, Math.max(2, Math.floor(width / 76))).map(({ at, label, strong }) => {
        const place = xOf(span, width, at)
        return Math.abs(place - x) < 34 || place < 18 || place > width - 18 ? null : (
          <text key={at} class={strong ? 'tick strong' : 'tick'} x={place} y="16" text-anchor="middle">
            {label}
          </text>
        )
      })}
      <text class="tick now" x={x} y="16" text-anchor="middle">
        now
      </text>
    </svg>
  )
}

const shownMarks = 60
const disc = 'm-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z'

/** A square failed, a ring was cancelled; the disc is everything else. */
export function shapeOf(status: string | undefined): string {
  if (status === 'failed') return 'm-4 -4h8v8h-8z'
  return status === 'cancelled' ? `${disc}m2 0a2 2 0 1 1 4 0a2 2 0 1 1 -4 0z` : disc
}

/** What was on the left of now, what will be on the right. */
export function Strip({ row, span, width, now }: StripProps & { readonly row: ScheduleRow }) {
  const { history, next } = row
  const past = history.slice(0, shownMarks).filter(({ at }) => at >= span[0])
  const coming = next.slice(0, shownMarks).filter((at) => at <= span[1])
  const last = next.at(-1)
  // the server names the next few only
  const goesOn = row.status === 'active' && next.length > 2 && last !== undefined && last <= span[1]
  const words = `${countOf(past.length, 'firing')} behind and ${countOf(coming.length, 'firing')} ahead in sight`
  return (
    <svg class="strip" width={width} height="32" role="img" aria-label={words}>
      <line class="strip-line" x1="0" x2={width} y1="16" y2="16" />
      {ticksOf(span, Math.max(2, Math.floor(width / 76))).map(({ at }) => (
        <line key={at} class="grid-line" x1={xOf(span, width, at)} x2={xOf(span, width, at)} y1="0" y2="32" />
      ))}
      <line class="now-line" x1={xOf(span, width, now)} x2={xOf(span, width, now)} y1="0" y2="32" />
      {past.map(({ at, task, status, reason }) => {
        const x = xOf(span, width, at)
        return task === undefined ? (
          <path key={`${at} ${reason}`} class="mark skipped" d={`M${x - 3} 13l6 6m0 -6l-6 6`} />
        ) : (
          <path key={`${at} ${task}`} class={`mark status-${status ?? 'pending'}`} d={`M${x} 16${shapeOf(status)}`} />
        )
      })}
      {coming.map((at) => (
        <path
          key={at}
          class={`mark coming ${row.status === 'active' ? '' : 'paused'}`}
          d={`M${xOf(span, width, at)} 10.5l5.5 5.5l-5.5 5.5l-5.5 -5.5z`}
        />
      ))}
      {goesOn && (
        <text class="tick" x={xOf(span, width, last) + 11} y="19">
          …
        </text>
      )}
    </svg>
  )
}
