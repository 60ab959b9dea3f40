/** Starts processes of the crash tests, kills and stops them at random, and starts others. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { seededRandom } from '../../src/random.ts'
import { bundleProgram } from '../bundle.ts'

/** What a process is told. */
export interface ChildOptions {
  readonly dir: string
  readonly log: string
  readonly name: string
  readonly seed: number
  readonly lease: '1s'
  /** One write in so many comes short. */
  readonly shortOneIn?: number
  /** What is taken out, to see the checks turn red. */
  readonly without?: 'newline' | 'read-back'
}

export interface RunOptions {
  readonly folder: string
  readonly kills: number
  /** Whether enough has happened in the store: more are killed until then, at most ten times as many. */
  readonly enough?: (run: Pick<Run, 'dir' | 'logs'>) => boolean
  readonly seed: number
  readonly shortOneIn?: number
  readonly without?: ChildOptions['without']
}

/** What was done to the processes. */
export interface Run {
  readonly dir: string
  readonly logs: string
  readonly kills: number
  readonly stops: number
}

/** How many processes run at a time. */
const processes = 4
/** How long at most, in ms, until the next is killed. */
const longestPause = 50
/** How many of a hundred are stopped rather than killed, and for how long in ms at most: three leases. */
const stopped = 5
const longestStop = 3_000

/** How many of a hundred are killed while they open the store. */
const killedYoung = 10

/** Whether a process has done nothing yet that it noted. */
const isYoung = (log: string): boolean => (statSync(log, { throwIfNoEntry: false })?.size ?? 0) === 0

/** The program of the children. */
export const bundle = (): Promise<string> => bundleProgram('test/crash/child.ts')

/** Lets processes work on one store, and kills `kills` of them. */
export async function crash(program: string, options: RunOptions): Promise<Run> {
  const { folder, kills, seed, enough = () => true } = options
  const dir = join(folder, 'store')
  const logs = join(folder, 'acknowledged')
  mkdirSync(logs, { recursive: true })
  const random = seededRandom(seed)
  const below = (n: number): number => Math.floor(random.next() * n)
  /** Those who live, and where they note what they do. */
  const alive = new Map<ChildProcess, string>()
  const waking: Promise<void>[] = []
  let born = 0
  let killed = 0
  let stops = 0
  const start = (): void => {
    born += 1
    const { shortOneIn, without } = options
    const child: ChildOptions = {
      dir,
      log: join(logs, `${born}.jsonl`),
      name: String(born),
      seed: seed * 100_003 + born,
      lease: '1s',
      ...(shortOneIn !== undefined && { shortOneIn }),
      ...(without !== undefined && { without }),
    }
    const started = spawn(process.execPath, [program, JSON.stringify(child)], { stdio: 'inherit', cwd: process.cwd() })
    alive.set(started, child.log)
    started.on('exit', () => alive.delete(started))
  }
  // on a busy machine processes are killed before they have done much
  const isOver = (): boolean => killed >= kills * 10 || (killed >= kills && enough({ dir, logs }))
  while (!isOver()) {
    while (alive.size < processes) start()
    await sleep(below(longestPause))
    // on a busy machine all would be killed before they have begun
    const young = below(100) < killedYoung
    const possible = [...alive].filter(([, log]) => isYoung(log) === young)
    const victim = possible[below(possible.length)]?.[0]
    if (victim === undefined) continue
    if (below(100) < stopped) {
      stops += 1
      victim.kill('SIGSTOP')
      waking.push(sleep(below(longestStop)).then(() => void victim.kill('SIGCONT')))
    } else {
      killed += 1
      victim.kill('SIGKILL')
      await new Promise((resolve) =>
        (victim.exitCode ?? victim.signalCode) ? resolve(undefined) : victim.once('exit', resolve),
      )
    }
  }
  await Promise.all(waking)
  for (const child of [...alive.keys()]) {
    child.kill('SIGKILL')
    if ((child.exitCode ?? child.signalCode) === null) await new Promise((resolve) => child.once('exit', resolve))
  }
  return { dir, logs, kills: killed, stops }
}

/** Something that a process has noted: what was acknowledged to it, or what it was about to do. */
export interface Note {
  readonly submit?: string
  readonly begin?: string
  readonly complete?: string
  readonly cancel?: string
  readonly claim?: string
  readonly result?: string
  readonly error?: string
}

/** Everything that the processes have noted. */
export function notesIn(logs: string): Note[] {
  return readdirSync(logs).flatMap((name) => {
    const lines = readFileSync(join(logs, name), 'utf8').split('\n')
    // a kill may cut the last line short
    return lines.slice(0, -1).map((line) => JSON.parse(line) as Note)
  })
}
