/** @module The reference of the command line, made of the table of its commands. */
import { type Argument, type Command, isReady, type Option } from '../src/cli/command.ts'
import { commands, globalOptions } from '../src/cli/commands.ts'

const intro = `# The command line

<!-- made by tools/cli-docs.ts: npm run generate -->

\`offstage\` works on the store that the nearest \`offstage.config.{ts,mts,js,mjs}\` names, from whatever folder inside the project.
Where there is no config it takes \`$OFFSTAGE_DIR\`, else the nearest \`.offstage\`, else one in the working directory. The config is
TypeScript without a build; \`paths\` of tsconfig.json hold, and \`.env\` beside it is read first. A config is code: one that was found,
not given by \`-c\`, must belong to you, to root or to the owner of the working directory.

\`\`\`sh
offstage init                                  # a config and a first recipe
offstage run hello -i '{"who":"Ada"}'          # here and now
offstage submit hello -i '{"who":"Ada"}'       # for a worker: prints the id
offstage work                                  # in another terminal
offstage list
\`\`\`

- Results go to stdout, everything else to stderr, so pipes stay clean.
- \`--json\` is exact: what you parse is what was stored. Streams (\`watch\`, \`logs\`, \`wait\` for several) are one JSON value a line.
- Names, errors, results and logs come from outside: control characters and marks that hide or turn text are printed as \`\\uXXXX\`.
- An id may be shortened to its beginning while that is one task's alone; otherwise the candidates are listed.
- Durations are \`30s\`, \`5m\`, \`1h\`, \`7d\`, or a number of ms.

| exit code | meaning |
|---|---|
| 0 | done |
| 1 | failed |
| 2 | wrong usage |
| 3 | not found |
| 4 | cancelled |
| 5 | the wait timed out; the task goes on |
`

/** docs/cli.md. */
export function cliReference(): string {
  const ready = commands.filter(isReady).flatMap(whole)
  const later = commands.filter((command) => !isReady(command))
  const index = ready
    .map(({ name, summary }) => `| [\`${name}\`](#offstage-${name.replaceAll(' ', '-')}) | ${cell(summary)} |`)
    .join('\n')
  const table = `\n| command | what it does |\n|---|---|\n${index}\n`
  const everywhere = `\n## Options of every command\n\n${optionTable(globalOptions)}`
  const reserved = `\n## Later\n\n${later.map(({ name, summary }) => `- \`${name}\`: ${summary.charAt(0).toLowerCase()}${summary.slice(1)}`).join('\n')}\n`
  return [intro, table, everywhere, ...ready.map(sectionOf), reserved].join('')
}

/** The commands of a command stand for it. */
function whole({ name, commands: inner, ...command }: Command): readonly Command[] {
  if (inner === undefined) return [{ name, ...command }]
  return inner.map((each) => ({ ...each, name: `${name} ${each.name}` }))
}

function sectionOf({ name, summary, details, args = [], options = [], examples }: Command): string {
  const usage = ['offstage', name, ...args.map(usageOf), ...(options.length > 0 ? ['[options]'] : [])].join(' ')
  const parts = [
    `\n## offstage ${name}\n\n${summary}.${details === undefined ? '' : ` ${details}`}\n\n\`\`\`\n${usage}\n\`\`\`\n`,
  ]
  if (args.length > 0) parts.push(`\n| argument | |\n|---|---|\n${args.map(argRow).join('\n')}\n`)
  if (options.length > 0) parts.push(`\n${optionTable(options)}`)
  const lines = examples.map(([line, what]) => (what === '' ? line : `${line}   # ${what}`))
  if (lines.length > 0) parts.push(`\n\`\`\`sh\n${lines.join('\n')}\n\`\`\`\n`)
  return parts.join('')
}

const usageOf = ({ name, required = true, many = false }: Argument): string => {
  const inner = many ? `${name}...` : name
  return required ? `<${inner}>` : `[${inner}]`
}
const argRow = ({ name, about }: Argument): string => `| \`${name}\` | ${cell(about)} |`

function optionTable(options: readonly Option[]): string {
  const rows = options.map(({ flags, about, values, fallback }) => {
    const more = [
      values === undefined ? '' : `One of ${values.join(', ')}`,
      fallback === undefined ? '' : `Default: ${fallback}`,
    ]
    return `| \`${flags}\` | ${cell([about, ...more].filter((text) => text !== '').join('. '))} |`
  })
  return `| option | |\n|---|---|\n${rows.join('\n')}\n`
}

const cell = (text: string): string => text.replaceAll('|', '\\|')
