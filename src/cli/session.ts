/** @module What a command works on: the store, a runner that only looks at it, and the config where it is wanted. */
import { resolve } from 'node:path'
import {
  BackgroundRunner,
  findStore,
  type LoadedConfig,
  type Logger,
  loadConfig,
  type Store,
  SystemClock,
} from '../index.ts'
import { type Call, textOption } from './command.ts'
import { usageError } from './exit.ts'
import type { Output } from './output.ts'
import { styled } from './text.ts'

/** The store and a runner on it that runs nothing. */
export interface Session {
  readonly runner: BackgroundRunner
  readonly store: Store
  readonly config: LoadedConfig | undefined
}

export interface SessionOptions {
  /** Whether the config is loaded, for its recipes. @default false */
  readonly config?: boolean
  /** Whether the command writes; otherwise nothing is made that is not there. @default false */
  readonly write?: boolean
}

/** The runner of a command that only looks, or hands in. */
const idle = { work: false, autoCleanup: false, handleSignals: false }

/** Opens what a command works on, until that has ended. @throws {OffstageError} for a config that cannot be used. */
export async function openSession(
  call: Call,
  { config = false, write = false }: SessionOptions = {},
): Promise<Session> {
  const loaded = config ? await loadConfigFor(call) : undefined
  const store = loaded?.runner.store ?? (await storeFor(call, !write))
  if (write && !store.durable)
    throw usageError(`the store of the config is ${store.name}: no other process sees its tasks; use offstage run`)
  const logger = loggerFor(call.out)
  const runner = new BackgroundRunner({ logger, ...loaded?.runner, store, ...idle })
  call.defer(async () => {
    await runner.stop()
    await store.close()
  })
  return { runner, store, config: loaded }
}

/** The config, with the store that --store names. */
export async function loadConfigFor(call: Call): Promise<LoadedConfig | undefined> {
  const loaded = await loadConfig(placeOf(call))
  const dir = textOption(call, 'store')
  if (loaded === undefined || dir === undefined) return loaded
  const path = resolve(call.cwd, dir)
  return { ...loaded, runner: { ...loaded.runner, store: await findStore({ dir: path }) }, dir: path }
}

/** The config, for commands that run recipes. @throws {OffstageError} when there is none. */
export async function needConfig(call: Call): Promise<LoadedConfig> {
  const loaded = await loadConfigFor(call)
  if (loaded !== undefined) return loaded
  throw usageError('there is no offstage.config.{ts,mts,js,mjs} here or above; offstage init writes one')
}

function storeFor(call: Call, readOnly: boolean): Promise<Store> {
  const dir = textOption(call, 'store')
  return findStore({ ...placeOf(call), readOnly, ...(dir !== undefined && { dir }) })
}

function placeOf(call: Call): { cwd: string; file?: string } {
  const file = textOption(call, 'config')
  return file === undefined ? { cwd: call.cwd } : { cwd: call.cwd, file }
}

/** Ms in which the same is not said again. */
const saidAgainAfter = 10_000
const mostSaid = 1_000

/** What a runner has to say, on stderr: a fault that goes on is told now and then. */
export function loggerFor(out: Output): Logger {
  const clock = new SystemClock()
  const said = new Map<string, number>()
  const say =
    (word: string, color: 'yellow' | 'red') =>
    (about: object, message: string): void => {
      const { err } = about as { err?: unknown }
      const text = err === undefined ? message : `${message}: ${err instanceof Error ? err.message : String(err)}`
      const now = clock.monotonic()
      if (now - (said.get(text) ?? Number.NEGATIVE_INFINITY) < saidAgainAfter) return
      if (said.size > mostSaid) said.clear()
      said.set(text, now)
      out.note(styled(color, word), ' ', out.redact(text))
    }
  return { debug: () => {}, info: () => {}, warn: say('warning', 'yellow'), error: say('error', 'red') }
}
