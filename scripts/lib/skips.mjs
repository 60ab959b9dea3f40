/** @module What a run left out: told when it happens, told again at the end, and a failure on a build server. */
import { Failure, inCI } from './process.mjs'

const skips = []

/** Says that something was not run, and why. */
export function skip(what, why) {
  skips.push(`${what}: ${why}`)
  console.log(`\n!! SKIPPED ${what}: ${why}\n`)
}

/** Lists what was skipped. Throws on a build server if anything was. */
export function closeSkips() {
  for (const line of skips) console.log(`!! SKIPPED ${line}`)
  if (inCI && skips.length > 0) throw new Failure('with CI=true a skip is a failure', 1)
}
