/** What a diagram says: every state with the innermost state in whose block it is mentioned first. */
interface Diagram {
  readonly states: ReadonlyMap<string, string>
}

const opening = /^state "(?:[^"\n;#]|#\d+;)*" as (\w+)( \{)?$/
const edge = /^(\[\*\]|\w+) --> (\[\*\]|\w+)(?: : ((?:[^:\n;#]|#\d+;)+))?$/

/**
 * Reads the part of Mermaid's grammar of state diagrams that we write, and throws on anything else.
 * As in Mermaid, an edge in the block of a state pulls the states that it names into that block.
 */
export function readDiagram(text: string): Diagram {
  const [head, direction, ...lines] = text.trimEnd().split('\n')
  if (head !== 'stateDiagram-v2' || !/^ {2}direction (?:TB|LR)$/.test(direction ?? '')) throw new Error('no head')
  const states = new Map<string, string>()
  const named = new Set<string>()
  const blocks: string[] = []
  for (const line of lines.map((each) => each.trim())) {
    const block = blocks.at(-1) ?? ''
    const [, id, open] = opening.exec(line) ?? []
    const [, from, to] = edge.exec(line) ?? []
    if (id !== undefined) {
      if (states.has(id)) throw new Error(`twice: ${line}`)
      states.set(id, block)
      if (open !== undefined) blocks.push(id)
    } else if (from !== undefined && to !== undefined) {
      for (const end of [from, to].filter((each) => each !== '[*]')) {
        named.add(end)
        if (block !== '' && states.has(end)) states.set(end, block)
      }
    } else if (line === '}') {
      if (blocks.pop() === undefined) throw new Error('a block that was not open')
    } else if (line !== '--') {
      throw new Error(`not a line of a diagram: ${line}`)
    }
  }
  if (blocks.length > 0) throw new Error('a block was left open')
  for (const id of named) if (!states.has(id)) throw new Error(`no state ${id}`)
  return { states }
}
