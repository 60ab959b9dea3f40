/** @module Choices that a seed repeats. */
import { seededRandom } from '../../../src/random.ts'

export class Dice {
  readonly #next: () => number

  constructor(seed: number) {
    const random = seededRandom(seed)
    this.#next = () => random.next()
  }

  /** A whole number from 0 to below `n`. */
  below(n: number): number {
    return Math.floor(this.#next() * n)
  }

  /** True once in `n` times. */
  in(n: number): boolean {
    return this.below(n) === 0
  }

  /** One of the items, or undefined where there is none. */
  pick<T>(items: readonly T[]): T | undefined {
    return items[this.below(items.length)]
  }

  of<T>(first: T, ...rest: readonly T[]): T {
    return [first, ...rest][this.below(rest.length + 1)] as T
  }

  /** A key, as often as its weight says. */
  weighted<K extends string>(weights: Readonly<Record<K, number>>): K {
    const keys = Object.keys(weights) as K[]
    let sum = 0
    for (const key of keys) sum += weights[key]
    let left = this.below(sum)
    for (const key of keys) {
      left -= weights[key]
      if (left < 0) return key
    }
    throw new Error('weights must be whole and not all zero')
  }
}
