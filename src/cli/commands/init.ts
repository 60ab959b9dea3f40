/** @module `offstage init`: a config and a first recipe, where there is none. */
import { existsSync } from 'node:fs'
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { findConfig } from '../../index.ts'
import type { Call } from '../command.ts'
import { Exit } from '../exit.ts'
import { styled } from '../text.ts'

const config = `import { defineConfig } from 'offstage'
import { hello } from './recipes/hello.js'

export default defineConfig({
  // What workers can run. Submit one with: offstage submit hello
  recipes: [hello],

  // How many tasks one worker runs at once.
  maxConcurrentTasks: 5,

  // The longest one attempt may take; false = no limit.
  defaultTimeout: '5m',

  // How often a task that failed is tried again.
  // retry: { attempts: 3, minDelay: '1s' },

  // Where tasks are kept: a folder from here, instead of .offstage.
  // dir: './data/tasks',

  // Variables for handlers; .env is read if this is left out.
  // envFile: '.env.local',
})
`

const recipe = `import { defineRecipe } from 'offstage'

/** Try it: offstage run hello -i '{"who":"Ada"}' */
export const hello = defineRecipe({
  name: 'hello',
  description: 'Says hello',
  run: async (input: { who?: string } | undefined, { progress, log, sleep }) => {
    const who = input?.who ?? 'world'
    log('looking for a greeting', { who })
    progress(0.5, 'half way')
    await sleep('200ms')
    return { text: \`Hello, \${who}!\` }
  },
})
`

const ignored = '.offstage/'

export async function init({ cwd, out }: Call): Promise<Exit> {
  const there = findConfig({ cwd })
  const written: string[] = []
  const kept: string[] = []
  const write = async (name: string, text: string): Promise<void> => {
    const path = join(cwd, name)
    await mkdir(dirname(path), { recursive: true })
    const done = await writeFile(path, text, { flag: 'wx' }).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'EEXIST') return false
        throw error
      },
    )
    ;(done ? written : kept).push(name)
  }
  if (there !== undefined && dirname(there) === cwd) kept.push(there.slice(cwd.length + 1))
  else {
    await write('recipes/hello.ts', recipe)
    await write('offstage.config.ts', config)
  }
  if (await ignore(cwd)) written.push('.gitignore')
  if (out.json) out.data({ written, kept })
  else {
    for (const name of written) out.line(styled('green', 'wrote'), ' ', name)
    for (const name of kept) out.line(styled('dim', 'kept '), ' ', name, styled('dim', ' (it was there)'))
    if (written.includes('offstage.config.ts')) out.note('next: offstage run hello')
  }
  return Exit.DONE
}

/** Adds the store's folder to .gitignore where there is a repository. True if the file was changed. */
async function ignore(cwd: string): Promise<boolean> {
  if (!inRepository(cwd)) return false
  const path = join(cwd, '.gitignore')
  const text = await readFile(path, 'utf8').catch(() => '')
  if (text.split('\n').some((line) => /^\/?\.offstage\/?$/.test(line.trim()))) return false
  await appendFile(path, `${text === '' || text.endsWith('\n') ? '' : '\n'}${ignored}\n`)
  return true
}

function inRepository(folder: string): boolean {
  if (existsSync(join(folder, '.git'))) return true
  return dirname(folder) !== folder && inRepository(dirname(folder))
}
