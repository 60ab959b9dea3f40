/** @module What shells need to complete commands, made of the table of commands. */
import { type Command, isReady, type Option } from './command.ts'

export type Shell = 'bash' | 'zsh' | 'fish'

/** The script for a shell; it is to be sourced, or put where the shell looks. */
export function completionFor(shell: Shell, commands: readonly Command[], globals: readonly Option[]): string {
  return { bash, zsh, fish }[shell](commands.filter(isReady).map(flat), globals)
}

/** One that has commands of its own, with these as words, and the options of all of them. */
function flat(command: Command): Command {
  const { commands: inner } = command
  if (inner === undefined) return command
  const options = new Map(inner.flatMap(({ options = [] }) => options).map((option) => [flagsOf(option).long, option]))
  const words = { name: 'command', about: 'What to do', values: inner.map(({ name }) => name) }
  return { ...command, args: [words, { name: 'more', about: 'Of what', many: true }], options: [...options.values()] }
}

interface Flags {
  readonly short: string | undefined
  readonly long: string
  readonly takesValue: boolean
}

/** The parts of `-i, --input <json>`. */
export function flagsOf({ flags }: Option): Flags {
  return {
    short: /(?:^|\s)-(\w)\b/.exec(flags)?.[1],
    long: /--([\w-]+)/.exec(flags)?.[1] ?? '',
    takesValue: flags.includes('<'),
  }
}

const namesOf = (options: readonly Option[]): string[] =>
  options.flatMap((option) => {
    const { short, long } = flagsOf(option)
    return short === undefined ? [`--${long}`] : [`-${short}`, `--${long}`]
  })
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
const wordsOf = ({ args = [] }: Command): readonly string[] => args.flatMap(({ values = [] }) => values)

function bash(commands: readonly Command[], globals: readonly Option[]): string {
  const verbs = [...commands.map(({ name }) => name), 'help'].join(' ')
  const values = (name: string, options: readonly Option[]): string[] =>
    options
      .filter((option) => flagsOf(option).takesValue)
      .map((option) => `    ${name}:${namesOf([option]).join(`|${name}:`)}) ${bashValues(option)}; return ;;`)
  const cases = commands.flatMap(({ name, options = [] }) => values(name, options))
  const words = commands.map((command) => {
    const known = [...wordsOf(command), ...namesOf([...(command.options ?? []), ...globals]), '--help'].join(' ')
    return `    ${command.name}) COMPREPLY=($(compgen -W ${quoted(known)} -- "$word")) ;;`
  })
  return `# bash completion of offstage: source <(offstage completion bash)
_offstage() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} verb='' i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "\${COMP_WORDS[i]}" in
      -c|--config|--store) ((i++)) ;;
      -*) ;;
      *) verb=\${COMP_WORDS[i]}; break ;;
    esac
  done
  case "$before" in
${globals
  .filter((option) => flagsOf(option).takesValue)
  .map((option) => `    ${namesOf([option]).join('|')}) ${bashValues(option)}; return ;;`)
  .join('\n')}
  esac
  case "$verb:$before" in
${cases.join('\n')}
  esac
  case "$verb" in
    '') COMPREPLY=($(compgen -W ${quoted([verbs, ...namesOf(globals), '--help', '--version'].join(' '))} -- "$word")) ;;
    help) COMPREPLY=($(compgen -W ${quoted(verbs)} -- "$word")) ;;
${words.join('\n')}
  esac
}
complete -F _offstage offstage
`
}

function bashValues({ values, completes }: Option): string {
  if (values !== undefined) return `COMPREPLY=($(compgen -W ${quoted(values.join(' '))} -- "$word"))`
  if (completes === undefined) return ':'
  return `COMPREPLY=($(compgen ${completes === 'files' ? '-f' : '-d'} -- "$word"))`
}

function zsh(commands: readonly Command[], globals: readonly Option[]): string {
  const spec = (text: string): string => text.replace(/[[\]:\\]/g, '\\$&')
  const option = (each: Option): string[] => {
    const { short, long, takesValue } = flagsOf(each)
    const { values, completes } = each
    const action =
      values !== undefined
        ? `(${values.join(' ')})`
        : completes === 'files'
          ? '_files'
          : completes === 'folders'
            ? '_files -/'
            : ' '
    const rest = `[${spec(each.about)}]${takesValue ? `:${long}:${action}` : ''}`
    return [short === undefined ? undefined : `-${short}`, `--${long}`]
      .filter((name) => name !== undefined)
      .map((name) => quoted(`${name}${rest}`))
  }
  const common = globals.flatMap(option)
  const cases = commands.map((command) => {
    const args = (command.args ?? []).map(({ name, many = false, values }) =>
      quoted(`${many ? '*' : ''}:${name}:${values === undefined ? ' ' : `(${values.join(' ')})`}`),
    )
    const specs = [...(command.options ?? []).flatMap(option), ...args]
    return `    ${command.name}) _arguments $common ${specs.join(' ')} ;;`
  })
  return `#compdef offstage
# zsh completion of offstage: offstage completion zsh > "\${fpath[1]}/_offstage"
_offstage() {
  local -a common verbs
  local state line context
  common=(${common.join(' ')})
  verbs=(${commands.map(({ name, summary }) => quoted(`${name}:${spec(summary)}`)).join(' ')})
  _arguments -C $common '1: :->verb' '*:: :->rest'
  case $state in
    verb) _describe command verbs ;;
    rest) case $line[1] in
${cases.join('\n')}
    esac ;;
  esac
}
if [ "$funcstack[1]" = _offstage ]; then _offstage "$@"; else compdef _offstage offstage; fi
`
}

function fish(commands: readonly Command[], globals: readonly Option[]): string {
  const option = (condition: string, each: Option): string => {
    const { short, long, takesValue } = flagsOf(each)
    const { values, completes, about } = each
    const parts = [`complete -c offstage${condition}`, short === undefined ? '' : ` -s ${short}`, ` -l ${long}`]
    if (values !== undefined) parts.push(` -x -a ${quoted(values.join(' '))}`)
    else if (completes === 'folders') parts.push(" -x -a '(__fish_complete_directories)'")
    else if (takesValue) parts.push(completes === 'files' ? ' -r -F' : ' -x')
    return `${parts.join('')} -d ${quoted(about)}`
  }
  const lines = commands.flatMap((command) => {
    const within = ` -n '__fish_seen_subcommand_from ${command.name}'`
    const words = wordsOf(command)
    return [
      `complete -c offstage -n __fish_use_subcommand -a ${command.name} -d ${quoted(command.summary)}`,
      ...(words.length > 0 ? [`complete -c offstage${within} -a ${quoted(words.join(' '))}`] : []),
      ...(command.options ?? []).map((each) => option(within, each)),
    ]
  })
  return `# fish completion of offstage: offstage completion fish > ~/.config/fish/completions/offstage.fish
complete -c offstage -f
${[...globals.map((each) => option('', each)), ...lines].join('\n')}
`
}
