/** @module What shells need to complete commands, made of the table of commands. */
import { type Command, isReady, type Option } from './command.ts'

export type Shell = 'bash' | 'zsh' | 'fish'

/** The script for a shell; it is to be sourced, or put where the shell looks. */
export function completionFor(shell: Shell, commands: readonly Command[], globals: readonly Option[]): string {
  return { bash, zsh, fish }[shell](commands.filter(isReady), globals)
}

/** Those that are called by one word, and those of commands that have some of their own: `schedule add`. */
function leavesOf(commands: readonly Command[]): readonly Command[] {
  return commands.flatMap(({ commands: inner, ...command }) =>
    inner === undefined ? [command] : inner.map((each) => ({ ...each, name: `${command.name} ${each.name}` })),
  )
}

const parentsOf = (commands: readonly Command[]): readonly Command[] =>
  commands.filter(({ commands: inner }) => inner !== undefined)
const innerNames = ({ commands: inner = [] }: Command): string => inner.map(({ name }) => name).join(' ')

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
      .map((option) => {
        const labels = namesOf([option]).map((each) => quoted(`${name}:${each}`))
        return `    ${labels.join('|')}) ${bashValues(option)}; return ;;`
      })
  const leaves = leavesOf(commands)
  const parents = parentsOf(commands)
  const cases = leaves.flatMap(({ name, options = [] }) => values(name, options))
  const words = leaves.map((command) => {
    const known = [...wordsOf(command), ...namesOf([...(command.options ?? []), ...globals]), '--help'].join(' ')
    return `    ${quoted(command.name)}) COMPREPLY=($(compgen -W ${quoted(known)} -- "$word")) ;;`
  })
  for (const parent of parents)
    words.push(`    ${parent.name}) COMPREPLY=($(compgen -W ${quoted(`${innerNames(parent)} --help`)} -- "$word")) ;;`)
  return `# bash completion of offstage: source <(offstage completion bash)
_offstage() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} verb='' i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "\${COMP_WORDS[i]}" in
      -c|--config|--store) ((i++)) ;;
      -*) ;;
      *)
        verb="\${verb:+$verb }\${COMP_WORDS[i]}"
        case "$verb" in ${parents.map(({ name }) => `${name}) ;; `).join('')}*) break ;; esac ;;
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
  const caseOf = (command: Command): string => {
    if (command.commands !== undefined) return parentOf(command, command.commands)
    const args = (command.args ?? []).map(({ name, many = false, values }) =>
      quoted(`${many ? '*' : ''}:${name}:${values === undefined ? ' ' : `(${values.join(' ')})`}`),
    )
    const specs = [...(command.options ?? []).flatMap(option), ...args]
    return `    ${command.name}) _arguments $common ${specs.join(' ')} ;;`
  }
  const parentOf = ({ name }: Command, inner: readonly Command[]): string => `    ${name})
      verbs=(${described(inner)})
      _arguments -C $common '1: :->inner' '*:: :->more'
      case $state in
        inner) _describe command verbs ;;
        more) case $line[1] in
${inner.map(caseOf).join('\n')}
        esac ;;
      esac ;;`
  const described = (each: readonly Command[]): string =>
    each.map(({ name, summary }) => quoted(`${name}:${spec(summary)}`)).join(' ')
  return `#compdef offstage
# zsh completion of offstage: offstage completion zsh > "\${fpath[1]}/_offstage"
_offstage() {
  local -a common verbs
  local state line context
  common=(${common.join(' ')})
  verbs=(${described(commands)})
  _arguments -C $common '1: :->verb' '*:: :->rest'
  case $state in
    verb) _describe command verbs ;;
    rest) case $line[1] in
${commands.map(caseOf).join('\n')}
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
  const within = (condition: string, command: Command): string[] => {
    const words = wordsOf(command)
    return [
      ...(words.length > 0 ? [`complete -c offstage${condition} -a ${quoted(words.join(' '))}`] : []),
      ...(command.options ?? []).map((each) => option(condition, each)),
    ]
  }
  const seen = (names: string): string => `__fish_seen_subcommand_from ${names}`
  const outside = parentsOf(commands).map(({ name }) => `; and not ${seen(name)}`)
  const lines = commands.flatMap((command) => {
    const { name, summary, commands: inner } = command
    const own = `complete -c offstage -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`
    // a word such as list is one of several commands
    if (inner === undefined) return [own, ...within(` -n ${quoted(seen(name) + outside.join(''))}`, command)]
    const first = quoted(`${seen(name)}; and not ${seen(innerNames(command))}`)
    return [
      own,
      ...inner.flatMap((each) => [
        `complete -c offstage -n ${first} -a ${each.name} -d ${quoted(each.summary)}`,
        ...within(` -n ${quoted(`${seen(name)}; and ${seen(each.name)}`)}`, each),
      ]),
    ]
  })
  return `# fish completion of offstage: offstage completion fish > ~/.config/fish/completions/offstage.fish
complete -c offstage -f
${[...globals.map((each) => option('', each)), ...lines].join('\n')}
`
}
