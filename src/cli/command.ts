/** @module What a command is: as data for its help, docs and completion, and as a function that runs. */
import type { Exit } from './exit.ts'
import type { Output } from './output.ts'

/** An argument by place. */
export interface Argument {
  readonly name: string
  readonly about: string
  /** @default true */
  readonly required?: boolean
  /** Takes all that follow. @default false */
  readonly many?: boolean
  /** What it may be. */
  readonly values?: readonly string[]
}

/** An option. */
export interface Option {
  /** As commander reads it: `-i, --input <json>`. */
  readonly flags: string
  readonly about: string
  /** What its value may be. */
  readonly values?: readonly string[]
  /** Said in the help; the command itself knows it. */
  readonly fallback?: string
  /** What completion offers for its value. */
  readonly completes?: 'files' | 'folders'
}

/** A command as the user calls it. */
export interface Call {
  readonly args: readonly string[]
  readonly options: Options
  readonly out: Output
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  readonly stdin: NodeJS.ReadStream
  /** The version of this library. */
  readonly version: string
  /** Every command, and what holds for each. */
  readonly commands: readonly Command[]
  readonly globals: readonly Option[]
  /** Does something when the command has ended, however it did; what came last is done first. */
  defer(end: () => unknown): void
}

/** The values of all options, by their long names in camel case. */
export type Options = Readonly<Record<string, string | boolean | undefined>>

export type Run = (call: Call) => Promise<Exit>

/** One verb. */
export interface Command {
  readonly name: string
  readonly summary: string
  /** More than the summary says. */
  readonly details?: string
  readonly args?: readonly Argument[]
  readonly options?: readonly Option[]
  readonly examples: readonly (readonly [command: string, what: string])[]
  /** Loads what it does; without it, and without commands of its own, the command comes later. */
  readonly load?: () => Promise<Run>
  /** Its own commands. */
  readonly commands?: readonly Command[]
}

/** Whether this version has it. */
export const isReady = ({ load, commands }: Command): boolean => load !== undefined || commands !== undefined

/** The text of an option, or undefined. */
export function textOption({ options }: Call, name: string): string | undefined {
  const value = options[name]
  return typeof value === 'string' ? value : undefined
}
