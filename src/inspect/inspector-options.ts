/** @module The options of an inspector: what users write, and what it works with. */
import { type Clock, SystemClock } from '../clock.ts'
import { ValidationError } from '../errors.ts'
import { type BackgroundRunner, type Logger, MemoryStore, type Store } from '../index.ts'
import { redactor } from '../redact.ts'
import { checkBoolean, checkFunction, checkInteger, checkOptions } from '../validate.ts'
import { AllowedHosts } from './server/hosts.ts'
import { Token } from './server/token.ts'

/** Options of `createInspector`. */
export interface InspectorOptions {
  /** The runner to look at, and to act through. */
  readonly runner?: BackgroundRunner
  /** The store to look at. `@default` the runner's, or none: your own actors alone are seen then */
  readonly store?: Store
  /** Whether the page may cancel, retry, answer, pause and run schedules. @default false */
  readonly allowActions?: boolean
  /** How much of what happened is kept in memory, in records, while somebody looks. @default 100_000 */
  readonly keep?: number
  /** What lets in: 22 to 128 letters, digits, _ and -. `@default` a random one of 131 bits */
  readonly token?: string
  /**
   * The hosts under which an app serves it, as browsers name them: `['tasks.example.com']`, or with the scheme that they
   * see, `['https://tasks.example.com']`. `@default` 127.0.0.1, localhost and [::1]
   */
  readonly allowedHosts?: readonly string[]
  /** The path of `fetch` in your app, where the app leaves it in the address: `'/inspect'`. @default '/' */
  readonly basePath?: string
  /** Takes secrets out of a text, of all that is shown. `@default` known forms, and values of variables such as *_TOKEN */
  readonly redact?: (text: string) => string
  /** Where time comes from. `@default` the machine */
  readonly clock?: Clock
  /** Hears what nobody else would. `@default` process.emitWarning */
  readonly logger?: Logger
}

const known = new Set([
  'runner',
  'store',
  'allowActions',
  'keep',
  'token',
  'allowedHosts',
  'basePath',
  'redact',
  'clock',
  'logger',
])
const pathForm = /^(?:\/[A-Za-z0-9._~-]{1,64}){0,16}\/?$/
const [fewestKept, mostKept, defaultKept] = [1_000, 10_000_000, 100_000] as const

/** {@link InspectorOptions}, read. */
export interface InspectorSettings {
  readonly runner: BackgroundRunner | undefined
  readonly store: Store
  /** Neither runner nor store were given. */
  readonly isEmpty: boolean
  readonly allowActions: boolean
  readonly keep: number
  readonly token: Token
  readonly hosts: AllowedHosts | undefined
  readonly basePath: string
  readonly redact: (text: string) => string
  readonly clock: Clock
  readonly logger: Logger | undefined
}

/** @throws {ValidationError} */
export function readInspectorOptions(options: InspectorOptions): InspectorSettings {
  checkOptions(options, known, 'the inspector options')
  const { runner, token, allowedHosts, basePath = '/', clock = new SystemClock() } = options
  if (runner !== undefined) checkFunction(runner.submitRecipe, 'runner.submitRecipe')
  const store = options.store ?? runner?.store
  if (store !== undefined) checkFunction(store.subscribe, 'store.subscribe')
  if (typeof basePath !== 'string' || !pathForm.test(basePath))
    throw new ValidationError('basePath', "a path such as '/inspect'", basePath)
  return {
    runner,
    store: store ?? new MemoryStore(),
    isEmpty: store === undefined,
    allowActions: checkBoolean(options.allowActions ?? false, 'allowActions'),
    keep: checkInteger(options.keep ?? defaultKept, 'keep', fewestKept, mostKept),
    token: new Token(token),
    hosts: allowedHosts === undefined ? undefined : new AllowedHosts(allowedHosts),
    basePath: basePath.endsWith('/') ? basePath : `${basePath}/`,
    redact: checkFunction(options.redact ?? redactor(process.env), 'redact'),
    clock,
    logger: options.logger,
  }
}
