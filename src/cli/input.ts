/** @module Reads JSON that was given as text, as @file, or as - for stdin. */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseDuration } from '../duration.ts'
import { show } from '../errors.ts'
import type { Duration } from '../index.ts'
import { type Call, textOption } from './command.ts'
import { usageError } from './exit.ts'

/** The value that an option gives, or undefined. @throws {OffstageError} USAGE, saying what is wrong with it. */
export async function jsonOption(call: Call, name: string, flag: string): Promise<unknown> {
  const given = textOption(call, name)
  if (given === undefined) return undefined
  const [text, from] = await textFrom(call, given, flag)
  try {
    return JSON.parse(text)
  } catch (cause) {
    const hint = from === '' ? `; quote it for the shell, as in ${flag} '{"a":1}', or use @file` : ''
    throw usageError(`${flag}${from} is not JSON: ${show(text)} (${(cause as Error).message})${hint}`, cause)
  }
}

async function textFrom(call: Call, given: string, flag: string): Promise<[text: string, from: string]> {
  if (given === '-') return [decode(await readAll(call.stdin), `${flag} -`), ' -']
  if (!given.startsWith('@')) return [given, '']
  const path = resolve(call.cwd, given.slice(1))
  const read = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    throw usageError(`${flag}: ${show(path)} cannot be read (${cause.code})`, cause)
  })
  return [decode(read, `${flag} ${given}`), ` ${given}`]
}

function decode(bytes: Buffer, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw usageError(`${what} is not UTF-8 text`, cause)
  }
}

async function readAll(stream: AsyncIterable<Buffer | string>): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}

/** An option that is a duration, in ms. @throws {ValidationError} */
export function durationOption(call: Call, name: string, flag: string, min = 1): number | undefined {
  const given = textOption(call, name)
  return given === undefined ? undefined : parseDuration(numeric(given), flag, { min })
}

/** An option that is a duration or `none`. */
export function timeoutOption(call: Call): Duration | false | undefined {
  return textOption(call, 'timeout') === 'none' ? false : durationOption(call, 'timeout', '--timeout')
}

/** An option that is a whole number. @throws {OffstageError} USAGE */
export function integerOption(call: Call, name: string, flag: string, min: number, max: number): number | undefined {
  const given = textOption(call, name)
  if (given === undefined) return undefined
  const value = /^-?\d{1,12}$/.test(given) ? Number(given) : Number.NaN
  if (value >= min && value <= max) return value
  throw usageError(`${flag} must be a whole number from ${min} to ${max}, got ${show(given)}`)
}

/** `60000` means ms, as it does in code. */
const numeric = (text: string): string | number => (/^\d{1,15}$/.test(text) ? Number(text) : text)
