/** @module What an auditor writes down about a task. */
import type { SubmitRecord } from '../../../src/machines/records.ts'
import type { TaskSnapshot } from '../../../src/machines/store-state.ts'

/** A rule that was broken. */
export class Violation extends Error {
  readonly rule: string

  constructor(rule: string, what: string) {
    super(`${rule}: ${what}`)
    this.rule = rule
  }
}

/** What the books know of one task. */
export interface Life {
  readonly spec: SubmitRecord
  readonly seq: number
  snapshot: TaskSnapshot
  state: string
  runs: number
  asks: number
  claim: string | undefined
  zombie: string | undefined
  cancelled: boolean
  /** Open asks: number to child, or to undefined for input. */
  readonly waits: Map<number, string | undefined>
}

/** A claim that was won and whose work has not ended, as far as anybody can know. */
export interface Holder {
  readonly claim: string
  readonly worker: string
  readonly life: Life
}

export const settled = (state: string): boolean => state === 'completed' || state === 'failed' || state === 'cancelled'
