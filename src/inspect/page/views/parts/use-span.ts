/** @module The window of time that the timeline shows: the server's while nobody has zoomed, then one's own. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { TimelineView } from '../../../protocol.ts'
import type { ViewProps } from '../../view-props.ts'
import { kept, type Span } from '../../zoom.ts'

/** How long one must be still before the server is asked for the bars of another window. */
const rest = 180

export interface Window {
  readonly span: Span
  readonly zoomed: boolean
  look(span: Span): void
  /** Back to the window that goes on with time. */
  follow(): void
}

export function useSpan({ view, frame, query, go }: ViewProps<TimelineView>, now: number): Window {
  const asked = spanOf(query)
  const [own, setOwn] = useState<Span | undefined>(asked)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  // the address changed under us: somebody went back in the history of the browser
  const [known, know] = useState(asked)
  if (known?.[0] !== asked?.[0] || known?.[1] !== asked?.[1]) {
    know(asked)
    if (timer.current === undefined) setOwn(asked)
  }
  const later = (span: Span | undefined) => {
    clearTimeout(timer.current)
    setOwn(span)
    timer.current = setTimeout(() => {
      timer.current = undefined
      go({ since: span && Math.floor(span[0]), until: span && Math.ceil(span[1]) })
    }, rest)
  }
  return {
    span: own ?? ahead(view, frame.live ? Math.max(0, now - view.until) : undefined),
    zoomed: own !== undefined,
    look: (span) => later(kept(span, view.extent)),
    follow: () => later(undefined),
  }
}

/** Live, it goes on with the time that passed since the frame, and what comes has a little room on the right. */
function ahead({ since, until }: TimelineView, passed: number | undefined): Span {
  if (passed === undefined) return [since, Math.max(since + 1, until)]
  return [since + passed, Math.max(since + 1, until + (until - since) * 0.025) + passed]
}

function spanOf({ since, until }: { readonly since?: number; readonly until?: number }): Span | undefined {
  return since === undefined || until === undefined || until <= since ? undefined : [since, until]
}
