/** @module The steps that the scripts are made of. Each throws when it fails. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { compiled, filesIn } from './prepare.mjs'
import { node, npm, root, run } from './process.mjs'
import { requirements } from './requirements.mjs'
import { skip } from './skips.mjs'

const bin = (name) => join(root, 'node_modules', name)
const exampleLimit = 60_000
const smokeLimit = 60_000
const colours = process.stdout.isTTY ? [] : ['--colors=off']
const nodes = ['20', '22', '24', '26']

/** Format and lint. */
export const lint = () => node([bin('@biomejs/biome/bin/biome'), 'ci', '--error-on-warnings', ...colours])

/** Rewrites what Biome can: format, imports, safe fixes. */
export const format = () => node([bin('@biomejs/biome/bin/biome'), 'check', '--write', ...colours])

/** The types of everything, type tests included. Needs the build. */
export async function types() {
  await node([bin('typescript/bin/tsc'), '-p', 'tsconfig.json'])
  await node([bin('typescript/bin/tsc'), '-p', 'src/inspect/page/tsconfig.json'])
}

/** The laws of tools/, or those named. Needs the build. */
export const laws = (names = []) => node([compiled('tools/laws.ts'), ...names])

/** Rewrites the generated texts. */
export const generate = () => node([compiled('tools/generate.ts')])

/**
 * All tests under Vitest.
 *
 * @returns {Promise<string>} Its summary; the second line is for programs.
 */
export async function unit(args = []) {
  const report = join(root, '.build', 'vitest.json')
  const missing = []
  for (const need of requirements) {
    if (await need.found()) continue
    skip(need.tests, `${need.name} is missing; ${need.how}`)
    missing.push('--exclude', need.tests)
  }
  mkdirSync(join(root, '.build'), { recursive: true })
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  await node([bin('vitest/vitest.mjs'), 'run', ...reporters, ...missing, ...args])
  const { testResults, numPassedTests, numTotalTests } = JSON.parse(readFileSync(report, 'utf8'))
  const left = testResults.flatMap((file) => file.assertionResults.filter((test) => test.status !== 'passed'))
  for (const test of left) skip(test.fullName, `Vitest says ${test.status}`)
  const files = `Test Files  ${testResults.length} passed (${testResults.length})`
  const tests = `Tests  ${numPassedTests} passed (${numTotalTests})`
  const others = left.length > 0 ? `, ${left.length} skipped` : ''
  return `${files}  ${tests}\n${numPassedTests} passed, 0 failed${others}`
}

/** Each numbered example, as a user runs it: plain Node, the built package, an empty folder. */
export async function examples() {
  const files = filesIn('examples', /^\d\d-.*\.ts$/)
  if (files.length === 0) skip('the examples', 'there are none in examples/')
  await inParallel(files, async (file) => {
    const began = performance.now()
    await inFolder((cwd) => node([compiled(`examples/${file}`)], { cwd, timeout: exampleLimit, quiet: true }))
    console.log(`ok ${file} (${Math.round(performance.now() - began)} ms)`)
  })
}

/** Packs the package as it would be published, and gives the tarball to `use` for as long as that takes. */
export function withTarball(use) {
  return inFolder(async (folder) => {
    const said = await npm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder], { quiet: true })
    const packed = Object.values(JSON.parse(said))[0]
    console.log(`${packed.filename}: ${packed.entryCount} files, ${Math.round(packed.size / 1024)} KiB packed`)
    await use(join(folder, packed.filename))
  })
}

/** Installs the tarball into an empty project and runs test/smoke there, under plain Node. */
export function smoke(tarball, { everyNode }) {
  return inFolder(async (project) => {
    writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'smoke', private: true, type: 'module' }))
    await npm(['install', tarball, '--ignore-scripts', '--prefer-offline'], { cwd: project, quiet: true })
    cpSync(join(root, 'test', 'smoke'), project, { recursive: true })
    cpSync(join(root, 'docs', 'api.txt'), join(project, 'api.txt'))
    if (everyNode) {
      for (const version of nodes) await smokeUnder(await pathOfNode(version), project)
    } else {
      await smokeUnder(process.execPath, project)
      skip('the smoke tests under other versions of Node', `npm run check runs them under ${nodes.join(', ')}`)
    }
  })
}

async function pathOfNode(version) {
  const path = await run('npx', ['-y', '-p', `node@${version}`, 'node', '-p', 'process.execPath'], { quiet: true })
  return path.trim()
}

async function smokeUnder(path, cwd) {
  const version = await run(path, ['--version'], { quiet: true })
  const files = filesIn('test/smoke', /\.test\.mjs$/)
  for (const file of files) await run(path, [file], { cwd, timeout: smokeLimit, quiet: true })
  console.log(`Node ${version.trim()}: ${files.join(', ')} passed`)
}

/** What package managers and TypeScript think of the tarball. */
export async function packaging(tarball) {
  await node([bin('publint/src/cli.js'), tarball, '--strict'])
  await node([bin('@arethetypeswrong/cli/dist/index.js'), tarball, '--profile', 'esm-only'])
}

/** The demo or a benchmark: a compiled file, with the user's terminal and folder. */
export async function program(file, { args = [], flags = [], env = process.env } = {}) {
  if (!existsSync(compiled(file))) throw new Error(`${file} does not exist`)
  // Ctrl-C reaches the child too; it decides when to end
  process.on('SIGINT', () => {})
  await node([...flags, compiled(file), ...args], { cwd: process.cwd(), env })
}

async function inFolder(use) {
  const folder = mkdtempSync(join(tmpdir(), 'offstage-'))
  try {
    return await use(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function inParallel(items, work) {
  const rest = items.values()
  const lane = async () => {
    for (const item of rest) await work(item)
  }
  await Promise.all(Array.from({ length: availableParallelism() }, lane))
}
