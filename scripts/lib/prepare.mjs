/** @module Brings a bare clone to where its code runs: packages installed, the library built, TypeScript compiled. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { buildCharts, buildPage } from './page.mjs'
import { node, npm, root } from './process.mjs'

const dist = join(root, 'dist')
const stamp = join(root, '.build', 'dist.stamp')
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')

/** Runs `npm ci` unless what is installed is what package-lock.json says. No package may need an install script. */
export async function ensureInstalled() {
  if (isInstalled()) return
  console.log('installing packages (npm ci)')
  await npm(['ci', '--ignore-scripts', '--prefer-offline'])
}

/** Versions are compared, not times: a checkout gives every file a new time. */
function isInstalled() {
  const hidden = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(hidden)) return false
  const installed = JSON.parse(readFileSync(hidden, 'utf8')).packages
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    if (path === '' || (optional && !installed[path])) return true
    return installed[path]?.version === version
  })
}

/** The programs of threads: files of their own, which the library finds beside it. */
const threads = ['store/file/snapshot-thread', 'inspect/chart/layout-thread']

/**
 * Puts the code of all modules into a few files: eighty small ones take Node three times as long to import. The types stay
 * as they are.
 */
async function bundle(folder) {
  const { rolldown } = await import('rolldown')
  const { exports, bin = {}, dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const entries = [...Object.values(exports).flatMap(({ default: file }) => file ?? []), ...Object.values(bin)]
  const names = entries.map((file) => file.replace('./dist/', '').replace(/\.js$/, '')).concat(threads)
  const input = Object.fromEntries(names.map((name) => [name, join(folder, `${name}.js`)]))
  const bundled = await rolldown({
    input,
    platform: 'node',
    external: [/^node:/, ...Object.keys(dependencies), /^@opentelemetry\//],
  })
  const { output } = await bundled.generate({ format: 'esm', chunkFileNames: 'chunks/[name].js', minify: false })
  await bundled.close()
  for (const file of readdirSync(folder, { recursive: true })) if (file.endsWith('.js')) rmSync(join(folder, file))
  for (const { fileName, code } of output) {
    mkdirSync(dirname(join(folder, fileName)), { recursive: true })
    writeFileSync(join(folder, fileName), code)
  }
}

/** Builds `dist`, all of it or nothing. */
export async function build() {
  const fresh = join(root, '.build', `dist-${process.pid}`)
  try {
    await node([tsc, '-p', 'tsconfig.build.json', '--outDir', fresh])
    await bundle(fresh)
    const page = join(fresh, 'inspect', 'page.html')
    await buildPage(page)
    await buildCharts(join(fresh, 'inspect', 'charts.json'))
    copyFileSync(page, join(root, '.build', 'page.html'))
    rmSync(dist, { recursive: true, force: true })
    renameSync(fresh, dist)
    writeFileSync(stamp, '')
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
}

/** Builds unless `dist` is younger than everything it is made of. */
export async function ensureBuilt() {
  if (existsSync(join(dist, 'index.js')) && existsSync(stamp)) {
    const built = statSync(stamp).mtimeMs
    const folders = readdirSync(join(root, 'src'), { recursive: true }).map((path) => join('src', path))
    const sources = ['src', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json', ...folders]
    if (sources.every((path) => statSync(join(root, path)).mtimeMs < built)) return
  }
  await build()
}

/** Compiles tools, examples and benchmarks to `.build`; their types are checked by `npm run types`. */
export async function compile() {
  await node([tsc, '-p', 'tsconfig.run.json'])
}

/** The TypeScript files directly in a folder whose names match, sorted. */
export function filesIn(folder, name = /\.ts$/) {
  const path = join(root, folder)
  if (!existsSync(path)) return []
  return readdirSync(path)
    .filter((file) => name.test(file))
    .sort()
}

/** The compiled form of a TypeScript file. */
export const compiled = (path) => join(root, '.build', path.replace(/\.ts$/, '.js'))
