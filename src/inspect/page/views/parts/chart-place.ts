/** @module Where a drawing stands in its window, and how large: fitted, magnified, moved, never lost out of sight. */

export interface Place {
  readonly x: number
  readonly y: number
  readonly scale: number
}
interface Sized {
  readonly width: number
  readonly height: number
}
type Size = readonly [width: number, height: number]

export const smallest = 0.2
export const largest = 4
const margin = 16
/** Larger it would look coarse. */
const largestFit = 1.25
/** Smaller nobody could read it. */
export const readable = 0.68

/** All of the drawing, in the middle. */
export function fitted(drawing: Sized, [width, height]: Size): Place {
  const fit = Math.min((width - 2 * margin) / drawing.width, (height - 2 * margin) / drawing.height)
  const scale = Math.max(smallest, Math.min(largestFit, fit))
  return { scale, x: (width - drawing.width * scale) / 2, y: (height - drawing.height * scale) / 2 }
}

/** All of it if that can be read, else as much as can be, from where the chart begins. */
export function begun(drawing: Sized, size: Size): Place {
  const whole = fitted(drawing, size)
  if (whole.scale >= readable) return whole
  const along = (length: number, room: number): number =>
    length * readable <= room ? (room - length * readable) / 2 : margin / 2
  return { scale: readable, x: along(drawing.width, size[0]), y: along(drawing.height, size[1]) }
}

/** Larger or smaller, around a point of the window. */
export function magnified(place: Place, by: number, [px, py]: Size): Place {
  const scale = Math.max(smallest, Math.min(largest, place.scale * by))
  const ratio = scale / place.scale
  return { scale, x: px - (px - place.x) * ratio, y: py - (py - place.y) * ratio }
}

/** Moved back so that a part of it stays in the window. */
export function inSight(place: Place, drawing: Sized, [width, height]: Size): Place {
  const [across, down] = [drawing.width * place.scale, drawing.height * place.scale]
  const [keepX, keepY] = [Math.min(80, across), Math.min(80, down)]
  return {
    scale: place.scale,
    x: Math.min(width - keepX, Math.max(keepX - across, place.x)),
    y: Math.min(height - keepY, Math.max(keepY - down, place.y)),
  }
}

/** Moved as little as possible, so that a box is in the window. */
export function shown(
  place: Place,
  box: Sized & { readonly x: number; readonly y: number },
  [width, height]: Size,
): Place {
  const along = (from: number, length: number, room: number, offset: number): number => {
    const begin = offset + from * place.scale
    const end = begin + length * place.scale
    if (begin >= margin && end <= room - margin) return offset
    if (end - begin > room - 2 * margin || begin < margin) return offset + margin - begin
    return offset + room - margin - end
  }
  return {
    scale: place.scale,
    x: along(box.x, box.width, width, place.x),
    y: along(box.y, box.height, height, place.y),
  }
}
