/**
 * @module The inspector's page: all its code and styles in one file that asks nobody for anything; and our charts, drawn.
 * Run by itself it writes `.build/page.html`, which the library finds when it runs from its sources.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from './process.mjs'

const source = join(root, 'src', 'inspect', 'page')

/** Writes the page to a file. */
export async function buildPage(file) {
  const html = readFileSync(join(source, 'index.html'), 'utf8')
  // functions: a text would have its dollars read
  const page = html.replace('/* styles */', () => styles()).replace('/* script */', () => '')
  const code = await script()
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(
    file,
    page.replace('<script type="module"></script>', () => `<script type="module">${code}</script>`),
  )
}

/** Writes the pictures of our own charts to a file: to lay them out takes a second that nobody should wait for. */
export async function buildCharts(file) {
  const { rolldown } = await import('rolldown')
  const program = join(root, '.build', `charts-${process.pid}.mjs`)
  const bundled = await rolldown({
    input: join(root, 'src', 'inspect', 'server', 'own-charts.ts'),
    platform: 'node',
    logLevel: 'silent',
  })
  try {
    await bundled.write({ file: program, format: 'esm', codeSplitting: false })
    const { ownPictures } = await import(pathToFileURL(program).href)
    writeFileSync(file, JSON.stringify(await ownPictures()))
  } finally {
    await bundled.close()
    rmSync(program, { force: true })
  }
}

/** The styles of all parts: the tokens first, then what is nearer to the root, so that a view may say otherwise. */
function styles() {
  const files = readdirSync(source, { recursive: true })
    .filter((name) => name.endsWith('.css'))
    .sort((a, b) => depth(a) - depth(b) || (a < b ? -1 : 1))
  const all = files.map((name) => readFileSync(join(source, name), 'utf8')).join('\n')
  return all.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\s*\n\s*/g, '\n')
}

const depth = (name) => (name === 'styles.css' ? 0 : name.split(/[\\/]/).length)

async function script() {
  const { rolldown } = await import('rolldown')
  const bundled = await rolldown({
    input: join(source, 'main.tsx'),
    platform: 'browser',
    tsconfig: join(source, 'tsconfig.json'),
    transform: {
      jsx: { runtime: 'automatic', importSource: 'preact' },
      define: { 'process.env.NODE_ENV': '"production"' },
    },
    logLevel: 'silent',
  })
  const { output } = await bundled.generate({ format: 'esm', minify: true, codeSplitting: false })
  await bundled.close()
  const imported = output[0].imports
  if (imported.length > 0) throw new Error(`the page must not import ${imported.join(', ')}`)
  // what would end the element early, or begin a comment in it
  return output[0].code.replace(/<(\/script|!--)/gi, '\\x3C$1')
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await buildPage(join(root, '.build', 'page.html'))
