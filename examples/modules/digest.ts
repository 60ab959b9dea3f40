/** @module Work for a thread: see 10-threads.ts. */
import { scryptSync } from 'node:crypto'
import type { TaskContext } from 'offstage'

/** A digest that is slow on purpose. */
export function digest(text: string, { log }: TaskContext): string {
  log('computing', { length: text.length })
  return scryptSync(text, 'salt', 32).toString('hex')
}
