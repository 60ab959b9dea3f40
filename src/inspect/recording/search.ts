/** @module Looking for a place in what rises. */

/** The last number for which `holds`, which it does up to somewhere: `first` without asking, and none above `last`. */
export function lastWhere(first: number, last: number, holds: (n: number) => boolean): number {
  let low = first
  let high = last
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (holds(middle)) low = middle
    else high = middle - 1
  }
  return low
}

/** The index of the first number above `n`; the length without one. */
export function firstAbove(numbers: readonly number[], n: number): number {
  let low = 0
  let high = numbers.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((numbers[middle] as number) > n) high = middle
    else low = middle + 1
  }
  return low
}
