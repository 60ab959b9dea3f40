/**
 * @module Turns a chart of our subset into a pure look-up, and into actor logic that XState runs and inspects.
 * XState's interpreter decides the same, some hundred times slower; the tests prove that the two agree.
 */
import type { ActorLogic, ActorSystem, AnyActorScope, AnyStateMachine, EventObject, StateValue } from 'xstate'
import { OffstageError } from '../errors.ts'
import { type Assign, ChartSnapshot, type Leaf, type Rule, ruleFor } from './snapshot.ts'

type Node = AnyStateMachine['root']
type Open<T> = { -readonly [K in keyof T]: T[K] }
type OpenLeaf = Open<Omit<Leaf, 'table'>> & { table: Map<string, readonly Rule[]> }

/** Actor logic whose snapshots are {@link ChartSnapshot}s. */
export type ChartLogic<TContext, TEvent extends EventObject> = ActorLogic<
  ChartSnapshot<TContext> & { status: 'active'; output: undefined; error: undefined },
  TEvent,
  unknown,
  ActorSystem<never>
> & { readonly config: { readonly id: string } }

/** A compiled chart. */
export interface Chart<TContext, TEvent extends EventObject> {
  readonly id: string
  /** Where the chart begins. */
  readonly initial: ChartSnapshot<TContext>
  /** Every leaf by its dotted name. */
  readonly leaves: ReadonlyMap<string, Leaf>
  /** The decision. Returns the very same snapshot when the event is refused. */
  next(snapshot: ChartSnapshot<TContext>, event: TEvent): ChartSnapshot<TContext>
  /** A snapshot in the leaf of that dotted name. @throws {OffstageError} UNSUPPORTED_CHART where there is none. */
  at(state: string, context: TContext): ChartSnapshot<TContext>
  /** The same moment of an actor that was stopped from outside. */
  stopped(snapshot: ChartSnapshot<TContext>): ChartSnapshot<TContext>
  /** The same chart as an actor of XState: `createActor(chart.logic)`. */
  readonly logic: ChartLogic<TContext, TEvent>
}

type ContextOf<M> = M extends { getInitialSnapshot: (...args: never[]) => { context: infer C } } ? C : never
type EventOf<M> = M extends { transition: (snapshot: never, event: infer E, ...rest: never[]) => unknown }
  ? Extract<E, EventObject>
  : never

/**
 * Compiles a chart.
 *
 * Understood: nested states; transitions as object or array with `guard` and `assign`s; `tags`, `meta`, `output`.
 *
 * @throws {OffstageError} UNSUPPORTED_CHART, naming the state and what it uses beyond the subset.
 *
 * @example
 * ```ts
 * import { createMachine } from 'xstate'
 * import { compile } from 'offstage/machines'
 *
 * const door = compile(createMachine({ id: 'door', initial: 'shut', states: { shut: { on: { open: 'ajar' } }, ajar: {} } }))
 * door.next(door.initial, { type: 'open' }).state // 'ajar'
 * ```
 */
export function compile<M extends AnyStateMachine>(machine: M): Chart<ContextOf<M>, EventOf<M>> {
  type Context = ContextOf<M>
  const { root, implementations } = machine as AnyStateMachine
  const leaves = new Map<string, OpenLeaf>()
  const leafOf = new Map<Node, OpenLeaf>()
  for (const node of nodesOf(root)) {
    refuseBeyondSubset(node)
    if (!isLeaf(node)) continue
    const leaf = makeLeaf(node, root)
    leaves.set(leaf.name, leaf)
    leafOf.set(node, leaf)
  }
  const enter = (node: Node): Leaf => {
    const target = node.initial?.target?.[0]
    return target === undefined ? (leafOf.get(node) as Leaf) : enter(target)
  }
  for (const [node, leaf] of leafOf) {
    if (leaf.status === 'active') leaf.table = tableOf(node, leaf, enter, implementations)
  }
  const { context } = machine.config as { context?: unknown }
  if (typeof context === 'function') throw unsupported(machine.id, 'computes its context from an input')
  // a copy: V8 copies frozen objects ten times slower than others
  const initial = new ChartSnapshot<Context>(enter(root), { ...(context as object | undefined) } as Context)
  // the fold and then the actor ask for the same decision: the second time it is known
  let lastSnapshot: ChartSnapshot<Context> | undefined
  let lastEvent: EventObject | undefined
  let lastAnswer = initial
  const next = (snapshot: ChartSnapshot<Context>, event: EventObject): ChartSnapshot<Context> => {
    if (snapshot !== lastSnapshot || event !== lastEvent) {
      lastAnswer = decide(snapshot, event)
      lastSnapshot = snapshot
      lastEvent = event
    }
    return lastAnswer
  }
  const decide = (snapshot: ChartSnapshot<Context>, event: EventObject): ChartSnapshot<Context> => {
    const rule = ruleFor(snapshot, event)
    if (rule === undefined) return snapshot
    let after = snapshot.context
    for (const assign of rule.assigns) {
      const patch = assign.run({ context: after as never, event: event as never }, assign.params)
      after = (assign.whole ? patch : merge(after as object, patch)) as Context
    }
    return new ChartSnapshot(rule.target, after)
  }
  const at = (state: string, given: Context): ChartSnapshot<Context> => {
    const leaf = leaves.get(state)
    if (leaf === undefined) {
      throw new OffstageError('UNSUPPORTED_CHART', `the chart ${machine.id} has no leaf ${JSON.stringify(state)}`)
    }
    return new ChartSnapshot(leaf, given)
  }
  const stopped = (snapshot: ChartSnapshot<Context>): ChartSnapshot<Context> =>
    new ChartSnapshot(snapshot.leaf.stopped, snapshot.context)
  const chart = { id: machine.id, initial, leaves, next, at, stopped }
  return { ...chart, logic: logicOf(chart, machine) as never }
}

const wholes = new WeakSet<object>()

/** Marks an assigner that returns the whole context: the compiler then copies nothing. XState needs no such mark. */
export function whole<F extends (...args: never[]) => unknown>(assigner: F): F {
  wholes.add(assigner)
  return assigner
}

/** A copy of `whole` with `patch` over it. A spread and a loop: several times faster than two spreads or Object.assign. */
function merge(whole: object, patch: object): object {
  const copy: Record<string, unknown> = { ...whole }
  for (const key in patch) copy[key] = (patch as Record<string, unknown>)[key]
  return copy
}

function logicOf<TContext>(
  chart: Omit<Chart<TContext, EventObject>, 'logic'>,
  machine: AnyStateMachine,
): ActorLogic<never, EventObject, unknown> {
  const logic = {
    // inspectors stringify it, so nothing but JSON may stand here
    config: { ...(JSON.parse(JSON.stringify(machine.config)) as object), id: chart.id },
    transition(snapshot: ChartSnapshot<TContext>, event: EventObject) {
      return event.type === 'xstate.stop' ? chart.stopped(snapshot) : chart.next(snapshot, event)
    },
    getInitialSnapshot: (_scope: AnyActorScope, input: unknown) =>
      input instanceof ChartSnapshot ? input : chart.initial,
    getPersistedSnapshot: (snapshot: ChartSnapshot<TContext>) => snapshot.toJSON(),
    restoreSnapshot(persisted: { value: StateValue; context: TContext }) {
      return persisted instanceof ChartSnapshot ? persisted : chart.at(nameOf(persisted.value), persisted.context)
    },
  }
  return logic as unknown as ActorLogic<never, EventObject, unknown>
}

function nodesOf(node: Node): Node[] {
  return [node, ...Object.values(node.states).flatMap((child) => nodesOf(child as Node))]
}

const isLeaf = (node: Node): boolean => Object.keys(node.states).length === 0

function nameOf(value: StateValue): string {
  if (typeof value === 'string') return value
  const [key, inner] = Object.entries(value)[0] ?? ['', '']
  return inner === undefined ? key : `${key}.${nameOf(inner)}`
}

function makeLeaf(node: Node, root: Node): OpenLeaf {
  const chain = chainOf(node)
  const value = node.path.reduceRight<StateValue | undefined>(
    (inner, key) => (inner === undefined ? key : { [key]: inner }),
    undefined,
  )
  const done = node.type === 'final'
  const output = root.config.output
  const shared = {
    name: node.path.join('.'),
    value: Object.freeze(value ?? {}) as StateValue,
    tags: new Set(chain.flatMap((each) => each.tags)),
    meta: Object.freeze(Object.fromEntries(chain.filter((each) => each.meta).map((each) => [each.id, each.meta]))),
    table: new Map<string, readonly Rule[]>(),
  }
  const stopped: Open<Leaf> = { ...shared, status: 'stopped', output: undefined, stopped: undefined as never }
  stopped.stopped = stopped
  const event = { type: `xstate.done.state.${node.id}`, output: undefined }
  const final = (context: never): unknown =>
    typeof output === 'function' ? output({ context, event } as never) : output
  return {
    ...shared,
    status: done ? 'done' : 'active',
    output: done && output !== undefined ? final : undefined,
    stopped,
  }
}

/** The node and its ancestors, the child first. */
function chainOf(node: Node): Node[] {
  return node.parent ? [node, ...chainOf(node.parent as Node)] : [node]
}

function tableOf(
  node: Node,
  leaf: Leaf,
  enter: (node: Node) => Leaf,
  implementations: AnyStateMachine['implementations'],
): Map<string, readonly Rule[]> {
  const table = new Map<string, Rule[]>()
  for (const each of chainOf(node)) {
    for (const [type, transitions] of each.transitions) {
      if (type === '*' || type.endsWith('.*')) throw unsupported(each.id, `uses the wildcard ${JSON.stringify(type)}`)
      const rules = table.get(type) ?? []
      for (const transition of transitions) {
        if (transition.reenter) throw unsupported(each.id, `re-enters on ${JSON.stringify(type)}`)
        rules.push({
          ...guardOf(each, transition.guard, implementations),
          assigns: transition.actions.map((action) => assignOf(each, action, implementations)),
          target: transition.target?.[0] === undefined ? leaf : enter(transition.target[0] as Node),
          forbids: transition.target === undefined && transition.actions.length === 0,
        })
      }
      table.set(type, rules)
    }
  }
  return table
}

interface Named {
  readonly type: string
  readonly params?: unknown
}

function guardOf(
  node: Node,
  guard: unknown,
  implementations: AnyStateMachine['implementations'],
): Pick<Rule, 'guard' | 'guardParams'> {
  if (guard === undefined) return { guard: undefined, guardParams: undefined }
  const { found, params } = resolve(node, guard, implementations.guards as Record<string, unknown>, 'guard')
  if ('check' in found) throw unsupported(node.id, 'combines guards with and, or, not or stateIn')
  return { guard: found as NonNullable<Rule['guard']>, guardParams: params }
}

function assignOf(node: Node, action: unknown, implementations: AnyStateMachine['implementations']): Assign {
  const { found, params } = resolve(node, action, implementations.actions as Record<string, unknown>, 'action')
  const { type, assignment } = found as { type?: string; assignment?: unknown }
  if (type !== 'xstate.assign')
    throw unsupported(node.id, `has an action that is not an assign (${type ?? found.name})`)
  if (typeof assignment === 'function')
    return { run: assignment as Assign['run'], params, whole: wholes.has(assignment) }
  const parts = Object.entries(assignment as object)
  const run: Assign['run'] = (args, given) =>
    Object.fromEntries(parts.map(([key, part]) => [key, typeof part === 'function' ? part(args, given) : part]))
  return { run, params, whole: false }
}

function resolve(
  node: Node,
  named: unknown,
  known: Record<string, unknown>,
  what: string,
): { found: { readonly name?: string }; params: unknown } {
  if (typeof named === 'function') return { found: named, params: undefined }
  const { type, params } = typeof named === 'string' ? { type: named, params: undefined } : (named as Named)
  if (typeof params === 'function') throw unsupported(node.id, `computes the params of the ${what} ${type}`)
  const found = known[type]
  if (typeof found === 'function') return { found, params }
  throw unsupported(node.id, `names the ${what} ${JSON.stringify(type)}, which setup() does not define`)
}

function refuseBeyondSubset(node: Node): void {
  const { config } = node
  const used = (['after', 'always', 'invoke', 'entry', 'exit', 'onDone'] as const).find((key) => {
    const value = config[key]
    return value !== undefined && !(Array.isArray(value) && value.length === 0)
  })
  if (used !== undefined) throw unsupported(node.id, `uses ${used}`)
  if (node.type === 'parallel' || node.type === 'history') throw unsupported(node.id, `is a ${node.type} state`)
  if (node.type === 'final' && node.path.length !== 1) throw unsupported(node.id, 'is final below the top level')
  if (node.parent !== undefined && config.output !== undefined) {
    throw unsupported(node.id, 'has an output of its own: only that of the whole chart is understood')
  }
  if (node.key.includes('.') && node.parent !== undefined) throw unsupported(node.id, 'has a dot in its name')
  if (typeof config.initial === 'object')
    throw unsupported(node.id, 'has an initial transition with actions or a guard')
}

function unsupported(state: string, what: string): OffstageError {
  return new OffstageError('UNSUPPORTED_CHART', `cannot compile the chart: ${state} ${what}`)
}
