/** @module The time that a view shows: it ticks while the page is live, and stands still in the past. */
import { useEffect, useState } from 'preact/hooks'
import type { Frame } from '../../../protocol.ts'

/** Epoch ms. Frames come only when something happens: in between it is the clock of this machine that goes on. */
export function useNow({ live, time }: Frame, every = 500): number {
  const [now, tick] = useState(() => Date.now())
  useEffect(() => {
    if (!live) return undefined
    const timer = setInterval(() => tick(Date.now()), every)
    return () => clearInterval(timer)
  }, [live, every])
  return live ? Math.max(time, now) : time
}
