/** @module All commands, as data: their help, docs/cli.md and the completion of shells are made of this table. */
import type { Command, Option } from './command.ts'
import { scheduleCommands } from './schedule-commands.ts'

const id = { name: 'id', about: 'The id of a task, or its beginning' }
const ids = { name: 'ids', about: 'Ids of tasks, or their beginnings', many: true }
const statuses = ['pending', 'running', 'completed', 'failed', 'cancelled']
const recipe = { flags: '--recipe <name>', about: 'Only tasks of this recipe' }
const timeout = (what: string): Option => ({ flags: '--timeout <duration>', about: what })

/** What holds for every command. */
export const globalOptions: readonly Option[] = [
  {
    flags: '-c, --config <file>',
    about: 'The config',
    fallback: 'the nearest offstage.config.{ts,mts,js,mjs}',
    completes: 'files',
  },
  {
    flags: '--store <folder>',
    about: 'The folder of the store',
    fallback: 'what the config says, $OFFSTAGE_DIR, or .offstage beside the config',
    completes: 'folders',
  },
  { flags: '--json', about: 'Exact JSON on stdout; streams are one JSON value a line' },
  { flags: '--no-color', about: 'No colours' },
]

const submitOptions: readonly Option[] = [
  { flags: '--recipe <name>', about: 'The recipe, if it is not the argument' },
  { flags: '-i, --input <json>', about: 'The input: JSON, @file, or - for stdin' },
  { flags: '--recipe-config <json>', about: 'Settings for the handler: JSON, @file, or - for stdin' },
  { flags: '--session-id <id>', about: 'The session it belongs to' },
  timeout('The longest one attempt may take: 30s, 5m, 1h'),
]

export const commands: readonly Command[] = [
  {
    name: 'init',
    summary: 'Write a config and a first recipe',
    details: 'Nothing that exists is overwritten. In a git repository .offstage/ is added to .gitignore.',
    examples: [['offstage init', 'writes offstage.config.ts and recipes/hello.ts; then: offstage run hello']],
    load: () => import('./commands/init.ts').then(({ init }) => init),
  },
  {
    name: 'submit',
    summary: 'Submit a task; workers run it',
    details: 'Prints the id once the task is on disk. Says on stderr how to start a worker if none is alive.',
    args: [{ name: 'name', about: 'The recipe', required: false }],
    options: [
      ...submitOptions,
      { flags: '--key <text>', about: 'Idempotency key: submitting it again answers the first task' },
      { flags: '--delay <duration>', about: 'How long before it may start' },
      { flags: '--priority <number>', about: 'Higher runs first, from -1000 to 1000', fallback: '0' },
      { flags: '--wait', about: 'Wait for the end, and print the result as wait does' },
    ],
    examples: [
      [`offstage submit research -i '{"query":"What is AI?"}'`, 'prints the id of the task'],
      ['offstage submit research -i @input.json --wait', 'prints the result'],
      ['offstage submit report --key report-2026-11 --delay 1h', 'once, in an hour'],
    ],
    load: () => import('./commands/submit.ts').then(({ submit }) => submit),
  },
  {
    name: 'run',
    summary: 'Run a recipe here, without a store',
    details:
      'Logs go to stderr, the result to stdout. Ctrl-C cancels the task and waits for its grace period; a second Ctrl-C ends at once.',
    args: [{ name: 'name', about: 'The recipe', required: false }],
    options: submitOptions,
    examples: [
      [`offstage run hello -i '{"who":"Ada"}'`, 'prints the result'],
      ['cat input.json | offstage run research -i - > result.json', 'in a pipe'],
    ],
    load: () => import('./commands/run.ts').then(({ run }) => run),
  },
  {
    name: 'list',
    summary: 'List the tasks, newest first',
    options: [
      { flags: '--status <status>', about: 'Only tasks of this status; several with commas', values: statuses },
      recipe,
      { flags: '--page <number>', about: 'Which page, from 1', fallback: '1' },
      { flags: '--page-size <number>', about: 'Tasks on a page', fallback: '50; with --json all' },
    ],
    examples: [
      ['offstage list --status running,pending', 'what is not over yet'],
      [`offstage list --json | jq -r '.[].id'`, 'all ids'],
    ],
    load: () => import('./commands/list.ts').then(({ list }) => list),
  },
  {
    name: 'status',
    summary: 'Show a task, and why it is where it is',
    args: [id],
    examples: [['offstage status V1StG --json | jq -r .status', 'pending, running, completed, failed or cancelled']],
    load: () => import('./commands/status.ts').then(({ status }) => status),
  },
  {
    name: 'wait',
    summary: 'Wait until tasks have ended, and print the result',
    details: 'Of several tasks it prints one line each, as they end. The tasks go on, whatever happens to the waiting.',
    args: [ids],
    options: [timeout('How long to wait; then the exit code is 5')],
    examples: [['offstage wait V1StG --timeout 2m', 'prints the result']],
    load: () => import('./commands/wait.ts').then(({ wait }) => wait),
  },
  {
    name: 'watch',
    summary: 'Watch the tasks as they move',
    details: 'A live table with progress bars on a terminal; elsewhere one line for each step. Ends by Ctrl-C.',
    options: [
      { flags: '--status <status>', about: 'Only tasks of this status; several with commas', values: statuses },
      recipe,
    ],
    examples: [['offstage watch --json > steps.ndjson', 'one JSON value for each step']],
    load: () => import('./commands/watch.ts').then(({ watch }) => watch),
  },
  {
    name: 'logs',
    summary: 'Print the log and the output of a task',
    args: [id],
    options: [{ flags: '-f, --follow', about: 'Go on until the task has ended' }],
    examples: [['offstage logs V1StG -f', 'as it is written']],
    load: () => import('./commands/logs.ts').then(({ logs }) => logs),
  },
  {
    name: 'cancel',
    summary: 'Cancel tasks',
    details: 'A running task is told to stop and has its grace period. The exit code is 1 if one had ended before.',
    args: [ids],
    options: [{ flags: '--reason <text>', about: 'Why' }],
    examples: [[`offstage cancel V1StG --reason 'not needed any more'`, '']],
    load: () => import('./commands/cancel.ts').then(({ cancel }) => cancel),
  },
  {
    name: 'answer',
    summary: 'Answer what a task asks for',
    details: 'Without --input it prints what is asked. The exit code is 1 if nothing is asked, or somebody was first.',
    args: [id],
    options: [
      { flags: '-i, --input <json>', about: 'The answer: JSON, @file, or - for stdin' },
      { flags: '--ask <number>', about: 'Which of several open questions', fallback: 'the oldest' },
    ],
    examples: [
      ['offstage answer V1StG', 'what it asks'],
      ['offstage answer V1StG -i \'"yes"\'', 'the handler goes on with "yes"'],
    ],
    load: () => import('./commands/answer.ts').then(({ answer }) => answer),
  },
  {
    name: 'retry',
    summary: 'Submit a task that has ended once more',
    details: 'A new task with the same recipe and input; it names the first one.',
    args: [id],
    examples: [['offstage retry V1StG', 'prints the id of the new task']],
    load: () => import('./commands/retry.ts').then(({ retry }) => retry),
  },
  {
    name: 'clear',
    summary: 'Forget tasks that have ended',
    details: 'Never touches a task that has not ended, that an unfinished task needs, or whose work still runs.',
    options: [
      { flags: '--older-than <duration>', about: 'Only those that ended so long ago', fallback: '1h' },
      { flags: '--status <status>', about: 'Only these; several with commas', values: statuses.slice(2) },
      { flags: '--all', about: 'Of any age' },
      { flags: '--dry-run', about: 'Only say which' },
    ],
    examples: [
      ['offstage clear --older-than 7d --status completed', ''],
      ['offstage clear --all --dry-run', 'what would be forgotten, and what would stay and why'],
    ],
    load: () => import('./commands/clear.ts').then(({ clear }) => clear),
  },
  {
    name: 'explain',
    summary: 'Say in one sentence why a task is where it is',
    args: [id],
    examples: [['offstage explain V1StG', 'It is delayed until …, as was asked for.']],
    load: () => import('./commands/explain.ts').then(({ explain }) => explain),
  },
  {
    name: 'work',
    summary: 'Run tasks of the store',
    details:
      'Ends by SIGTERM or Ctrl-C: it claims nothing more, lets running tasks end, then hands back what is left. A second signal ends at once.',
    options: [
      { flags: '--concurrency <number>', about: 'Tasks at once', fallback: 'what the config says, or 5' },
      { flags: '--until-idle', about: 'End when nothing is left to do' },
      { flags: '--for <duration>', about: 'End after so long, for cron jobs' },
      { flags: '--drain <duration>', about: 'How long running tasks may go on when it ends', fallback: '30s' },
      { flags: '--no-schedules', about: 'Leave the schedules to other workers' },
      { flags: '--watch', about: 'Begin again when a file changes' },
    ],
    examples: [
      ['offstage work --concurrency 10', ''],
      ['offstage work --until-idle --for 50s', 'from a cron job of every minute'],
    ],
    load: () => import('./commands/work.ts').then(({ work }) => work),
  },
  {
    name: 'dev',
    summary: 'Run tasks, and begin again when a file changes',
    details: 'The worker is a process of its own that is started again; the store survives.',
    options: [
      { flags: '--concurrency <number>', about: 'Tasks at once', fallback: 'what the config says, or 5' },
      { flags: '--drain <duration>', about: 'How long running tasks may go on when it ends', fallback: '2s' },
    ],
    examples: [['offstage dev', '']],
    load: () => import('./commands/dev.ts').then(({ dev }) => dev),
  },
  {
    name: 'schedule',
    summary: 'Submit tasks by the clock',
    details: 'The workers of the store look after the schedules: each slot fires once, however many there are.',
    examples: [],
    commands: scheduleCommands,
  },
  {
    name: 'doctor',
    summary: 'Look at the store and at what surrounds it',
    details:
      'Damaged lines, versions, file system, workers, schedules that do not fire. Secrets are not shown. The exit code is 1 if something is wrong.',
    examples: [['offstage doctor', '']],
    load: () => import('./commands/doctor.ts').then(({ doctor }) => doctor),
  },
  {
    name: 'backup',
    summary: 'Copy the store while it is in use',
    args: [{ name: 'to', about: 'A folder that is empty or not there' }],
    examples: [['offstage backup ~/backups/monday', '']],
    load: () => import('./commands/backup.ts').then(({ backup }) => backup),
  },
  {
    name: 'completion',
    summary: 'Print what a shell needs to complete commands',
    args: [{ name: 'shell', about: 'bash, zsh or fish', values: ['bash', 'zsh', 'fish'] }],
    examples: [
      ['source <(offstage completion bash)', 'in ~/.bashrc'],
      ['offstage completion fish > ~/.config/fish/completions/offstage.fish', ''],
    ],
    load: () => import('./commands/completion.ts').then(({ completion }) => completion),
  },
  {
    name: 'inspect',
    summary: 'Look at the tasks in a browser',
    details:
      'Prints the address of a page on this machine, with a token: whoever has it can look. No request leaves the machine. Ends by Ctrl-C.',
    options: [
      { flags: '--port <number>', about: 'Where; then the address stays the same, too', fallback: 'any free one' },
      { flags: '--open', about: 'Open it in the browser' },
      { flags: '--allow-actions', about: 'Let the page cancel, retry, answer, and switch schedules' },
    ],
    examples: [
      ['offstage inspect --open', 'read only'],
      ['offstage inspect --port 4400 --allow-actions', 'an address for a bookmark'],
    ],
    load: () => import('./commands/inspect.ts').then(({ inspect }) => inspect),
  },
  {
    name: 'chart',
    summary: 'Draw a chart: its states, and the ways between them',
    details: 'With --json the states and the ways as data.',
    args: [
      {
        name: 'name',
        about: 'Which one; the task if none is given',
        required: false,
        values: ['task', 'runner', 'schedule', 'scheduler', 'worker'],
      },
    ],
    options: [
      { flags: '--format <format>', about: 'As what', values: ['mermaid', 'dot', 'svg'], fallback: 'mermaid' },
      { flags: '-o, --output <file>', about: 'Into this file, not on stdout', completes: 'files' },
    ],
    examples: [
      ['offstage chart', 'for a Markdown page'],
      ['offstage chart task --format svg -o task.svg', 'a picture'],
      ['offstage chart scheduler --format dot | dot -Tpdf > scheduler.pdf', 'by Graphviz'],
    ],
    load: () => import('./commands/chart.ts').then(({ chart }) => chart),
  },
  {
    name: 'replay',
    summary: 'Walk through the life of a task',
    details:
      'Each step as the journal tells it: when, from where to where, by whom; records that did not count with the reason, and the log between them. Nothing runs again.',
    args: [id],
    examples: [
      ['offstage replay V1StG', 'from its submit to its end'],
      [`offstage replay V1StG --json | jq -r 'select(.type == "void") | .reason'`, 'why records did not count'],
    ],
    load: () => import('./commands/replay.ts').then(({ replay }) => replay),
  },
  {
    name: 'export-test',
    summary: 'Make a test of what happened',
    details:
      'Writes a file for Vitest that folds the records of a task, or of a time, once more, and states what became of each and how it ended. Secrets are hidden.',
    args: [{ ...id, required: false }],
    options: [
      { flags: '--from <time>', about: 'All that was recorded since then: ISO 8601, or how long ago' },
      { flags: '--to <time>', about: 'Until when', fallback: 'now' },
      { flags: '-o, --output <file>', about: 'Where to', fallback: 'stdout', completes: 'files' },
      { flags: '--force', about: 'Overwrite the file' },
    ],
    examples: [
      ['offstage export-test V1StG -o test/incident.test.ts', 'one task, and what decided about it'],
      ['offstage export-test --from 10m -o test/incident.test.ts', 'the last ten minutes'],
    ],
    load: () => import('./commands/export-test.ts').then(({ exportTest }) => exportTest),
  },
  { name: 'demo', summary: 'Show what it can do', examples: [] },
]
