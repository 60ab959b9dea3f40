/** @module The inputs of tools: Standard Schemas that also tell their JSON Schema, in the strict form that models want. */
import { show } from '../errors.ts'
import type { SchemaIssue, SchemaResult } from '../runner/types.ts'

/** A Standard Schema (`validate`) and Standard JSON Schema (`jsonSchema`) in one. Agent frameworks take it as it is. */
export interface ToolSchema<I = unknown, O = I> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: 'offstage'
    readonly validate: (value: unknown) => SchemaResult<O>
    readonly jsonSchema: {
      readonly input: (options?: { readonly target: string }) => Record<string, unknown>
      readonly output: (options?: { readonly target: string }) => Record<string, unknown>
    }
    readonly types?: { readonly input: I; readonly output: O } | undefined
  }
}

/** What a model may write there, and how it is read. */
export interface Field<T> {
  readonly type: 'string' | 'integer'
  readonly description: string
  readonly optional: boolean
  readonly choices?: readonly string[]
  /** Why a value cannot be, as a rule: `text of 1 to 200 characters`; undefined when it can. */
  readonly rule: (value: unknown) => string | undefined
  readonly kind?: T
}

export type Fields = Readonly<Record<string, Field<unknown>>>
type ValueOf<F> = F extends Field<infer T> ? T : never
type OptionalOf<F extends Fields> = { [K in keyof F]: null extends ValueOf<F[K]> ? K : never }[keyof F]
/** What a caller writes: optional fields may be left out, or null. */
export type Given<F extends Fields> = { readonly [K in Exclude<keyof F, OptionalOf<F>>]: ValueOf<F[K]> } & {
  readonly [K in OptionalOf<F>]?: ValueOf<F[K]> | undefined
}
/** What a tool gets: every field, null where an optional one was left out. */
export type Read<F extends Fields> = { readonly [K in keyof F]: ValueOf<F[K]> }

/** Text of at most `most` characters. It may hold any characters; what keeps it judges further. */
export function text(description: string, most: number): Field<string> {
  // when it is wanted: the first number in a language takes 35 ms
  const rule = (): string => `text of 1 to ${most.toLocaleString('en')} characters`
  const fits = (value: unknown): boolean =>
    typeof value === 'string' && value !== '' && value.length <= most && value.isWellFormed()
  return { type: 'string', description, optional: false, rule: (value) => (fits(value) ? undefined : rule()) }
}

export function integer(description: string, min: number, max: number): Field<number> {
  const rule = (): string => `a whole number from ${min} to ${max.toLocaleString('en')}`
  const fits = (value: unknown): boolean =>
    Number.isInteger(value) && (value as number) >= min && (value as number) <= max
  return { type: 'integer', description, optional: false, rule: (value) => (fits(value) ? undefined : rule()) }
}

export function choice(description: string, choices: readonly string[]): Field<string> {
  const rule = `one of ${choices.join(', ')}`
  const fits = (value: unknown): boolean => choices.includes(value as string)
  return { type: 'string', description, optional: false, choices, rule: (value) => (fits(value) ? undefined : rule) }
}

/** The same, or null. Models write an empty text for nothing as well. */
export function optional<T>(field: Field<T>): Field<T | null> {
  return { ...(field as Field<T | null>), optional: true }
}

/**
 * The schema of an object with these fields.
 *
 * @returns It asks for every property and allows no others, as strict mode wants it; an optional one may be null.
 * What validates may leave optional ones out.
 */
export function toolSchema<const F extends Fields>(fields: F): ToolSchema<Given<F>, Read<F>> {
  // whoever converts it may write into it
  const jsonSchema = (): Record<string, unknown> => ({
    type: 'object',
    properties: Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, propertyOf(field)])),
    required: Object.keys(fields),
    additionalProperties: false,
  })
  return Object.freeze({
    '~standard': Object.freeze({
      version: 1 as const,
      vendor: 'offstage' as const,
      validate: (value: unknown) => judgeFields(fields, value),
      jsonSchema: Object.freeze({ input: jsonSchema, output: jsonSchema }),
    }),
  })
}

function propertyOf({ type, description, optional, choices }: Field<unknown>): Record<string, unknown> {
  const values = choices === undefined ? {} : { enum: optional ? [...choices, null] : [...choices] }
  return { type: optional ? [type, 'null'] : type, description, ...values }
}

function judgeFields<F extends Fields>(fields: F, value: unknown): SchemaResult<Read<F>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { issues: [{ message: `the input must be an object, got ${show(value)}` }] }
  const issues: SchemaIssue[] = []
  const read: [string, unknown][] = []
  for (const key of Object.keys(value)) {
    if (Object.hasOwn(fields, key)) continue
    const known = Object.keys(fields).join(', ') || 'none'
    issues.push({ message: `there is no argument ${show(key)}; the arguments are: ${known}`, path: [key] })
    break
  }
  for (const [name, field] of Object.entries(fields)) {
    const given = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined
    const absent = given === undefined || given === null || given === ''
    if (field.optional && absent) {
      read.push([name, null])
      continue
    }
    const rule = field.rule(given)
    if (rule === undefined) read.push([name, given])
    else issues.push({ message: `${name} must be ${rule}, got ${show(given)}`, path: [name] })
  }
  return issues.length > 0 ? { issues } : { value: Object.fromEntries(read) as Read<F> }
}
