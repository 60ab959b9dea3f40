/** @module The charts of actors that are inspected: found in their logic, whether it is a machine of XState or a compiled one. */
import { type AnyStateMachine, createMachine } from 'xstate'

/** A chart: as it was written, and as XState understands it. */
export interface Charted {
  readonly id: string
  readonly config: Readonly<Record<string, unknown>>
  /** Undefined where XState does not take the chart. */
  readonly machine: AnyStateMachine | undefined
}

const charts = new WeakMap<object, Charted>()

/** The chart of an actor's logic; undefined: it has none. */
export function chartOf(logic: unknown): Charted | undefined {
  const { config, root } = (logic ?? {}) as { config?: unknown; root?: unknown }
  if (typeof config !== 'object' || config === null) return undefined
  const known = charts.get(config)
  if (known !== undefined) return known
  const fields = config as Readonly<Record<string, unknown>>
  if (typeof fields.states !== 'object' || fields.states === null) return undefined
  const machine = root === undefined ? understood(fields) : (logic as AnyStateMachine)
  const { id = machine?.id } = fields
  const chart = { id: typeof id === 'string' ? id : 'machine', config: fields, machine }
  charts.set(config, chart)
  return chart
}

function understood(config: object): AnyStateMachine | undefined {
  try {
    return createMachine(config as never) as AnyStateMachine
  } catch {
    return undefined
  }
}
