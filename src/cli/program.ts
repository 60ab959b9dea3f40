/** @module Reads the arguments: from the table of commands to the call of one. */
import {
  Command as Commander,
  Argument as CommanderArgument,
  CommanderError,
  Option as CommanderOption,
} from 'commander'
import { type Argument, type Call, type Command, isReady, type Option, type Options } from './command.ts'
import { commands, globalOptions } from './commands.ts'
import { Exit, exitOf, usageError } from './exit.ts'
import { Output, type Sink } from './output.ts'

/** The process as a command sees it. */
export interface World {
  readonly argv: readonly string[]
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  readonly stdin: NodeJS.ReadStream
  readonly stdout: Sink
  readonly stderr: Sink
  readonly version: string
}

/**
 * Runs the command that the arguments name.
 *
 * @returns The exit code. Never throws for what a command does: that is told on stderr.
 */
export async function runProgram(world: World): Promise<Exit> {
  const { argv, env, stdout, stderr } = world
  let out = new Output({ json: argv.includes('--json'), color: !argv.includes('--no-color'), stdout, stderr, env })
  let exit: Exit = Exit.DONE
  const program = programOf(world, out, async (command, args, options) => {
    out = new Output({ json: options.json === true, color: options.color !== false, stdout, stderr, env })
    exit = await runCommand(command, { args, options, out, commands, globals: globalOptions, ...world })
  })
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return exit
  } catch (error) {
    // commander has said what is wrong, or has printed the help that was asked for
    if (error instanceof CommanderError) return error.exitCode === 0 ? Exit.DONE : Exit.USAGE
    out.error(error)
    return exitOf(error)
  } finally {
    await out.flush()
  }
}

async function runCommand(command: Command, given: Omit<Call, 'defer'>): Promise<Exit> {
  if (command.load === undefined)
    throw usageError(`offstage ${command.name} comes later; this version does not have it yet`)
  const run = await command.load()
  const ends: (() => unknown)[] = []
  try {
    return await run({ ...given, defer: (end) => ends.unshift(end) })
  } finally {
    for (const end of ends) await end()
  }
}

type Act = (command: Command, args: readonly string[], options: Options) => Promise<void>

/** The program in commander's terms. */
function programOf({ version, argv }: World, out: Output, act: Act): Commander {
  const program = new Commander('offstage')
  program
    .description('Background work: submit tasks, run them, and see why they are where they are.')
    .version(version, '-V, --version', 'Print the version')
    .helpOption('-h, --help', 'Show the help')
    .helpCommand('help [command]', 'Show the help of a command')
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .configureOutput({
      writeOut: (text) => out.text(text, ''),
      writeErr: (text) => out.notes(text.trimEnd()),
    })
    .showHelpAfterError('(offstage --help shows what there is)')
    .exitOverride()
  for (const option of globalOptions) program.addOption(optionOf(option))
  program.addHelpText('after', exitCodes)
  for (const command of commands) {
    const made = new Commander(command.name).copyInheritedSettings(program).summary(summaryOf(command))
    // of the others nobody will ask more than what the list of commands says
    program.addCommand(argv.includes(command.name) ? complete(made, command, act) : made)
  }
  return program
}

const exitCodes = `
Exit codes:
  0 done · 1 failed · 2 wrong usage · 3 not found · 4 cancelled · 5 the wait timed out`

const summaryOf = (command: Command): string =>
  isReady(command) ? command.summary : `${command.summary} (comes later)`

function complete(made: Commander, command: Command, act: Act, path = command.name): Commander {
  const { summary, details, args = [], options = [], examples, load, commands: inner = [] } = command
  made.description(details === undefined ? `${summary}.` : `${summary}. ${details}`)
  made.helpOption('-h, --help', 'Show the help')
  made.showHelpAfterError(`(offstage ${path} --help shows how it is used)`)
  for (const arg of args) made.addArgument(argumentOf(arg))
  for (const option of options) made.addOption(optionOf(option))
  for (const each of inner) {
    const own = new Commander(each.name).copyInheritedSettings(made).summary(each.summary)
    made.addCommand(complete(own, each, act, `${path} ${each.name}`))
  }
  // it says what there is when none of its own commands is given
  if (inner.length > 0) return made
  if (load === undefined) made.allowUnknownOption().allowExcessArguments()
  else made.allowExcessArguments(false)
  if (examples.length > 0) made.addHelpText('after', `\nExamples:\n${examplesText(examples)}`)
  return made.action(() => act(command, made.args, made.optsWithGlobals()))
}

function examplesText(examples: Command['examples']): string {
  return examples.map(([line, what]) => `  $ ${line}${what === '' ? '' : `\n      ${what}`}`).join('\n')
}

function argumentOf({ name, about, required = true, many = false, values }: Argument): CommanderArgument {
  const inner = many ? `${name}...` : name
  const argument = new CommanderArgument(required ? `<${inner}>` : `[${inner}]`, about)
  return values === undefined ? argument : argument.choices(values)
}

function optionOf({ flags, about, values, fallback }: Option): CommanderOption {
  const hints = [values?.join(', '), fallback === undefined ? undefined : `default: ${fallback}`].filter(Boolean)
  return new CommanderOption(flags, hints.length === 0 ? about : `${about} (${hints.join('; ')})`)
}
