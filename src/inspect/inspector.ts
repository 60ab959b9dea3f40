/** @module `createInspector`: see every state of a runner or a store in a browser, and how it came to be. */
import type { InspectionEvent } from 'xstate'
import { OffstageError, show } from '../errors.ts'
import { BackgroundRunner } from '../index.ts'
import { checkOptions } from '../validate.ts'
import { act } from './act.ts'
import { type InspectorOptions, type InspectorSettings, readInspectorOptions } from './inspector-options.ts'
import { InspectorApp, type Served } from './server/app.ts'
import { nodeInfo, type Rules, tokenParameter } from './server/guard.ts'
import { type Bound, type ListenOptions, listenOn, type NodeHandler, nodeHandler } from './server/listen.ts'
import { type Page, pageHtml } from './server/page-file.ts'
import { Serving } from './server/serving.ts'
import { Tickets } from './server/token.ts'
import { StoreWatch } from './store-watch.ts'

/** Where an inspector can be opened. */
export interface Listening {
  /** With the token, which the browser trades for a cookie. */
  readonly url: string
  readonly port: number
  /** An address that lets in once, within a minute: for what others can see, such as the arguments of a command. */
  openUrl(): string
  /** Takes no more requests, and ends open ones. */
  close(): Promise<void>
}

/** What {@link createInspector} makes. */
export interface Inspector {
  /**
   * Answers a request; never throws. It is bound, so it can be handed on as it is.
   *
   * @param info What a server of Node knows beside the request, `{ incoming, outgoing }`; anything else is not looked at.
   */
  readonly fetch: (request: Request, info?: unknown) => Promise<Response>
  /**
   * The same for servers of Node: `createServer(inspector.node)`, or Express's `app.use('/inspect', inspector.node)`. It has
   * to come before what reads bodies. Bound, too.
   */
  readonly node: NodeHandler
  /** Shows your own actors: for `createActor(machine, { inspect })` and `new BackgroundRunner({ inspect })`. Never throws. */
  readonly inspect: (event: InspectionEvent) => void
  /** What lets in: `?token=…` behind the address of the page. */
  readonly token: string
  /** Where it listens, with the token; undefined while it does not. */
  readonly url: string | undefined
  /**
   * Serves the page on this machine, which keeps the process alive until it is closed.
   *
   * @throws {ValidationError} for a host that others could reach: it is 127.0.0.1 or ::1.
   * @throws {OffstageError} PORT_IN_USE; INSPECTOR_CLOSED; LISTEN for whatever else the system says.
   */
  listen(options?: ListenOptions): Promise<Listening>
  /** Tells the pages that it is over, and lets go of everything. The runner and the store go on. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** What tests replace. */
export interface InspectorParts {
  readonly page: () => Promise<Page>
}

const listenOptions = new Set(['port', 'host'])

/**
 * Makes an inspector. Nothing is recorded, opened or served before somebody looks.
 *
 * @throws {ValidationError} INVALID_OPTION or UNKNOWN_OPTION, naming option, rule and value.
 *
 * @example
 * ```ts
 * import { BackgroundRunner } from 'offstage'
 * import { createInspector } from 'offstage/inspect'
 *
 * const runner = new BackgroundRunner()
 * const inspector = createInspector({ runner, allowActions: true })
 * const { url } = await inspector.listen()
 * console.log(`look at ${url}`) // http://127.0.0.1:…/?token=…
 * await runner.submit(() => 'done').wait()
 * await inspector.close()
 * await runner.stop()
 * ```
 */
export function createInspector(options: InspectorOptions = {}): Inspector {
  return inspectorOf(options, { page: pageHtml })
}

export function inspectorOf(options: InspectorOptions, parts: InspectorParts): Inspector {
  return new LiveInspector(readInspectorOptions(options), parts)
}

class LiveInspector implements Inspector {
  readonly fetch: Inspector['fetch']
  readonly node: Inspector['node']
  readonly inspect: Inspector['inspect']
  readonly token: string
  readonly #settings: InspectorSettings
  readonly #rules: Rules
  readonly #serving: Serving
  readonly #app: InspectorApp
  readonly #watch: StoreWatch
  #ownRunner: BackgroundRunner | undefined
  #listening: Listening | undefined
  #closing: Promise<void> | undefined

  constructor(settings: InspectorSettings, { page }: InspectorParts) {
    const { store, clock, redact, token, hosts, basePath, allowActions, isEmpty } = settings
    this.#settings = settings
    this.token = token.text
    this.#rules = { token, tickets: new Tickets(clock), hosts }
    this.#serving = new Serving({
      ...settings,
      runnerOf: () => this.#runner(),
      warn: (message, cause) => this.#warn(message, cause),
    })
    const served: Served = {
      hello: () => this.#serving.hello(allowActions),
      query: (parameters) => this.#serving.query(parameters),
      frame: (query) => this.#serving.frame(query),
      subscribe: (query, listener, seen) => this.#subscribe(query, listener, seen),
      marks: (count) => this.#serving.marks(count),
      chart: (id) => this.#serving.chart(id),
      page,
      act: allowActions && !isEmpty ? (action) => act(action, this.#actor()) : undefined,
      failed: (error) => this.#warn('the inspector failed to answer', error),
      redact,
    }
    this.#app = new InspectorApp(served, this.#rules, { clock, basePath })
    this.#watch = new StoreWatch(store, clock, (message) => this.#app.end(redact(message)))
    this.fetch = (request, info) => this.#app.fetch(request, nodeInfo(info))
    this.node = nodeHandler(this.fetch)
    this.inspect = (event) => this.#serving.inspect(event)
  }

  get url(): string | undefined {
    return this.#listening?.url
  }

  async listen(options: ListenOptions = {}): Promise<Listening> {
    checkOptions(options, listenOptions, 'the listen options')
    this.#refuseIfClosed()
    if (this.#listening !== undefined)
      throw new OffstageError('INVALID_OPTION', `the inspector listens already, on port ${this.#listening.port}`)
    const bound = await listenOn((request, info) => this.#app.fetch(request, info), options)
    if (this.#closing !== undefined) await bound.close()
    this.#refuseIfClosed()
    this.#listening = this.#listeningOn(bound)
    return this.#listening
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #listeningOn({ port, origin, close }: Bound): Listening {
    const address = (token: string): string => `${origin}${this.#settings.basePath}?${tokenParameter}=${token}`
    return {
      port,
      url: address(this.token),
      openUrl: () => address(this.#rules.tickets.issue()),
      close: async () => {
        this.#listening = undefined
        await close()
      },
    }
  }

  async #close(): Promise<void> {
    this.#app.end('The inspector was closed.')
    this.#watch.stop()
    await this.#listening?.close()
    this.#serving.close()
    await this.#ownRunner?.stop()
  }

  #subscribe(...told: Parameters<Served['subscribe']>): () => void {
    const off = this.#serving.subscribe(...told)
    this.#watch.start()
    return () => {
      off()
      if (this.#app.streams === 0) this.#watch.rest()
    }
  }

  /** One that does not work, where none was given. */
  #runner(): BackgroundRunner {
    const { runner, store, clock, logger } = this.#settings
    if (runner !== undefined) return runner
    const log = logger === undefined ? {} : { logger }
    this.#ownRunner ??= new BackgroundRunner({ store, clock, ...log, work: false, autoCleanup: false })
    return this.#ownRunner
  }

  #actor(): Parameters<typeof act>[1] {
    const { redact, runner } = this.#settings
    const failed = (error: unknown): void => this.#warn('an action failed', error)
    return { runner: this.#runner(), works: runner !== undefined, redact, failed }
  }

  #warn(message: string, cause: unknown): void {
    const { logger, redact } = this.#settings
    try {
      if (logger !== undefined) return logger.warn({ err: cause }, message)
      const why = cause instanceof Error ? cause.message : show(cause)
      process.emitWarning(redact(`${message}: ${why}`), 'OffstageWarning')
    } catch {
      // neither a logger nor a redaction that throws harms the work that is looked at
    }
  }

  #refuseIfClosed(): void {
    if (this.#closing !== undefined) throw new OffstageError('INSPECTOR_CLOSED', 'the inspector was closed')
  }
}
