/** @module The commands of schedules, as data. */
import type { Command, Option } from './command.ts'

const name = { name: 'name', about: 'The name of a schedule, or its id' }
const names = { name: 'names', about: 'Names of schedules, or their ids', many: true }
const owner: Option = { flags: '--owner <name>', about: 'Whose schedule it is' }
const statuses = ['active', 'paused', 'exhausted']

const definition: readonly Option[] = [
  { flags: '--recipe <name>', about: 'The recipe that it submits' },
  { flags: '-i, --input <json>', about: 'Its input: JSON, @file, or - for stdin' },
  { flags: '--message <text>', about: 'A text for a ScheduleLoop, instead of a recipe' },
  { flags: '--tz <zone>', about: 'The time zone that is meant', fallback: '$OFFSTAGE_TZ, or UTC' },
  {
    flags: '--misfire <policy>',
    about: 'What is done about slots that were missed',
    values: ['once', 'skip', 'all'],
    fallback: 'once',
  },
  {
    flags: '--overlap <policy>',
    about: 'What is done while its task has not ended',
    values: ['skip', 'queue', 'cancel-previous'],
    fallback: 'skip',
  },
  { flags: '--jitter <duration>', about: 'By how much a firing is put off at most' },
  { flags: '--max-runs <number>', about: 'How many tasks it makes' },
  { flags: '--until <time>', about: 'No slot after this time fires: 2030-01-31T09:00Z' },
  { flags: '--once', about: 'It fires once' },
  owner,
]

export const scheduleCommands: readonly Command[] = [
  {
    name: 'add',
    summary: 'Add a schedule',
    details: 'Prints its id once it is on disk. What cannot be read is refused, and the word that is wrong is shown.',
    args: [
      { name: 'name', about: 'Its name' },
      {
        name: 'when',
        about: `'every 5 minutes', 'every day at 9am', '0 9 * * 1-5', 'in 20 minutes', 'at:2030-01-31T09:00'`,
      },
    ],
    options: [...definition, { flags: '--paused', about: 'It does not fire until it is resumed' }],
    examples: [
      [`offstage schedule add sales 'weekdays at 9am' --tz Europe/Rome --recipe report -i '{"of":"sales"}'`, ''],
      ['offstage schedule add probe 30s --recipe probe --overlap skip', 'a task each half minute, one at a time'],
    ],
    load: () => import('./commands/schedule-change.ts').then(({ add }) => add),
  },
  {
    name: 'list',
    summary: 'List the schedules',
    options: [owner, { flags: '--status <status>', about: 'Only those', values: statuses }],
    examples: [[`offstage schedule list --json | jq -r '.[].next'`, 'when each fires next']],
    load: () => import('./commands/schedule-show.ts').then(({ list }) => list),
  },
  {
    name: 'show',
    summary: 'Show a schedule, and why it fires or does not',
    args: [name],
    options: [owner],
    examples: [['offstage schedule show sales', '']],
    load: () => import('./commands/schedule-show.ts').then(({ show }) => show),
  },
  {
    name: 'update',
    summary: 'Change a schedule',
    details: 'What is not given stays as it is. Slots that have passed by then are none of new times.',
    args: [name],
    options: [{ flags: '--when <text>', about: 'When it fires' }, ...definition],
    examples: [[`offstage schedule update sales --when 'weekdays at 10am'`, '']],
    load: () => import('./commands/schedule-change.ts').then(({ update }) => update),
  },
  {
    name: 'pause',
    summary: 'Let schedules fire no more until they are resumed',
    args: [names],
    options: [owner],
    examples: [['offstage schedule pause sales', '']],
    load: () => import('./commands/schedule-switch.ts').then(({ pause }) => pause),
  },
  {
    name: 'resume',
    summary: 'Let paused schedules fire again',
    details: 'What they would have fired meanwhile is not made up for.',
    args: [names],
    options: [owner],
    examples: [['offstage schedule resume sales', '']],
    load: () => import('./commands/schedule-switch.ts').then(({ resume }) => resume),
  },
  {
    name: 'remove',
    summary: 'Remove schedules',
    details: 'Their tasks stay.',
    args: [names],
    options: [owner],
    examples: [['offstage schedule remove sales', '']],
    load: () => import('./commands/schedule-switch.ts').then(({ remove }) => remove),
  },
  {
    name: 'run',
    summary: 'Fire a schedule now',
    details: 'No slot is used up, and it does not count for --max-runs. Prints the id of the task.',
    args: [name],
    options: [owner, { flags: '--wait', about: 'Wait for the end of the task, and print the result as wait does' }],
    examples: [['offstage schedule run sales --wait', 'prints the result']],
    load: () => import('./commands/schedule-fire.ts').then(({ run }) => run),
  },
  {
    name: 'history',
    summary: 'Show what a schedule has fired and skipped',
    args: [name],
    options: [owner],
    examples: [['offstage schedule history sales', 'the newest last']],
    load: () => import('./commands/schedule-show.ts').then(({ history }) => history),
  },
  {
    name: 'preview',
    summary: 'Show what fires next, and what clashes',
    args: [{ ...name, required: false }],
    options: [
      { flags: '--next <number>', about: 'How many firings', fallback: '20' },
      { flags: '--from <time>', about: 'From this time on', fallback: 'now' },
      { flags: '--until <time>', about: 'Up to this time' },
      owner,
    ],
    examples: [['offstage schedule preview --next 50', '']],
    load: () => import('./commands/schedule-preview.ts').then(({ preview }) => preview),
  },
  {
    name: 'tick',
    summary: 'Fire what is due now',
    details: 'One pass, for a cron of the system where no worker runs all the time.',
    examples: [
      ['* * * * * cd /srv/app && offstage schedule tick && offstage work --until-idle --for 50s', 'in a crontab'],
    ],
    load: () => import('./commands/schedule-fire.ts').then(({ tick }) => tick),
  },
  {
    name: 'export',
    summary: 'Print the schedules as JSON',
    options: [owner],
    examples: [['offstage schedule export > schedules.json', '']],
    load: () => import('./commands/schedule-transfer.ts').then(({ exportAll }) => exportAll),
  },
  {
    name: 'import',
    summary: 'Add schedules from JSON',
    details: 'Those whose names exist are changed. Each is judged before the first is added.',
    args: [{ name: 'file', about: 'A file, or - for stdin', required: false }],
    examples: [['offstage schedule import schedules.json', '']],
    load: () => import('./commands/schedule-transfer.ts').then(({ importAll }) => importAll),
  },
  {
    name: 'sync',
    summary: 'Make the schedules what the config declares',
    details: 'Workers do it as they start, without --prune. Schedules of other configs are never touched.',
    options: [{ flags: '--prune', about: 'Also remove those that the config does not declare any more' }],
    examples: [['offstage schedule sync --prune', '']],
    load: () => import('./commands/schedule-transfer.ts').then(({ sync }) => sync),
  },
]
