/** @module Finds the config of a project and loads it, TypeScript without a build. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join, resolve } from 'node:path'
import { OffstageError, show } from '../errors.ts'
import { storeName } from '../store/file/where.ts'
import type { Store } from '../store/store.ts'
import { checkOptions } from '../validate.ts'
import { type Config, envFiles, readConfig, runnerOptions } from './config.ts'
import type { RunnerOptions } from './runner-options.ts'
import { storeFrom } from './store-from.ts'

/** Which config is meant. */
export interface LoadConfigOptions {
  /** Where to begin looking upwards. `@default` the working directory */
  readonly cwd?: string
  /** The file itself, from `cwd`; nothing is looked for then. */
  readonly file?: string
}

/** A config that was loaded. */
export interface LoadedConfig {
  /** The file, absolute. */
  readonly file: string
  readonly config: Config
  /** The options for `new BackgroundRunner(…)`, the store included. */
  readonly runner: Omit<RunnerOptions, 'store'> & { readonly store?: Store }
  /** The folder of the store, absolute; undefined when the config brings a store of its own. */
  readonly dir: string | undefined
}

/** The names of a config, the first of them first. */
const names = ['ts', 'mts', 'js', 'mjs'].map((suffix) => `offstage.config.${suffix}`)
const options = new Set(['cwd', 'file'])
const envFileText = /\benvFile\b\s*(?::\s*(?:(['"`])(.*?)\1|(false)\b))?/

/**
 * Finds the config of a project: the nearest `offstage.config.{ts,mts,js,mjs}`, upwards.
 *
 * @returns Its path, absolute, or undefined.
 * @throws {OffstageError} INVALID_OPTION when `file` is given and is not there; CONFIG for one that was found and belongs to
 * another user.
 *
 * @example
 * ```ts
 * import { findConfig } from 'offstage'
 *
 * findConfig() // '/home/ada/project/offstage.config.ts', or undefined
 * ```
 */
export function findConfig(given: LoadConfigOptions = {}): string | undefined {
  checkOptions(given, options, 'the options of the config')
  const { cwd = process.cwd(), file } = given
  if (file !== undefined) {
    const path = resolve(cwd, file)
    if (!existsSync(path)) throw new OffstageError('INVALID_OPTION', `there is no config ${show(path)}`)
    return path
  }
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const there = namesIn(folder)
    const name = names.find((each) => there.has(each))
    if (name !== undefined) return ofOurs(join(folder, name), resolve(cwd))
    if (dirname(folder) === folder) return undefined
  }
}

/**
 * Loads the config of a project: the nearest `offstage.config.{ts,mts,js,mjs}`, upwards. TypeScript needs no build, `paths` of
 * tsconfig.json hold, and `.env` is read before it; variables that exist already win.
 *
 * @returns The config, and the options for a runner; undefined when there is no config.
 * @throws {OffstageError} naming the file, with what went wrong as `cause`: CONFIG, or the code of the cause.
 *
 * @example
 * ```ts
 * import { BackgroundRunner, loadConfig } from 'offstage'
 *
 * const loaded = await loadConfig()
 * const runner = new BackgroundRunner(loaded?.runner)
 * ```
 */
export async function loadConfig(given: LoadConfigOptions = {}): Promise<LoadedConfig | undefined> {
  const file = findConfig(given)
  if (file === undefined) return undefined
  const home = dirname(file)
  try {
    loadEnvFor(file)
    const config = readConfig(await importFile(file))
    for (const name of envFiles(config)) loadEnv(resolve(home, name))
    const { store, ...options } = runnerOptions(config)
    const runner = { ...options, name: options.name ?? basename(home) }
    const known = typeof store === 'string' ? storeFrom(store, home) : store
    if (known !== undefined) return { file, config, runner: { ...runner, store: known }, dir: undefined }
    const dir = storeFor(config, home, given.cwd)
    const { FileStore } = await import('../store/file/store.ts')
    return { file, config, runner: { ...runner, store: new FileStore({ dir }) }, dir }
  } catch (cause) {
    const code = OffstageError.is(cause) ? cause.code : 'CONFIG'
    const message = cause instanceof Error ? cause.message : show(cause)
    throw new OffstageError(code, `the config ${show(file)} cannot be used: ${message}`, { cause })
  }
}

/** Reads the variables that a config asks for, as far as its text tells: its modules may want them as they load. */
export function loadEnvFor(file: string): void {
  const match = envFileText.exec(readFileSync(file, 'utf8'))
  const [envFile, , name, none] = match ?? []
  if (none !== undefined || (envFile !== undefined && name === undefined)) return
  loadEnv(resolve(dirname(file), name ?? '.env'))
}

function loadEnv(path: string): void {
  if (!existsSync(path)) return
  // an import of it makes Node 22 open stderr, and loading this library opens nothing
  const { parseEnv } = process.getBuiltinModule('node:util')
  for (const [name, value] of Object.entries(parseEnv(readFileSync(path, 'utf8')))) process.env[name] ??= value
}

/** The order of the places: the config says, else the environment, else beside the config. */
function storeFor({ dir }: Config, home: string, cwd = process.cwd()): string {
  const { OFFSTAGE_DIR: given } = process.env
  if (dir !== undefined) return resolve(home, dir)
  return given === undefined || given === '' ? join(home, storeName) : resolve(cwd, given)
}

async function importFile(file: string): Promise<unknown> {
  const { createJiti } = await import('jiti')
  const jiti = createJiti(file, {
    tsconfigPaths: true,
    interopDefault: false,
    fsCache: cacheFor(file),
    alias: ownEntries(),
  })
  return jiti.import(file)
}

/** Compiled code is kept only where nobody else may write: not in the system's temporary folder. */
function cacheFor(file: string): string | false {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const modules = join(folder, 'node_modules')
    if (existsSync(modules)) return join(modules, '.cache', 'offstage')
    if (dirname(folder) === folder) return false
  }
}

/** A config imports this very library, installed beside it or not: one copy of its classes. */
function ownEntries(): Record<string, string> {
  const require = createRequire(import.meta.url)
  const { name, exports } = require('offstage/package.json') as { name: string; exports: Record<string, unknown> }
  const entries = Object.keys(exports).map((key) => name + key.slice(1))
  return Object.fromEntries(entries.map((entry) => [entry, resolveIn(require, entry)]))
}

function resolveIn(require: NodeJS.Require, entry: string): string {
  try {
    return require.resolve(entry)
  } catch {
    // not built: who runs the sources has no package to import
    return entry
  }
}

/** A config is code. One that is merely found may have been put there: a folder above may be open to everybody. */
function ofOurs(path: string, cwd: string): string {
  const { uid } = statSync(path)
  if ([0, process.getuid?.(), statSync(cwd, { throwIfNoEntry: false })?.uid].includes(uid)) return path
  throw new OffstageError(
    'CONFIG',
    `the config ${show(path)} belongs to another user; give it as a file if you trust it`,
  )
}

function namesIn(folder: string): ReadonlySet<string> {
  try {
    return new Set(readdirSync(folder))
  } catch {
    // a folder above that cannot be read holds no config of ours
    return new Set()
  }
}
