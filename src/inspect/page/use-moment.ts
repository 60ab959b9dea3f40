/** @module The moment that a part of the page shows: live as it comes, or one of the past. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Frame, Hello, Query } from '../protocol.ts'
import { paramsOf } from './address.ts'
import { fetchFrame, type Line, Stream } from './connection.ts'
import { Newest } from './newest.ts'

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

const keyOf = (query: Query | undefined): string => (query === undefined ? '' : paramsOf(query).toString())

/** Whether a frame may stand until the one that was asked for comes. */
const isNear = (frame: Frame | undefined, query: Query): boolean => frame?.view.view === query.view

export function useMoment(query: Query | undefined): Moment {
  const [moment, set] = useState<Moment>(nothing)
  const wanted = useRef('')
  const past = useRef<Newest<Query, Frame>>(undefined)
  const key = keyOf(query)
  wanted.current = key
  const isPast = query?.at !== undefined
  // in the past one stream stays as it is: it tells how it goes with the server, and its only frame is the first one
  const line = query === undefined ? '' : isPast ? `past ${query.view}` : key
  useEffect(() => {
    if (query === undefined) {
      set((last) => ({ ...nothing, hello: last.hello }))
      return undefined
    }
    set((last) => ({ ...last, frame: undefined, stale: last.frame ?? last.stale }))
    const stream = new Stream(query, ({ line: how, message, hello, frame }) => {
      // the first moment of the past, told anew to who comes back, is not wanted any more
      const shown = isPast && wanted.current !== key ? undefined : frame
      set((last) => ({
        line: how,
        message,
        hello: hello ?? last.hello,
        frame: shown ?? last.frame,
        stale: shown === undefined ? last.stale : undefined,
      }))
    })
    return () => stream.close()
  }, [line])
  useEffect(() => {
    if (!isPast) return undefined
    const reader = new Newest<Query, Frame>({
      every: pastEvery,
      ask: fetchFrame,
      told: (asked, frame) =>
        set((last) =>
          keyOf(asked) === wanted.current
            ? { ...last, message: undefined, frame, stale: undefined }
            : // not the newest, but on the way there
              { ...last, stale: frame },
        ),
      failed: (asked, error) => {
        if (keyOf(asked) === wanted.current) set((last) => ({ ...last, message: error.message }))
      },
    })
    past.current = reader
    return () => {
      past.current = undefined
      reader.close()
    }
  }, [isPast])
  const begun = useRef('')
  useEffect(() => {
    const isFirst = begun.current !== line
    begun.current = line
    if (query === undefined || !isPast || isFirst) return
    set((last) => {
      const shown = last.frame ?? last.stale
      return { ...last, frame: undefined, stale: isNear(shown, query) ? shown : undefined }
    })
    past.current?.want(query)
  }, [key, line])
  return moment
}
