#!/usr/bin/env node
/** @module The command line's entry: the only file that ends the process. */
import { readFileSync } from 'node:fs'
import { tellWarning } from './output.ts'
import { runProgram } from './program.ts'

const manifest = new URL('../../package.json', import.meta.url)
const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // whoever reads has seen enough
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
}
// without the process id and the advice to trace it
process.removeAllListeners('warning')
process.on('warning', (warning) => tellWarning(process.stderr, warning))

const { argv, env, stdin, stdout, stderr } = process
const code = await runProgram({ argv: argv.slice(2), cwd: process.cwd(), env, stdin, stdout, stderr, version })
// what a config has left open must not keep the command up
process.exit(code)
