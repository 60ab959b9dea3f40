/** @module Agents: whatever has a `start`, `chat` or `run`, called as a task. */
import { OffstageError, show } from '../errors.ts'
import type { TaskContext } from './types.ts'

/** What an agent function is given besides the prompt. */
export interface AgentCall {
  readonly signal: AbortSignal
  readonly onProgress: (fraction: number, message?: string) => void
}

/** An agent: a function of a prompt, or an object with one of the methods that agents have. */
export type Agent =
  | ((prompt: string, call: AgentCall) => unknown)
  | {
      readonly name?: string
      start?(prompt: string): unknown
      chat?(prompt: string): unknown
      run?(prompt: string): unknown
    }
  | { readonly name?: string; generate(prompt: string): unknown }
  | { readonly name?: string; invoke(prompt: string): unknown }

/** In this order, as agents that have several of them mean it. */
const methods = ['start', 'chat', 'run', 'generate', 'invoke'] as const

/**
 * Finds out how an agent is called.
 *
 * @throws {OffstageError} UNSUPPORTED_AGENT, listing what was looked for.
 */
export function agentCall(agent: unknown): (prompt: string, ctx: TaskContext) => Promise<unknown> {
  if (typeof agent === 'function') {
    const fn = agent as (prompt: string, call: AgentCall) => unknown
    return (prompt, ctx) => collect(fn(prompt, { signal: ctx.signal, onProgress: ctx.progress }), ctx)
  }
  const target = agent as Record<string, unknown> | null
  const method =
    typeof target === 'object' && target !== null
      ? methods.find((name) => typeof target[name] === 'function')
      : undefined
  if (method === undefined || target === null) {
    throw new OffstageError(
      'UNSUPPORTED_AGENT',
      `an agent must be a function or have one of ${methods.join(', ')}, got ${show(agent)}`,
    )
  }
  // never a second argument: some agents take it for something else
  return (prompt, ctx) => collect((target[method] as (prompt: string) => unknown)(prompt), ctx)
}

/** What a task of the agent is called. */
export function agentName(agent: unknown): string {
  const { name } = (agent ?? {}) as { name?: unknown }
  return typeof name === 'string' && name !== '' ? name.slice(0, 200) : 'agent'
}

/** A stream of text becomes the task's output, and its whole the result. */
async function collect(answer: unknown, ctx: TaskContext): Promise<unknown> {
  const value = await answer
  if (typeof value !== 'object' || value === null || !(Symbol.asyncIterator in value)) return value
  let text = ''
  for await (const chunk of value as AsyncIterable<unknown>) {
    ctx.signal.throwIfAborted()
    const piece = typeof chunk === 'string' ? chunk : (JSON.stringify(chunk) ?? '')
    ctx.write(piece)
    text += piece
  }
  return text
}
