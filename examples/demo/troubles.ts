/** @module The tasks that do not simply succeed: each meets a real trouble, and says how it should end. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { BackgroundRunner, BackgroundTask, SettledOutcome } from 'offstage'
import { ask, digest, links } from './recipes.ts'

/** A task to watch, and how it ends if all is well: a status, and after a colon the code of its error. */
export interface Watched {
  readonly task: BackgroundTask<unknown>
  readonly expected: string
}

/** The troubles, and the server that makes some of them. */
export interface Troubles {
  readonly watched: readonly Watched[]
  /** Its server leaves the first who ask without an answer, until the worker of one is dead. */
  readonly slow: BackgroundTask<unknown>
  close(): void
}

/** How a task ended, in the words of {@link Watched}. */
export function endingOf(outcome: SettledOutcome<unknown> | undefined): string {
  return outcome?.status === 'failed' ? `failed: ${outcome.error.code}` : (outcome?.status ?? 'not ended')
}

/** Starts the server, and submits the tasks that meet trouble. */
export async function submitTroubles(runner: BackgroundRunner): Promise<Troubles> {
  const server = await startServer()
  const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const url = (path: string) => ({ url: `${at}/${path}` })

  const slow = await runner.submitRecipe(ask, url('slow'), { name: 'slow server', priority: 10, timeout: '60s' })
  const busy = await runner.submitRecipe(ask, url('busy'), { name: 'busy server', retry: { attempts: 3 } })
  const silent = await runner.submitRecipe(ask, url('silent'), { name: 'silent server', timeout: '2s' })
  const missing = await runner.submitRecipe(digest, { paths: ['no-such-file.md'] }, { name: 'no such file' })
  const dependant = await runner.submitRecipe(links, undefined, { needs: [missing], name: 'needs no such file' })

  return {
    slow,
    watched: [
      { task: slow, expected: 'completed' },
      { task: busy, expected: 'completed' },
      { task: silent, expected: 'failed: TIMEOUT' },
      { task: missing, expected: 'failed: ENOENT' },
      { task: dependant, expected: 'failed: DEPENDENCY' },
    ],
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

/**
 * `/slow` answers once who asked first is gone; `/busy` sends the first two away for a second; `/silent` takes the
 * question and never answers.
 */
async function startServer(): Promise<Server> {
  let asked = 0
  let gone = false
  const server = createServer((request, response) => {
    if (request.url === '/slow') {
      if (gone) response.end('answered, to another one')
      response.once('close', () => {
        gone = true
      })
    }
    if (request.url === '/busy') {
      asked += 1
      if (asked <= 2) response.writeHead(503, { 'retry-after': '1' }).end()
      else response.end(`answered when asked for the ${asked}rd time`)
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}
