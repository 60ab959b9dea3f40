/** @module Looking for a place in numbers that rise. */

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
