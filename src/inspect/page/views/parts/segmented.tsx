/** @module Buttons of which one is pressed. */
import type { ComponentChildren } from 'preact'

interface SegmentedProps {
  readonly label: string
  readonly children: ComponentChildren
}

export function Segmented({ label, children }: SegmentedProps) {
  return (
    <fieldset class="segmented" aria-label={label}>
      {children}
    </fieldset>
  )
}
