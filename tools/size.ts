/** @module A look at sizes: files above 250 lines and functions above 70. It tells; it does not fail. */
import { parse, walk } from './parse.ts'
import { lineAt, sourcesOf, type Tree, type Violation } from './tree.ts'

const fileLimit = 250
const functionLimit = 70

/** Lists what is worth a second look. */
export function checkSizes(tree: Tree): Violation[] {
  return sourcesOf(tree).flatMap((path) => {
    const { program, text } = parse(path, tree.get(path) ?? '')
    const found: Violation[] = []
    const lines = text.trimEnd().split('\n').length
    if (lines > fileLimit) found.push({ path, line: 1, message: `${lines} lines` })
    walk(program, (node) => {
      if (!/Function(?:Declaration|Expression)$/.test(node.type)) return
      const line = lineAt(text, node.start)
      const length = lineAt(text, node.end) - line + 1
      if (length > functionLimit) found.push({ path, line, message: `a function of ${length} lines` })
    })
    return found
  })
}
