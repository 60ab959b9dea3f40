/** @module `offstage doctor`: whether the store and what surrounds it are well. */
import { FileStore, findConfig, loadConfig, type Store } from '../../index.ts'
import { isSecret, redactor } from '../../redact.ts'
import { type Call, textOption } from '../command.ts'
import { Exit } from '../exit.ts'
import { bytes, count, span } from '../human.ts'
import { openSession } from '../session.ts'
import { pairs } from '../table.ts'
import { type Part, styled } from '../text.ts'
import { quietFor, silence, type Worker } from '../workers.ts'
import { findingsOfSchedules } from './schedule-doctor.ts'

/** One thing that was looked at. */
interface Finding {
  readonly what: string
  readonly state: 'ok' | 'note' | 'wrong'
  readonly says: string
}
type Report = Awaited<ReturnType<FileStore['inspect']>>

const about = /^(?:OFFSTAGE_|NODE_)/
const oldestNode = [20, 19]

export async function doctor(call: Call): Promise<Exit> {
  const { out, env } = call
  const redact = redactor(env)
  const config = await ofConfig(call)
  const { findings: ofStore, report } = await ofTheStore(call)
  const raw = [ofNode(call), config, ...ofStore, ...ofVariables(env)]
  const findings = raw.map((finding) => ({ ...finding, says: redact(finding.says) }))
  const wrong = findings.filter(({ state }) => state === 'wrong')
  if (out.json) out.data({ ok: wrong.length === 0, findings, store: report })
  else {
    out.lines(pairs(findings.map(({ what, says, state }) => [what, partOf(state, says)])))
    out.line()
    out.line(
      wrong.length === 0 ? styled('green', 'all is well') : styled('red', `${count(wrong.length, 'thing')} to look at`),
    )
  }
  return wrong.length === 0 ? Exit.DONE : Exit.FAILED
}

function partOf(state: Finding['state'], says: string): Part {
  if (state === 'wrong') return styled('red', `✗ ${says}`)
  return state === 'note' ? styled('yellow', `! ${says}`) : says
}

const ok = (what: string, says: string): Finding => ({ what, state: 'ok', says })
const note = (what: string, says: string): Finding => ({ what, state: 'note', says })
const wrong = (what: string, says: string): Finding => ({ what, state: 'wrong', says })

function ofNode({ version }: Call): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const says = `${version}, Node ${process.versions.node}, ${process.platform} ${process.arch}`
  const [least = 0, leastMinor = 0] = oldestNode
  const old = major < least || (major === least && minor < leastMinor)
  return old ? wrong('versions', `${says}; Node ${oldestNode.join('.')} or later is needed`) : ok('versions', says)
}

async function ofConfig(call: Call): Promise<Finding> {
  const file = textOption(call, 'config')
  const where = file === undefined ? { cwd: call.cwd } : { cwd: call.cwd, file }
  try {
    const path = findConfig(where)
    if (path === undefined) return note('config', 'none; offstage init writes one')
    const loaded = await loadConfig(where)
    const names = (loaded?.config.recipes ?? []).map(({ name }) => name)
    return ok('config', `${path}, ${count(names.length, 'recipe')}${names.length === 0 ? '' : `: ${names.join(', ')}`}`)
  } catch (error) {
    return wrong('config', error instanceof Error ? error.message : String(error))
  }
}

async function ofTheStore(call: Call): Promise<{ findings: Finding[]; report?: Report }> {
  try {
    const session = await openSession(call)
    const { store } = session
    if (!(store instanceof FileStore)) return { findings: [ofAbsent(store)] }
    const report = await store.inspect()
    return { findings: [...ofReport(report), ...(await findingsOfSchedules(session.runner))], report }
  } catch (error) {
    return { findings: [wrong('store', error instanceof Error ? error.message : String(error))] }
  }
}

const ofAbsent = (store: Store): Finding =>
  note('store', store.durable || store.name === 'memory' ? store.name : `${store.name}; the first submit makes it`)

function ofReport(report: Report): Finding[] {
  const { path, storeId, format, fold, fileSystem, durability, counts, damaged, unfinished, segments, snapshots } =
    report
  const total = Object.values(counts).reduce((sum, n) => sum + n, 0)
  const { name, kind } = fileSystem
  const size = [...segments, ...snapshots].reduce((sum, each) => sum + each.bytes, report.logBytes + report.blobBytes)
  return [
    ok('store', `${path}, id ${storeId}, format ${format}, fold ${fold}, ${bytes(size)}`),
    kind === 'memory'
      ? note('file system', `${name}: in memory, gone with the machine`)
      : kind === 'network'
        ? wrong('file system', `${name}: not safe to share between processes; use a disk of this machine`)
        : ok('file system', name),
    durability === 'fsync'
      ? ok('durability', 'fsync')
      : note('durability', 'os: survives the process, not the machine'),
    damaged === 0
      ? ok('damage', 'none')
      : wrong(
          'damage',
          `${count(damaged, 'line')} of the journal cannot be read and were skipped; make a copy: offstage backup`,
        ),
    ...(unfinished > 0 ? [note('tail', `${bytes(unfinished)} of a line that is being written, or was torn`)] : []),
    ...(report.temporary > 0
      ? [note('temporary', `${count(report.temporary, 'file')} left behind; workers clear them`)]
      : []),
    ok(
      'tasks',
      `${total}: ${Object.entries(counts)
        .map(([status, n]) => `${n} ${status}`)
        .join(', ')}`,
    ),
    ...ofWorkers(report),
  ]
}

function ofWorkers({ workers, missing, counts }: Report): Finding[] {
  const found = workers.map(ofWorker)
  for (const id of missing)
    found.push(wrong('worker', `${id} holds tasks and has no file; a live worker takes them over`))
  if (workers.length > 0) return found
  const open = counts.pending + counts.running
  const says = open === 0 ? 'none' : `none, and ${count(open, 'task')} to do; start one with: offstage work`
  return [...found, open === 0 ? ok('workers', says) : note('workers', says)]
}

function ofWorker(worker: Worker): Finding {
  const { heart, loop } = quietFor(worker)
  const who = `${worker.id}, process ${worker.pid} on ${worker.host}, ${count(worker.recipes.length, 'recipe')}`
  if (heart >= silence)
    return wrong('worker', `${who}: no sign of life for ${span(heart)}; a live worker takes its tasks over`)
  if (loop >= silence)
    return note('worker', `${who}: alive, but something has blocked its event loop for ${span(loop)}`)
  return ok('worker', `${who}: beat ${span(Math.max(0, heart))} ago`)
}

function ofVariables(env: NodeJS.ProcessEnv): Finding[] {
  return Object.entries(env).flatMap(([name, value = '']) =>
    about.test(name) ? [ok(name, isSecret(name) ? '***' : value)] : [],
  )
}
