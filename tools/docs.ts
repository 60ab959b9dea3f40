/** @module The law of examples: every `ts` block of the docs and of JSDoc compiles against the package, and runs. */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { promisify } from 'node:util'
import { parse } from './parse.ts'
import { lineAt, sourcesOf, type Tree, type Violation } from './tree.ts'

/** One fenced block of TypeScript. */
export interface Block {
  readonly path: string
  /** The line of its first line of code, from 1. */
  readonly line: number
  readonly code: string
  /** False when it is fenced as `ts no-run`. */
  readonly run: boolean
}

const runLimit = 15_000
const execute = promisify(execFile)

/** Finds every `ts` block of README.md, docs/*.md and the JSDoc of src. */
export function blocksOf(tree: Tree): Block[] {
  const pages = [...tree.keys()].filter((path) => path === 'README.md' || /^docs\/.+\.md$/.test(path))
  return [
    ...pages.flatMap((path) => fences(path, tree.get(path) ?? '')),
    ...sourcesOf(tree).flatMap((path) => inComments(tree, path)),
  ]
}

/** Finds every `@example` that holds no fenced block, and every fence with a word that is not known. */
export function checkFences(tree: Tree): Violation[] {
  const found: Violation[] = []
  for (const [path, text] of tree) {
    for (const { index, 1: word } of text.matchAll(/^[ \t*]*```(?:ts|typescript)[ \t]+(?!no-run[ \t]*$)(.+)$/gm)) {
      found.push({ path, line: lineAt(text, index), message: `\`\`\`ts ${word}: only no-run may follow` })
    }
  }
  for (const path of sourcesOf(tree)) {
    const text = tree.get(path) ?? ''
    for (const { index } of text.matchAll(/@example\b(?!.*\n[ \t]*\*[ \t]*```ts\b)/g)) {
      found.push({ path, line: lineAt(text, index), message: '@example must be followed by a line with ```ts' })
    }
  }
  return found
}

/**
 * Compiles the blocks against the built package, and runs those that compile and are not `no-run`.
 *
 * @param root The project, so that `offstage` means the built package.
 * @param out A folder inside `root` for the compiled blocks; it is emptied.
 */
export async function checkBlocks(blocks: readonly Block[], root: string, out: string): Promise<Violation[]> {
  if (blocks.length === 0) return []
  rmSync(out, { recursive: true, force: true })
  mkdirSync(out, { recursive: true })
  for (const block of blocks) writeFileSync(join(out, `${nameOf(block)}.ts`), '\n'.repeat(block.line - 1) + block.code)
  const broken = await compile(blocks, root, out)
  const runnable = blocks.filter(
    (block) => block.run && !broken.some((one) => one.path === block.path && covers(block, one.line)),
  )
  return [...broken, ...(await inParallel(runnable, (block) => runBlock(block, out)))]
}

function inComments(tree: Tree, path: string): Block[] {
  const text = tree.get(path) ?? ''
  return parse(path, text)
    .comments.filter((comment) => comment.type === 'Block' && comment.value.startsWith('*'))
    .flatMap((comment) => {
      const prose = comment.value.replace(/^[ \t]*\*(?!\/)[ ]?/gm, '')
      return fences(path, prose, lineAt(text, comment.start) - 1)
    })
}

function fences(path: string, text: string, linesBefore = 0): Block[] {
  return [...text.matchAll(/^([ \t]*)```(?:ts|typescript)([ \t]+no-run)?[ \t]*\n(.*?)^\1```[ \t]*$/gms)].map(
    (match) => ({
      path,
      line: linesBefore + lineAt(text, match.index) + 1,
      code: match[3] ?? '',
      run: match[2] === undefined,
    }),
  )
}

function nameOf({ path, line }: Block): string {
  return `${path.replaceAll('/', '.')}.${line}`
}

function covers(block: Block, line: number): boolean {
  return line >= block.line && line <= block.line + block.code.split('\n').length
}

async function compile(blocks: readonly Block[], root: string, out: string): Promise<Violation[]> {
  const compilerOptions = { noEmit: false, rootDir: '.', outDir: '.', noUnusedLocals: false, noUnusedParameters: false }
  const config = { extends: `${relative(out, root)}/tsconfig.json`, compilerOptions, include: ['*.ts'], exclude: [] }
  writeFileSync(join(out, 'tsconfig.json'), JSON.stringify(config))
  const args = [join(root, 'node_modules/typescript/bin/tsc'), '-p', out, '--pretty', 'false']
  const text = await execute(process.execPath, args, { cwd: out }).then(
    () => '',
    (error: { stdout: string; stderr: string }) => error.stdout + error.stderr,
  )
  const pathOf = new Map(blocks.map((block) => [nameOf(block), block.path]))
  return [...text.matchAll(/^(?:(\S.*)\.ts\((\d+),\d+\): )?(error TS.*(?:\n[ \t].*)*)/gm)].map(
    ([, file = 'tsconfig.json', line, message = '']) => ({
      path: pathOf.get(file) ?? file,
      line: Number(line ?? 1),
      message,
    }),
  )
}

async function runBlock(block: Block, out: string): Promise<Violation[]> {
  const cwd = mkdtempSync(join(tmpdir(), 'offstage-docs-'))
  try {
    await execute(process.execPath, [join(out, `${nameOf(block)}.js`)], { cwd, timeout: runLimit })
    return []
  } catch (error) {
    const { killed, stderr } = error as { killed: boolean; stderr: string }
    const why = killed ? `still ran after ${runLimit / 1_000} s` : stderr.trim().split('\n').slice(0, 12).join('\n')
    return [{ path: block.path, line: block.line, message: `the example fails: ${why}` }]
  } finally {
    rmSync(cwd, { recursive: true, force: true })
  }
}

async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R[]>): Promise<R[]> {
  const results: R[] = []
  const rest = items.values()
  const lane = async (): Promise<void> => {
    for (const item of rest) results.push(...(await work(item)))
  }
  await Promise.all(Array.from({ length: availableParallelism() }, lane))
  return results
}
