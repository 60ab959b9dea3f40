/** @module The size of an element, as it changes. */
import type { RefObject } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'

/** Calls `measure` before the element is painted, and whenever its size changes. */
export function useMeasured(box: { readonly current: HTMLElement | null }, measure: (element: HTMLElement) => void) {
  useLayoutEffect(() => {
    const element = box.current
    if (element === null) return undefined
    const measured = () => measure(element)
    measured()
    const observer = new ResizeObserver(measured)
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
}

/** A ref to put on the element, and its width in px; `first` until it is known. */
export function useWidth<T extends HTMLElement>(first: number): readonly [RefObject<T | null>, number] {
  const element = useRef<T>(null)
  const [width, setWidth] = useState(first)
  useMeasured(element, ({ clientWidth }) => setWidth(Math.max(1, Math.floor(clientWidth))))
  return [element, width]
}

/** How high an element is, in px; `first` until it is known. */
export function useHeight(box: { readonly current: HTMLElement | null }, first: number): number {
  const [height, setHeight] = useState(first)
  useMeasured(box, ({ clientHeight }) => setHeight(clientHeight))
  return height
}
