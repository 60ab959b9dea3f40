/** @module The moment that a part of the page shows: live as it comes, or one of the past. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Frame, Hello, Query } from '../protocol.ts'
import { paramsOf } from './address.ts'
import { fetchFrame, type Line, Stream } from './connection.ts'

export interface Moment {
  readonly line: Line
  readonly message: string | undefined
  readonly hello: Hello | undefined
  /** The newest frame of the query's view; undefined until there is one. */
  readonly frame: Frame | undefined
  /** The frame of the query before, while the new one is on its way. */
  readonly stale: Frame | undefined
}

/** No more than ten moments of the past are asked for in a second. */
const pastEvery = 100
const nothing: Moment = { line: 'connecting', message: undefined, hello: undefined, frame: undefined, stale: undefined }

export function useMoment(query: Query | undefined): Moment {
  const [moment, set] = useState<Moment>(nothing)
  const askedAt = useRef(0)
  const key = query === undefined ? '' : paramsOf(query).toString()
  useEffect(() => {
    if (query === undefined) return undefined
    set((last) => ({ ...last, frame: undefined, stale: last.frame ?? last.stale }))
    if (query.at === undefined) {
      const stream = new Stream(query, ({ line, message, hello, frame }) =>
        set((last) => ({
          line,
          message,
          hello: hello ?? last.hello,
          frame: frame ?? last.frame,
          stale: frame === undefined ? last.stale : undefined,
        })),
      )
      return () => stream.close()
    }
    const stop = new AbortController()
    const wait = Math.max(0, askedAt.current + pastEvery - performance.now())
    const timer = setTimeout(() => {
      askedAt.current = performance.now()
      fetchFrame(query, stop.signal).then(
        (frame) => set((last) => ({ ...last, line: 'open', message: undefined, frame, stale: undefined })),
        (error: Error) => {
          if (!stop.signal.aborted) set((last) => ({ ...last, line: 'lost', message: error.message }))
        },
      )
    }, wait)
    return () => {
      clearTimeout(timer)
      stop.abort()
    }
  }, [key])
  return moment
}
