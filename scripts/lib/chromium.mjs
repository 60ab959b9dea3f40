/** @module The browser that the tests open: the system's, installed where that needs nobody's help. */
import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const places = ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome']

/** The path of the browser: $CHROME_PATH, or what the system has; undefined without one. */
export function chromiumPath() {
  const { CHROME_PATH, PATH = '' } = process.env
  const found = PATH.split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)))
  return [CHROME_PATH, ...found, ...places].find((path) => path !== undefined && isProgram(path))
}

/** Whether there is a browser; one that is missing is installed where that needs nobody's help. */
export async function ensureChromium() {
  if (chromiumPath() !== undefined) return true
  if (process.getuid?.() !== 0 || spawnSync('apt-get', ['--version']).error !== undefined) return false
  console.log('installing chromium (apt-get)')
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  spawnSync('apt-get', ['update'], { env, stdio: 'ignore' })
  spawnSync('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], { env, stdio: 'ignore' })
  return chromiumPath() !== undefined
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
