/** @module Submits: from what the user wrote to a task in the store. */
import { createHash } from 'node:crypto'
import type { Attempt } from '../actors/attempt.ts'
import { isPromise } from '../actors/awaitable.ts'
import { OffstageError, show, ValidationError } from '../errors.ts'
import { canonicalJson, jsonCopy } from '../json.ts'
import type { Verdict } from '../machines/fold-store.ts'
import { recipeKey } from '../machines/keys.ts'
import type { KeyLimit, SubmitRecord } from '../machines/records.ts'
import type { StoredTask } from '../machines/store-state.ts'
import type { Awaitable, Store } from '../store/store.ts'
import { checkId, checkOptions } from '../validate.ts'
import type { ContextHost } from './context.ts'
import type { RunnerCore } from './core.ts'
import { Local } from './local.ts'
import { inOrderOfNeeds } from './needs-order.ts'
import { inputOf, resultOf } from './outcome.ts'
import { judge, type KnownRecipe } from './recipe.ts'
import { refusal } from './refusal.ts'
import { addSpacing } from './retry-options.ts'
import {
  checkSubmitOptions,
  readKey,
  readSubmit,
  submitOptions,
  submitRecipeOptions,
  type Writable,
} from './submit-options.ts'
import { type AnyOptions, readArgs, readThread, readWork } from './submit-work.ts'
import type { BackgroundTask } from './task.ts'
import type {
  AnyRecipe,
  CommonSubmitOptions,
  Recipe,
  SubmitFunction,
  SubmitRecipeOptions,
  TaskContext,
} from './types.ts'

/** One of the tasks of `submitMany`. */
export interface ManyItem {
  readonly recipe: AnyRecipe | string
  readonly input?: unknown
  readonly options?: SubmitRecipeOptions
}

/** It stands in every record of a task with an id or an idempotency key. */
const longestFingerprint = 256
const manyItem = new Set(['recipe', 'input', 'options'])

export class Submitter implements ContextHost {
  readonly #core: RunnerCore

  constructor(core: RunnerCore) {
    this.#core = core
  }

  /** Submits a function, or a module for a thread, to the store in memory. */
  submit(work: unknown, given: AnyOptions | undefined, parent: Attempt | undefined): BackgroundTask<unknown> {
    const core = this.#core
    core.refuseIfStopped()
    const [fn, options] = readWork(work, given)
    if (options !== undefined) checkSubmitOptions(options, submitOptions)
    const base = this.#base(fn?.name || 'task', parent)
    const { record, retry } =
      options === undefined ? { record: base, retry: core.settings.retry } : readSubmit(options, base, core.settings)
    const args = readArgs(options?.args)
    record.local = new Local(fn, args, retry, readThread(fn, options))
    if (record.idempotencyKey !== undefined || options?.id !== undefined)
      record.fingerprint = fingerprintOf([record.name, args])
    if (parent?.store === core.local) record.parent = { task: parent.task.id, claim: parent.claim }
    core.refuseIfFull(core.local, 1)
    core.start()
    const [verdict] = core.local.submit([record])
    return this.#finish(core.local, record, verdict as NonNullable<typeof verdict>, options, parent)
  }

  /** Submits a recipe to the runner's store. */
  async submitRecipe(
    recipe: AnyRecipe | string,
    input: unknown,
    options: SubmitRecipeOptions = {},
    parent?: Attempt,
  ): Promise<BackgroundTask<unknown>> {
    const [task] = await this.submitMany([{ recipe, input, options }], parent)
    return task as BackgroundTask<unknown>
  }

  /** Submits many recipes at once. Every item is judged before the first is submitted. */
  async submitMany(items: readonly ManyItem[], parent?: Attempt): Promise<BackgroundTask<unknown>[]> {
    const core = this.#core
    core.refuseIfStopped()
    if (!Array.isArray(items)) throw new ValidationError('items', 'an array', items)
    const records = await Promise.all(items.map((item) => this.#recipeRecord(item, parent)))
    const ordered = inOrderOfNeeds(records)
    core.refuseIfStopped()
    core.refuseIfLost(core.store)
    core.refuseIfFull(core.store, records.length)
    core.start()
    const answer = core.store.submit(ordered)
    // where the store answers at once nothing begins before all verdicts are known
    const verdicts = isPromise(answer) ? await answer : answer
    const refused = verdicts.findIndex(({ accepted, reason }) => !accepted && reason !== 'DEDUP')
    if (refused >= 0) {
      await this.#takeBack(core.store, verdicts)
      throw refusal(ordered[refused] as SubmitRecord, verdicts[refused] as Verdict)
    }
    const places = ordered === records ? undefined : new Map(ordered.map((record, i) => [record, i]))
    return records.map((record, i) => {
      const verdict = verdicts[places?.get(record) ?? i] as Verdict
      return this.#finish(core.store, record, verdict, items[i]?.options, parent)
    })
  }

  /** Submits once more what a settled task was asked to do. */
  async retry(id: string): Promise<BackgroundTask<unknown>> {
    const core = this.#core
    core.refuseIfStopped()
    core.refuseIfLost(core.store)
    const task = await core.store.get(checkId(id, 'id'))
    if (task === undefined) throw new OffstageError('GONE', `there is no task ${show(id)} in ${core.store.name}`)
    if (!task.settled)
      throw new OffstageError('INVALID_OPTION', `${id} is ${task.status}: only what has ended can be run again`)
    const { recipe, name, config, sessionId, owner, tags, metadata, priority, limits, keys, retry } = task.spec
    if (recipe === undefined)
      throw new OffstageError(
        'INVALID_OPTION',
        `${id} was a function, which nobody has any more: only recipes can be run again`,
      )
    const kept = { recipe, input: inputOf(task), config, sessionId, owner, tags, metadata, priority, keys, retry }
    const given = Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined))
    const record: SubmitRecord = { ...this.#base(name, undefined), limits, ...given, retryOf: id }
    core.refuseIfFull(core.store, 1)
    core.start()
    const [verdict] = await core.store.submit([record])
    return this.#finish(core.store, record, verdict as Verdict, undefined, undefined)
  }

  /** One of many was refused: the others are cancelled, those that need others first. */
  async #takeBack(store: Store, verdicts: readonly Verdict[]): Promise<void> {
    const accepted = verdicts.filter((verdict) => verdict.accepted).map(({ task }) => task as StoredTask)
    const reason = 'another task that was submitted with it was refused'
    await Promise.all(accepted.reverse().map((task) => this.#core.handles.cancel(task, store, reason, 'runner')))
  }

  // What a handler's context needs

  submitChild(attempt: Attempt): SubmitFunction {
    return ((work: unknown, options?: AnyOptions) => this.submit(work, options, attempt)) as SubmitFunction
  }

  submitChildRecipe(attempt: Attempt): TaskContext['submitRecipe'] {
    return ((recipe: AnyRecipe | string, input: unknown, options?: SubmitRecipeOptions) =>
      this.submitRecipe(recipe, input, options, attempt)) as TaskContext['submitRecipe']
  }

  /** The results of the tasks that a task needed. They are kept as long as it has not ended. */
  needsOf({ task, store }: Attempt): Awaitable<unknown> {
    const { needs = [], needNames } = task.spec
    const named = (needed: readonly (StoredTask | undefined)[]): unknown => {
      const results = needed.map((each) => {
        const outcome = each?.snapshot.context.outcome
        return outcome?.status === 'completed' ? resultOf(outcome) : undefined
      })
      return needNames === undefined ? results : Object.fromEntries(needNames.map((name, i) => [name, results[i]]))
    }
    const needed = needs.map((id) => store.get(id))
    return needed.some(isPromise) ? Promise.all(needed).then(named) : named(needed as (StoredTask | undefined)[])
  }

  #base(name: string, parent: Attempt | undefined): Writable<SubmitRecord> {
    const { telemetry, settings } = this.#core
    const { random, clock, limits } = settings
    const trace = telemetry.inject(parent)
    const base: Writable<SubmitRecord> = {
      type: 'submit',
      task: random.id(),
      at: clock.now(),
      name: name.slice(0, 200),
      limits,
    }
    if (trace !== undefined) base.trace = trace
    return base
  }

  #finish(
    store: Store,
    record: SubmitRecord,
    verdict: Parameters<RunnerCore['admitted']>[2],
    options: CommonSubmitOptions | undefined,
    parent: Attempt | undefined,
  ): BackgroundTask<unknown> {
    const handle = this.#core.admitted<unknown>(
      store,
      record,
      verdict,
      record.parent === undefined || parent === undefined ? {} : { through: parent },
    )
    if (options !== undefined && verdict.task !== undefined)
      this.#core.handles.attach(handle, verdict.task, store, options)
    return handle
  }

  /**
   * The submit of a task that a schedule makes. A recipe that is not known here is up to others.
   *
   * @throws {ValidationError} for what a submit refuses.
   */
  scheduled(name: string, input: unknown, options: SubmitRecipeOptions): Promise<SubmitRecord> {
    const isKnown = this.#core.recipes.has(name)
    return this.#recipeRecord({ recipe: name, input, options }, undefined, isKnown)
  }

  async #recipeRecord(item: ManyItem, parent: Attempt | undefined, isKnown = true): Promise<SubmitRecord> {
    if (typeof item !== 'object') throw new ValidationError('an item', 'an object', item)
    checkOptions(item, manyItem, 'an item')
    const { recipe, input, options = {} } = item
    checkSubmitOptions(options, submitRecipeOptions)
    const known = isKnown ? this.#find(recipe) : undefined
    const name = typeof recipe === 'string' ? recipe : recipe.name
    const { settings } = this.#core
    const own = known?.recipe
    const defaults = known === undefined ? settings : { ...settings, retry: known.retry }
    const withRecipe =
      own?.timeout === undefined || options.timeout !== undefined ? options : { ...options, timeout: own.timeout }
    const { record } = readSubmit(withRecipe, this.#base(options.name ?? name, parent), defaults)
    record.recipe = name
    if (options.retry !== undefined) addSpacing(record, options.retry)
    if (input !== undefined) record.input = jsonCopy(input, 'input')
    if (options.config !== undefined) record.config = jsonCopy(options.config, 'config', 'INVALID_OPTION')
    if (options.sessionId !== undefined) record.sessionId = String(options.sessionId)
    if (own !== undefined) {
      const judged = await judge(own.inputSchema, record.input, 'input', 'INVALID_INPUT')
      const keys = keysFor(own, judged, record.keys)
      if (keys.length > 0) record.keys = keys
    }
    if (record.idempotencyKey !== undefined || options.id !== undefined)
      record.fingerprint = fingerprintOf([name, record.input])
    // a child in another store than its parent cannot be cancelled with it in one step
    if (parent?.store === this.#core.store) record.parent = { task: parent.task.id, claim: parent.claim }
    return record
  }

  #find(recipe: AnyRecipe | string): KnownRecipe | undefined {
    const { recipes, settings } = this.#core
    if (typeof recipe === 'string') {
      const known = recipes.get(checkId(recipe, 'recipe'))
      if (known !== undefined || settings.recipes.length === 0) return known
      throw new OffstageError(
        'UNKNOWN_RECIPE',
        `no recipe ${show(recipe)} is known here; known are: ${recipes.names.join(', ')}`,
      )
    }
    return recipes.get(recipes.add(recipe).name)
  }
}

/** Equal work gives equal text, a hash of it where it is long; what JSON cannot say is told apart by its name only. */
function fingerprintOf(value: unknown): string {
  try {
    const text = canonicalJson(value)
    return text.length <= longestFingerprint ? text : `sha256:${createHash('sha256').update(text).digest('hex')}`
  } catch {
    return show(value)
  }
}

/** The user's key first: the ready queue takes turns by it. */
function keysFor(recipe: Recipe, input: unknown, given: readonly KeyLimit[] = []): KeyLimit[] {
  const keys = [...given]
  if (keys.length === 0 && recipe.concurrencyKey !== undefined) keys.push(readKey(recipe.concurrencyKey(input)))
  if (recipe.maxConcurrent !== undefined) keys.push({ key: recipeKey + recipe.name, limit: recipe.maxConcurrent })
  return keys
}
