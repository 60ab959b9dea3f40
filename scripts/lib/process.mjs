/** @module Running other programs, loudly, and stopping at the first that fails. */
import { spawn } from 'node:child_process'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The project's folder. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** True on a build server, where a skip is a failure. */
export const inCI = process.env.CI === 'true' || process.env.CI === '1'

/**
 * Runs a program and shows what it prints.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, timeout?: number, quiet?: boolean }} options
 *   `quiet` keeps the output back unless the program fails; `timeout` is in ms.
 * @returns {Promise<string>} What it wrote to stdout, when `quiet`.
 */
export function run(command, args, { cwd = root, env = process.env, timeout = 0, quiet = false } = {}) {
  const stdio = quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit'
  const child = spawn(command, args, { cwd, env, stdio, timeout, killSignal: 'SIGKILL' })
  let said = ''
  let out = ''
  child.stdout?.on('data', (chunk) => {
    said += chunk
    out += chunk
  })
  child.stderr?.on('data', (chunk) => {
    said += chunk
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      if (code === 0) return resolve(out)
      const end = signal ? `was ended by ${signal}` : `exited with ${code}`
      reject(new Failure(`${said}\n${command} ${args.join(' ')} ${end}`.trim(), code ?? 1))
    })
  })
}

/** Runs Node on one script. */
export const node = (args, options) => run(process.execPath, args, options)

/** Runs npm, without its chatter. */
export const npm = (args, options) => run('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], options)

/** A program that failed; its output has been shown or is the message. */
export class Failure extends Error {
  constructor(message, code) {
    super(message)
    this.code = code
  }
}

/** Runs the work of a script; a failure is told without a stack and sets the exit code. */
export async function main(work) {
  try {
    await work()
  } catch (error) {
    console.error(error instanceof Failure ? error.message : error)
    process.exitCode = error instanceof Failure ? error.code : 1
  }
}

/** Does one named step and says how long it took. */
export async function step(name, work) {
  console.log(`\n── ${name}`)
  const began = performance.now()
  const result = await work()
  console.log(`── ${name}: done in ${((performance.now() - began) / 1_000).toFixed(1)} s`)
  return result
}
