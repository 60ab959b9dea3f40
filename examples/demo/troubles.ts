/** @module The tasks that do not simply succeed: each meets a real trouble, and says how it should end. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  type BackgroundRunner,
  type BackgroundTask,
  RetryAfterError,
  type SettledOutcome,
  type TaskContext,
} from 'offstage'
import { digest } from './digest.ts'

/** A task to watch, and how it ends if all is well: a status, and after a colon the code of its error. */
export interface Watched {
  readonly task: BackgroundTask<unknown>
  readonly expected: string
}

export interface Troubles {
  readonly watched: readonly Watched[]
  /** Runs until it is cancelled. */
  readonly endless: BackgroundTask<unknown>
  close(): void
}

/** How a task ended, in the words of {@link Watched}. */
export function endingOf(outcome: SettledOutcome<unknown> | undefined): string {
  return outcome?.status === 'failed' ? `failed: ${outcome.error.code}` : (outcome?.status ?? 'not ended')
}

/** Starts a server that is busy at first and never answers elsewhere, and submits the tasks that meet trouble. */
export async function submitTroubles(runner: BackgroundRunner): Promise<Troubles> {
  const server = await startServer()
  const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  const busy = runner.submit(ask, { args: [`${at}/busy`], name: 'busy server', retry: { attempts: 3 } })
  const silent = runner.submit(ask, { args: [`${at}/silent`], name: 'silent server', timeout: '3s' })
  const missing = runner.submit(digest, { args: ['no-such-file.md'], name: 'no such file' })
  const dependant = runner.submit(({ needs }) => needs.missing.words, {
    needs: { missing },
    name: 'needs no such file',
  })
  const endless = runner.submit(spin, { thread: true, name: 'endless thread' })

  return {
    endless,
    watched: [
      { task: busy, expected: 'completed' },
      { task: silent, expected: 'failed: TIMEOUT' },
      { task: missing, expected: 'failed: ENOENT' },
      { task: dependant, expected: 'failed: DEPENDENCY' },
      { task: endless, expected: 'cancelled' },
    ],
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

async function ask(url: string, { signal }: TaskContext): Promise<string> {
  const response = await fetch(url, { signal })
  const after = response.headers.get('retry-after')
  if (after !== null) throw new RetryAfterError(`${after}s`, `the server asked for ${after} s`)
  return response.text()
}

/** Never returns, never looks at its signal: only the end of its thread ends it. */
function spin(): never {
  for (;;);
}

/** `/busy` sends the first two away, for two and three seconds; `/silent` takes the question and never answers. */
async function startServer(): Promise<Server> {
  let asked = 0
  const server = createServer((request, response) => {
    if (request.url !== '/busy') return
    asked += 1
    if (asked <= 2) response.writeHead(503, { 'retry-after': String(asked + 1) }).end()
    else response.end(`answered when asked for the ${asked}rd time`)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}
