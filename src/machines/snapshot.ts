/** @module What a compiled chart is in at one moment: small, immutable, and readable like a snapshot of XState. */
import type { StateValue } from 'xstate'

/** One row of the table: a guarded way out of a leaf. */
export interface Rule {
  readonly guard: ((args: { context: never; event: never }, params: unknown) => boolean) | undefined
  readonly guardParams: unknown
  readonly assigns: readonly Assign[]
  readonly target: Leaf
  /** Does nothing but keep the parents from hearing the event: it is refused. */
  readonly forbids: boolean
}

export interface Assign {
  /** Whether it returns the whole context rather than a part of it. */
  readonly whole: boolean
  readonly run: (args: { context: never; event: never }, params: unknown) => object
  readonly params: unknown
}

/** A leaf of a chart with everything that follows from being in it. */
export interface Leaf {
  /** The dotted name: `'running.executing'`. */
  readonly name: string
  readonly value: StateValue
  readonly status: 'active' | 'done' | 'stopped'
  readonly tags: ReadonlySet<string>
  readonly meta: Readonly<Record<string, unknown>>
  readonly output: ((context: never) => unknown) | undefined
  readonly table: ReadonlyMap<string, readonly Rule[]>
  /** The same place after the actor was stopped from outside. */
  readonly stopped: Leaf
}

const noChildren: Readonly<Record<string, never>> = Object.freeze({})

/** A moment of a compiled chart. Two fields of its own; the rest is read off the leaf. */
export class ChartSnapshot<TContext> {
  readonly leaf: Leaf
  readonly context: TContext

  constructor(leaf: Leaf, context: TContext) {
    this.leaf = leaf
    this.context = context
  }

  /** The dotted name of the leaf, `'running.executing'`. */
  get state(): string {
    return this.leaf.name
  }

  get value(): StateValue {
    return this.leaf.value
  }

  get status(): 'active' | 'done' | 'stopped' {
    return this.leaf.status
  }

  get output(): unknown {
    return this.leaf.output?.(this.context as never)
  }

  get error(): undefined {
    return undefined
  }

  get tags(): ReadonlySet<string> {
    return this.leaf.tags
  }

  get children(): Readonly<Record<string, never>> {
    return noChildren
  }

  get historyValue(): Readonly<Record<string, never>> {
    return noChildren
  }

  /** Tells whether the chart is in this state: a dotted name (`'running'` also means its children), or a state value. */
  matches(state: StateValue): boolean {
    if (typeof state !== 'string') return within(state, this.leaf.value)
    return this.leaf.name === state || this.leaf.name.startsWith(`${state}.`)
  }

  hasTag(tag: string): boolean {
    return this.leaf.tags.has(tag)
  }

  getMeta(): Readonly<Record<string, unknown>> {
    return this.leaf.meta
  }

  /** Tells whether the event would be accepted now. */
  can(event: { readonly type: string }): boolean {
    return ruleFor(this, event) !== undefined
  }

  toJSON(): { value: StateValue; status: string; context: TContext; output?: unknown } {
    const output = this.output
    const plain = { value: this.value, status: this.status, context: this.context }
    return output === undefined ? plain : { ...plain, output }
  }
}

function within(part: StateValue, whole: StateValue): boolean {
  if (typeof part === 'string') return part === whole || (typeof whole === 'object' && part in whole)
  if (typeof whole === 'string') return false
  return Object.entries(part).every(([key, inner]) => {
    const outer = whole[key]
    return outer !== undefined && inner !== undefined && within(inner, outer)
  })
}

/** The first row that accepts the event, children before parents, or undefined. */
export function ruleFor<TContext>(
  snapshot: ChartSnapshot<TContext>,
  event: { readonly type: string },
): Rule | undefined {
  const rules = snapshot.leaf.table.get(event.type)
  if (rules === undefined) return undefined
  for (const rule of rules) {
    const { guard } = rule
    if (guard === undefined || guard({ context: snapshot.context as never, event: event as never }, rule.guardParams)) {
      return rule.forbids ? undefined : rule
    }
  }
  return undefined
}
