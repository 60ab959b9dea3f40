/** @module What hands do with the timeline: drag over a span, move it with a finger, turn the wheel. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { between, moved, type Span, zoomed } from '../../zoom.ts'

/** A drag over the plot looks closer at what was dragged over; with a finger it moves. */
export function useSelect(span: Span, width: number, look: (span: Span) => void) {
  const began = useRef<{ readonly x: number; readonly span: Span; readonly touch: boolean } | undefined>(undefined)
  const [range, setRange] = useState<readonly [number, number]>()
  const placeIn = (event: PointerEvent): number => {
    const { left } = (event.currentTarget as HTMLElement).getBoundingClientRect()
    return Math.max(0, Math.min(width, event.clientX - left))
  }
  const atOf = (x: number): number => span[0] + ((span[1] - span[0]) * x) / width
  return {
    range,
    down: (event: PointerEvent) => {
      if (event.button === 0) began.current = { x: placeIn(event), span, touch: event.pointerType === 'touch' }
    },
    move: (event: PointerEvent) => {
      const start = began.current
      if (start === undefined) return
      const x = placeIn(event)
      if (Math.abs(x - start.x) < 4 && range === undefined) return
      if (!(event.currentTarget as HTMLElement).hasPointerCapture(event.pointerId))
        (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId)
      if (start.touch) look(moved(start.span, (start.x - x) / width))
      else setRange([Math.min(start.x, x), Math.max(start.x, x)])
    },
    up: () => {
      began.current = undefined
      setRange(undefined)
      if (range !== undefined && range[1] - range[0] > 4) look(between(atOf(range[0]), atOf(range[1])))
    },
    drop: () => {
      began.current = undefined
      setRange(undefined)
    },
  }
}

/** The wheel zooms where the pointer is; sideways it moves. Preact would listen passively. */
export function useWheel(box: { readonly current: HTMLElement | null }, span: Span, look: (span: Span) => void) {
  const latest = useRef({ span, look })
  latest.current = { span, look }
  useEffect(() => {
    const element = box.current
    if (element === null) return undefined
    const wheel = (event: WheelEvent) => {
      event.preventDefault()
      const { span: now, look: to } = latest.current
      const { left, width } = element.getBoundingClientRect()
      const sideways = event.shiftKey ? event.deltaY : event.deltaX
      if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) return to(moved(now, sideways / width))
      const around = now[0] + ((now[1] - now[0]) * (event.clientX - left)) / width
      return to(zoomed(now, Math.exp(Math.max(-100, Math.min(100, event.deltaY)) * 0.003), around))
    }
    element.addEventListener('wheel', wheel, { passive: false })
    return () => element.removeEventListener('wheel', wheel)
  }, [box])
}
