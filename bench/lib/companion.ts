/** @module Processes beside this one: they say a line when they are ready, do as they are told, and tell what came of it. */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'

/** A program of `bench/child`, running. */
export class Companion {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>
  readonly #lines: AsyncIterator<string>

  private constructor(child: ChildProcessByStdio<Writable, Readable, null>) {
    this.#child = child
    this.#lines = createInterface(child.stdout)[Symbol.asyncIterator]()
    process.once('exit', this.#kill)
  }

  /** Starts one; resolves with it when it has said its first line. */
  static async start(name: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Companion> {
    return (await Companion.open(name, args, env)).companion
  }

  /** Starts one; resolves with it and the first line that it has said. */
  static async open(
    name: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
  ): Promise<{ companion: Companion; said: string }> {
    const file = fileURLToPath(new URL(`../child/${name}.js`, import.meta.url))
    const child = spawn(process.execPath, ['--expose-gc', file, ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...env },
    })
    const companion = new Companion(child)
    return { companion, said: await companion.line() }
  }

  /** Says a line to it. */
  tell(line: string): void {
    this.#child.stdin.write(`${line}\n`)
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** The next line that it says. @throws When it ended instead. */
  async line(): Promise<string> {
    const { done, value } = await this.#lines.next()
    if (done) throw new Error(`process ${this.pid} ended early`)
    return value
  }

  /** Tells it to end, and answers the last line that it says. */
  async end<T>(): Promise<T> {
    const over = once(this.#child, 'exit')
    this.#child.stdin.end()
    const last = await this.line()
    await over
    process.off('exit', this.#kill)
    return JSON.parse(last) as T
  }

  readonly #kill = (): void => void this.#child.kill('SIGKILL')
}
