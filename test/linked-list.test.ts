import { describe, expect, it } from 'vitest'
import { type Linked, LinkedList } from '../src/linked-list.ts'
import { seededRandom } from '../src/random.ts'

class Node implements Linked<Node> {
  previous: Node | undefined = undefined
  next: Node | undefined = undefined
  list: LinkedList<Node> | undefined = undefined
  readonly name: number

  constructor(name: number) {
    this.name = name
  }
}

const forward = (list: LinkedList<Node>): number[] => {
  const names: number[] = []
  for (let node = list.first; node !== undefined; node = node.next) names.push(node.name)
  return names
}
const backward = (list: LinkedList<Node>): number[] => {
  const names: number[] = []
  for (let node = list.last; node !== undefined; node = node.previous) names.push(node.name)
  return names
}
const of = (count: number): [LinkedList<Node>, Node[]] => {
  const list = new LinkedList<Node>()
  const nodes = Array.from({ length: count }, (_, i) => new Node(i))
  for (const node of nodes) list.push(node)
  return [list, nodes]
}

describe('LinkedList', () => {
  it('is empty at first', () => {
    const list = new LinkedList<Node>()
    expect([list.first, list.last, list.size]).toEqual([undefined, undefined, 0])
  })

  it('can be read in order while the node at hand is taken out', () => {
    const [list] = of(3)
    const names: number[] = []
    for (const node of list) {
      names.push(node.name)
      list.remove(node)
    }
    expect([names, list.size]).toEqual([[0, 1, 2], 0])
  })

  it('keeps the order of adding, both ways', () => {
    const [list] = of(3)
    expect([forward(list), backward(list), list.size]).toEqual([[0, 1, 2], [2, 1, 0], 3])
  })

  it.each([
    ['first', 0],
    ['middle', 1],
    ['last', 2],
  ])('takes the %s node out and lets go of it', (_, at) => {
    const [list, nodes] = of(3)
    const node = nodes[at] as Node
    list.remove(node)
    const left = [0, 1, 2].filter((name) => name !== at)
    expect([forward(list), backward(list), list.size]).toEqual([left, left.toReversed(), 2])
    expect([node.previous, node.next, node.list]).toEqual([undefined, undefined, undefined])
  })

  it('is empty again after its only node left, and takes it back', () => {
    const [list, [node]] = of(1)
    list.remove(node as Node)
    expect([list.first, list.last, list.size]).toEqual([undefined, undefined, 0])
    list.push(node as Node)
    expect(forward(list)).toEqual([0])
  })

  it('moves a node that it has to the end', () => {
    const [list, nodes] = of(3)
    list.push(nodes[0] as Node)
    list.push(nodes[0] as Node)
    expect([forward(list), backward(list), list.size]).toEqual([[1, 2, 0], [0, 2, 1], 3])
  })

  it('takes a node out of the list where it was', () => {
    const [list, nodes] = of(2)
    const [other] = of(0)
    other.push(nodes[1] as Node)
    expect([forward(list), list.size, forward(other), other.size]).toEqual([[0], 1, [1], 1])
  })

  it('does not touch a node of another list, or of none', () => {
    const [list] = of(2)
    const [other, others] = of(1)
    list.remove(others[0] as Node)
    list.remove(new Node(9))
    expect([forward(list), list.size, forward(other), other.size]).toEqual([[0, 1], 2, [0], 1])
  })

  it('agrees with an array over thousands of random steps', () => {
    const random = seededRandom(7)
    const list = new LinkedList<Node>()
    const nodes = Array.from({ length: 50 }, (_, i) => new Node(i))
    let model: number[] = []
    for (let step = 0; step < 5_000; step += 1) {
      const node = nodes[Math.floor(random.next() * nodes.length)] as Node
      model = model.filter((name) => name !== node.name)
      if (random.next() < 0.5) list.remove(node)
      else {
        list.push(node)
        model.push(node.name)
      }
      expect(list.size).toBe(model.length)
    }
    expect([forward(list), backward(list)]).toEqual([model, model.toReversed()])
  })
})
