/** @module A chart of XState 5 in the words of XState 4: what `@xstate/inspect` makes a machine of. It can be drawn, not run. */
import { type AnyStateMachine, and, not, or } from 'xstate'
import type { Charted } from './chart.ts'

type Node = AnyStateMachine['root']
type Fields = Readonly<Record<string, unknown>>
interface Written {
  [key: string]: unknown
}

/** One transition of XState 4. */
interface Transition {
  readonly target?: readonly string[]
  readonly cond?: unknown
  readonly actions?: readonly unknown[]
  readonly internal?: boolean
}

/** A transition of XState 5, as far as it is told. */
interface Given {
  readonly target?: readonly unknown[] | undefined
  readonly guard?: unknown
  readonly actions: readonly unknown[]
  readonly reenter?: boolean
}

/** What the states of an actor without a chart are called: XState's own statuses. */
export const statuses = ['active', 'done', 'error', 'stopped'] as const

/** The config of a machine of XState 4; plain data, but for what the chart's author wrote into meta and params. */
export function configOf(chart: Charted | undefined, id: string, context: unknown): object {
  const { machine } = chart ?? {}
  if (machine === undefined) {
    const states = Object.fromEntries(statuses.map((status) => [status, status === 'active' ? {} : { type: 'final' }]))
    return {
      id,
      predictableActionArguments: true,
      initial: 'active',
      states,
      ...(context !== undefined && { context }),
    }
  }
  const written = new Translation(machine).node(machine.root)
  return { ...written, key: machine.id, predictableActionArguments: true, ...(context !== undefined && { context }) }
}

class Translation {
  readonly #ids = new Map<Node, string>()
  readonly #machine: AnyStateMachine

  constructor(machine: AnyStateMachine) {
    this.#machine = machine
    const taken = new Set<string>()
    for (const node of nodesOf(machine.root)) {
      let id = node.id
      for (let i = 2; taken.has(id); i++) id = `${node.id} ${i}`
      taken.add(id)
      this.#ids.set(node, id)
    }
  }

  node(node: Node): Written {
    const { config, type } = node
    const written: Written = { id: this.#idOf(node) }
    if (type === 'parallel' || type === 'final' || type === 'history') written.type = type
    if (type === 'history') {
      written.history = node.history === 'deep' ? 'deep' : 'shallow'
      const target = this.#historyTarget(node)
      if (target !== undefined) written.target = target
    }
    if (node.tags.length > 0) written.tags = [...node.tags]
    if (node.meta !== undefined) written.meta = node.meta
    if (node.description !== undefined) written.description = node.description
    const children = Object.entries(node.states) as [string, Node][]
    const initial = type === 'compound' ? initialOf(node) : undefined
    if (initial !== undefined) written.initial = initial
    if (children.length > 0)
      written.states = Object.fromEntries(children.map(([key, child]) => [key, this.node(child)]))
    this.#transitions(node, written)
    for (const key of ['entry', 'exit'] as const) {
      const actions = actionsOf(config[key])
      if (actions.length > 0) written[key] = actions
    }
    return written
  }

  #transitions(node: Node, written: Written): void {
    const done = `xstate.done.state.${node.id}`
    const invoked = new Set<string>()
    const told = (type: string): readonly Transition[] | undefined => {
      invoked.add(type)
      return this.#all(node.transitions.get(type))
    }
    if (node.invoke.length > 0) {
      written.invoke = node.invoke.map(({ id, src }) => ({
        id,
        src: nameOf(src, 'logic'),
        onDone: told(`xstate.done.actor.${id}`) ?? [],
        onError: told(`xstate.error.actor.${id}`) ?? [],
      }))
    }
    const on: Written = {}
    for (const [type, transitions] of node.transitions) {
      if (invoked.has(type) || type.startsWith('xstate.after.')) continue
      if (type === done) written.onDone = this.#all(transitions)
      else on[type] = this.#all(transitions)
    }
    if (Object.keys(on).length > 0) written.on = on
    const always = this.#all(node.always)
    if (always !== undefined) written.always = always
    const after = new Map<string, Transition[]>()
    for (const transition of node.after) {
      const delay = typeof transition.delay === 'function' ? nameOf(transition.delay, 'delay') : `${transition.delay}`
      const list = after.get(delay) ?? []
      list.push(this.#one(transition))
      after.set(delay, list)
    }
    if (after.size > 0) written.after = Object.fromEntries(after)
  }

  #all(transitions: readonly unknown[] | undefined): readonly Transition[] | undefined {
    if (transitions === undefined || transitions.length === 0) return undefined
    return transitions.map((transition) => this.#one(transition as Given))
  }

  #one(given: Given): Transition {
    const { target, guard, actions, reenter } = given
    return {
      ...(target !== undefined && { target: target.map((node) => `#${this.#idOf(node as Node)}`) }),
      ...(guard !== undefined && { cond: { type: guardName(guard) } }),
      ...(actions.length > 0 && { actions: actionsOf(actions) }),
      // in XState 4, what names its target by an id leaves its own state unless told otherwise
      ...(target !== undefined && { internal: reenter !== true }),
    }
  }

  #idOf(node: Node): string {
    return this.#ids.get(node) ?? node.id
  }

  #historyTarget(node: Node): string | undefined {
    const { target } = node.config as { target?: unknown }
    if (typeof target !== 'string') return undefined
    try {
      if (target.startsWith('#')) return `#${this.#idOf(this.#machine.getStateNodeById(target) as Node)}`
    } catch {
      return undefined
    }
    const found = target.split('.').reduce<Node | undefined>((at, key) => at?.states[key] as Node, node.parent as Node)
    return found && `#${this.#idOf(found)}`
  }
}

function* nodesOf(node: Node): Generator<Node> {
  yield node
  for (const child of Object.values(node.states)) yield* nodesOf(child as Node)
}

function initialOf(node: Node): string | undefined {
  const target = node.initial?.target?.[0] as Node | undefined
  return target?.path[node.path.length] ?? Object.keys(node.states)[0]
}

function actionsOf(actions: unknown): readonly unknown[] {
  const list = Array.isArray(actions) ? actions : actions === undefined ? [] : [actions]
  return list.map((action) => ({
    ...(isFields(action) && isFields(action.params) && { params: action.params }),
    type: nameOf(action, 'action'),
  }))
}

/** A name for what may be a text, `{ type }`, or a function. XState 4 would run what is called like its own actions. */
function nameOf(named: unknown, otherwise: string): string {
  if (typeof named === 'string') return named.replace(/^xstate\.(?!invoke)/, '')
  const { type, name, id } = (named ?? {}) as { type?: unknown; name?: unknown; id?: unknown }
  const found = [type, id, name].find((each) => typeof each === 'string' && each !== '')
  return found === undefined ? otherwise : (found as string).replace(/^xstate\.(?!invoke)/, '')
}

const checkOf = (guard: unknown): unknown => (guard as { check?: unknown }).check
const combined = new Map([
  [checkOf(and([])), 'and'],
  [checkOf(or([])), 'or'],
  [checkOf(not('')), 'not'],
])
const deepestGuard = 8

/** A guard in words: `and(isPaid, not(isLate))`. */
export function guardName(guard: unknown, depth = 0): string {
  if (typeof guard !== 'function' || depth > deepestGuard) return nameOf(guard, 'guard')
  const { guards, stateValue } = guard as { guards?: unknown; stateValue?: unknown }
  const kind = combined.get(checkOf(guard))
  if (kind !== undefined && Array.isArray(guards))
    return `${kind}(${guards.map((each) => guardName(each, depth + 1)).join(', ')})`
  return stateValue === undefined ? nameOf(guard, 'guard') : `stateIn(${JSON.stringify(stateValue)})`
}

/** What an actor is in, as a `State` of XState 4 writes itself. */
export interface State4 {
  readonly value: unknown
  readonly context: unknown
  readonly event: Fields
  readonly session: string
  readonly isDone: boolean
  readonly tags: readonly string[]
}

export function stateOf({ value, context, event, session, isDone, tags }: State4): object {
  return {
    actions: [],
    activities: {},
    meta: {},
    events: [],
    value,
    context,
    _event: scxml(event),
    _sessionid: session,
    event,
    children: {},
    changed: true,
    done: isDone,
    tags,
  }
}

/** An event in the envelope of SCXML. */
export function scxml(event: Fields, origin?: string): object {
  const name = typeof event.type === 'string' ? event.type : ''
  return { name, data: event, $$type: 'scxml', type: 'external', ...(origin !== undefined && { origin }) }
}

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null
