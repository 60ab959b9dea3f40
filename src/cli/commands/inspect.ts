/** @module `offstage inspect`: the tasks of the store in a browser. */
import { FileStore, type Store } from '../../index.ts'
import { createInspector } from '../../inspect/inspector.ts'
import { keptToken } from '../../inspect/server/token-file.ts'
import type { Call } from '../command.ts'
import { Exit, usageError } from '../exit.ts'
import { integerOption } from '../input.ts'
import { openBrowser } from '../open-browser.ts'
import { loggerFor, openSession } from '../session.ts'
import { onStop } from '../signals.ts'
import { styled } from '../text.ts'

export async function inspect(call: Call): Promise<Exit> {
  const { out, options, env } = call
  const port = integerOption(call, 'port', '--port', 0, 65_535) ?? 0
  const allowActions = options.allowActions === true
  const { store } = await openSession(call, { write: allowActions })
  if (!store.durable)
    throw usageError(`there is no store to look at: ${store.name}; tasks in memory are seen by createInspector alone`)
  // one that cannot be opened is told at once, not to the page
  await store.list({ limit: 1 })
  const token = port === 0 ? undefined : await tokenFor(store)
  const logger = loggerFor(out)
  const inspector = createInspector({ store, allowActions, logger, redact: out.redact, ...(token && { token }) })
  call.defer(() => inspector.close())
  const ended = new Promise<void>((resolve) => call.defer(onStop(() => resolve())))
  const { url, port: taken, openUrl } = await inspector.listen({ port })
  if (out.json) out.data({ url, port: taken, store: store.name, actions: allowActions })
  else out.line(url)
  const may = allowActions ? 'the page may act' : 'read only; --allow-actions lets the page act'
  out.note(styled('green', 'inspecting'), ` ${store.name}, ${may}; Ctrl-C ends it`)
  if (options.open === true && !(await openBrowser(openUrl(), env)))
    out.note(styled('yellow', 'warning'), ' no browser could be opened: open the address yourself')
  await ended
  return Exit.DONE
}

/** With a port of its own an inspector can be bookmarked: the token stays, where it can be kept. */
async function tokenFor(store: Store): Promise<string | undefined> {
  if (!(store instanceof FileStore)) return undefined
  return keptToken(store.path).catch(() => undefined)
}
