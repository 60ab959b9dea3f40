/** @module A tool in the neutral form of agent frameworks: it judges what a model wrote, and answers in words. */
import { OffstageError, StoreError } from '../errors.ts'
import { failed } from './tool-messages.ts'
import { type Fields, type Given, type Read, type ToolSchema, toolSchema } from './tool-schemas.ts'

/** A tool for an agent. Frameworks that know Standard Schema take it as it is. */
export interface AgentTool<I = unknown, O = I> {
  readonly name: string
  readonly description: string
  readonly inputSchema: ToolSchema<I, O>
  /** Never rejects: what went wrong is told in words. Whatever a framework hands over besides the input is not looked at. */
  readonly execute: (input: I, context?: unknown) => Promise<string>
}
/** The tool with these fields. */
export type ToolOf<F extends Fields> = AgentTool<Given<F>, Read<F>>

export interface ToolDefinition<F extends Fields> {
  readonly name: string
  readonly description: string
  readonly fields: F
  /** What it was doing when it went wrong: `adding schedule`. */
  readonly doing: string
  readonly run: (input: Read<F>) => Promise<string>
  /** Hears of what a model cannot mend. */
  readonly warn: (message: string, cause: unknown) => void
}

export function defineTool<const F extends Fields>(definition: ToolDefinition<F>): ToolOf<F> {
  const { name, description, fields, doing, run, warn } = definition
  const inputSchema = toolSchema(fields)
  return Object.freeze({
    name,
    description,
    inputSchema,
    execute: async (input: unknown) => {
      // not every framework judges by the schema
      const { issues, value } = judged(inputSchema, input)
      if (value === undefined) return failed(doing, issues)
      try {
        return await run(value)
      } catch (error) {
        if (isMendable(error)) return failed(doing, error.message)
        warn(`${name}: ${doing} has failed`, error)
        return failed(doing, 'it could not be done now; the reason was logged')
      }
    },
  })
}

function judged<O>(
  schema: ToolSchema<unknown, O> | ToolSchema<never, O>,
  input: unknown,
): { readonly issues: string; readonly value: O | undefined } {
  const result = schema['~standard'].validate(input)
  if (result.issues === undefined) return { issues: '', value: result.value }
  return { issues: result.issues.map(({ message }) => message).join('; '), value: undefined }
}

/** Whether the words are about what the model wrote. Those of stores and programs may tell paths and worse. */
function isMendable(error: unknown): error is OffstageError {
  return OffstageError.is(error) && !(error instanceof StoreError) && !machineCodes.has(error.code)
}

const machineCodes = new Set(['STORE', 'STORE_FULL', 'STORE_LOST', 'UNKNOWN_OUTCOME', 'FENCED', 'RUNNER_STOPPED'])
