/** @module Opens an address in the browser of the system, without a shell. */
import { spawn } from 'node:child_process'

const commands: Readonly<Partial<Record<NodeJS.Platform, readonly [command: string, ...args: string[]]>>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
}

/** Resolves with false when there is nothing to open it with. The browser outlives this process. */
export function openBrowser(address: string, env: NodeJS.ProcessEnv, platform = process.platform): Promise<boolean> {
  const [command, ...args] = commands[platform] ?? ['xdg-open']
  return new Promise((resolve) => {
    const child = spawn(command, [...args, address], { env, stdio: 'ignore', detached: true })
    child.once('error', () => resolve(false))
    child.once('spawn', () => {
      child.unref()
      resolve(true)
    })
  })
}
