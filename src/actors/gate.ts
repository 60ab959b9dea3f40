/** @module Which tasks this worker takes now: recipes it knows, within their rate limits. */
import type { Clock } from '../clock.ts'
import { show } from '../errors.ts'
import type { StoredTask } from '../machines/store-state.ts'
import type { Taker } from '../store/ready.ts'
import { type Rate, RateLimiter } from './rate.ts'
import type { Timer, Timers } from './timer.ts'

/** What the gate asks about recipes. */
export interface Recipes {
  /** Whether this runner can run tasks of that recipe; undefined stands for functions. */
  knows(recipe: string | undefined): boolean
  rateOf(recipe: string): Rate | undefined
  /** The input of a task, wherever the store keeps it. */
  inputOf(task: StoredTask): unknown
}

/** The door of one worker. Opens again by itself when a rate limit has room. */
export class Gate implements Taker {
  readonly #recipes: Recipes
  readonly #clock: Clock
  readonly #timers: Timers
  readonly #reopened: () => void
  readonly #warn: (message: string, cause: unknown) => void
  readonly #limiter = new RateLimiter()
  /** The user's key function is asked once for each task, however often the queue is looked through. */
  readonly #names = new WeakMap<StoredTask, string>()
  #timer: Timer | undefined

  constructor(
    recipes: Recipes,
    clock: Clock,
    timers: Timers,
    reopened: () => void,
    warn: (message: string, cause: unknown) => void,
  ) {
    this.#recipes = recipes
    this.#clock = clock
    this.#timers = timers
    this.#reopened = reopened
    this.#warn = warn
  }

  takes(recipe: string | undefined): boolean {
    if (!this.#recipes.knows(recipe)) return false
    const rate = recipe === undefined ? undefined : this.#recipes.rateOf(recipe)
    return rate === undefined || rate.key !== undefined || this.#admits(recipe as string, rate)
  }

  fits(task: StoredTask): boolean {
    const rate = this.#rateOf(task)
    return rate?.key === undefined || this.#admits(this.#nameOf(task, rate), rate)
  }

  /** When the rate limit of the task's recipe lets it start, on the monotonic clock; undefined = now. */
  heldUntil(task: StoredTask): number | undefined {
    const rate = this.#rateOf(task)
    if (rate === undefined) return undefined
    const now = this.#clock.monotonic()
    const at = this.#limiter.allowedAt(this.#nameOf(task, rate), rate, now)
    return at > now ? at : undefined
  }

  /** A task of a limited recipe was started. */
  started(task: StoredTask): void {
    const rate = this.#rateOf(task)
    if (rate !== undefined) this.#limiter.note(this.#nameOf(task, rate), rate, this.#clock.monotonic())
  }

  #nameOf(task: StoredTask, rate: Rate): string {
    if (rate.key === undefined) return task.spec.recipe as string
    const known = this.#names.get(task)
    if (known !== undefined) return known
    const name = `${task.spec.recipe}:${this.#keyOf(task, rate.key)}`
    this.#names.set(task, name)
    return name
  }

  /** Inputs whose key cannot be told are limited together: one of them must not hold up the queue. */
  #keyOf(task: StoredTask, key: (input: unknown) => string): string {
    try {
      return key(this.#recipes.inputOf(task))
    } catch (error) {
      this.#warn(`rateLimit.key of ${show(task.spec.recipe)} threw`, error)
      return ''
    }
  }

  #rateOf({ spec }: StoredTask): Rate | undefined {
    return spec.recipe === undefined ? undefined : this.#recipes.rateOf(spec.recipe)
  }

  #admits(name: string, rate: Rate): boolean {
    const now = this.#clock.monotonic()
    const at = this.#limiter.allowedAt(name, rate, now)
    if (at <= now) return true
    if (this.#timer !== undefined && this.#timer.due <= at) return false
    if (this.#timer !== undefined) this.#timers.cancel(this.#timer)
    this.#timer = this.#timers.after(at - now, () => {
      this.#timer = undefined
      this.#reopened()
    })
    return false
  }
}
