import { BackgroundRunner, type BackgroundTask, defineRecipe } from '../../src/index.ts'

const runner = new BackgroundRunner()
const greet = defineRecipe({ name: 'greet', run: async (input: { who: string }) => `Hello ${input.who}` })
const tick = defineRecipe({ name: 'tick', run: () => 1 })

new BackgroundRunner({ recipes: [greet, tick] })
const greeting: Promise<BackgroundTask<string>> = runner.submitRecipe(greet, { who: 'Ada' })
const byName: Promise<BackgroundTask<string>> = runner.submitRecipe<typeof greet>('greet', { who: 'Ada' })
const ticked: Promise<BackgroundTask<number>> = runner.submitRecipe(tick)
// @ts-expect-error the input has another type
runner.submitRecipe(greet, { who: 1 })
// @ts-expect-error the input is missing
runner.submitRecipe(greet)

const task: BackgroundTask<number> = runner.submit(async (a: number, { signal }) => (signal.aborted ? 0 : a), {
  args: [1],
})
const both = runner.submit(({ needs }) => needs.task + needs.greeting.length, {
  needs: { task, greeting: await greeting },
})
const sum: BackgroundTask<number> = both
const list = runner.submit(({ needs }) => needs[0] * 2, { needs: [task] })
// @ts-expect-error a duration with a typing error
runner.submit(() => 1, { timeout: '5 minutes' })
// @ts-expect-error an option that does not exist
runner.submit(() => 1, { timeuot: '5m' })

export { byName, list, sum, ticked }

const plus: BackgroundTask<number> = runner.submit((a: number, b: number) => a + b, { args: [1, 2] })
const text: BackgroundTask<string> = runner.submit(async (list: string[]) => list.join(), { args: [['a', 'b']] })
// @ts-expect-error an argument of another type
runner.submit((a: number) => a, { args: ['1'] })

export { plus, text }

// @ts-expect-error a result that JSON cannot carry
defineRecipe({ name: 'map', run: () => new Map([['a', 1]]) })
// @ts-expect-error nor can it carry a function within
defineRecipe({ name: 'function', run: async () => ({ call: () => 1 }) })
defineRecipe({
  name: 'plain',
  run: async (input: { a: string }) => ({ a: input.a, list: [1, null, true], more: undefined }),
})
defineRecipe({ name: 'void', run: () => {} })
interface Report {
  readonly title: string
  readonly pages?: number
}
defineRecipe({ name: 'interface', run: (): Report => ({ title: 'x' }) })
