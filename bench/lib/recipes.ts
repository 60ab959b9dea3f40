/** @module The recipes that are measured. */
import { setTimeout as sleep } from 'node:timers/promises'
import { defineRecipe } from 'offstage'

/** How many naps this process took. */
export const naps = { taken: 0 }

/** Does nothing. */
export const noop = defineRecipe({ name: 'noop', run: async (_: number): Promise<void> => {} })

/** When it began, in ms of a clock that all processes of a machine share. */
export const stamp = defineRecipe({ name: 'stamp', run: async (_: number): Promise<number> => sharedNow() })

/** Takes two milliseconds. */
export const nap = defineRecipe({
  name: 'nap',
  run: async (_: number): Promise<void> => {
    naps.taken += 1
    await sleep(2)
  },
})

/** Ms since some moment, the same for every process. */
export const sharedNow = (): number => Number(process.hrtime.bigint()) / 1e6
