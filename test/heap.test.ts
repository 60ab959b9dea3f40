import { describe, expect, it } from 'vitest'
import { Heap } from '../src/heap.ts'
import { seededRandom } from '../src/random.ts'

interface Node {
  heapIndex: number
  readonly key: number
}

const node = (key: number): Node => ({ heapIndex: -1, key })
const heapOf = (...keys: number[]): { heap: Heap<Node>; nodes: Node[] } => {
  const heap = new Heap<Node>((a, b) => a.key < b.key)
  const nodes = keys.map(node)
  for (const each of nodes) heap.push(each)
  return { heap, nodes }
}
const drain = (heap: Heap<Node>): number[] => {
  const keys: number[] = []
  for (let top = heap.pop(); top !== undefined; top = heap.pop()) keys.push(top.key)
  return keys
}

describe('Heap', () => {
  it('gives the nodes in order, equal ones included', () => {
    expect(drain(heapOf(5, 1, 4, 1, 3).heap)).toEqual([1, 1, 3, 4, 5])
  })

  it('shows the first without taking it', () => {
    const { heap } = heapOf(2, 1)
    expect(heap.peek()?.key).toBe(1)
    expect(heap.size).toBe(2)
  })

  it('has nothing to show or give when empty', () => {
    const { heap } = heapOf()
    expect([heap.peek(), heap.pop(), heap.size]).toEqual([undefined, undefined, 0])
  })

  it('takes a node out from anywhere, once', () => {
    const { heap, nodes } = heapOf(1, 2, 3, 4, 5)
    const [, second] = nodes
    expect([heap.remove(second as Node), heap.remove(second as Node)]).toEqual([true, false])
    expect(second?.heapIndex).toBe(-1)
    expect(drain(heap)).toEqual([1, 3, 4, 5])
  })

  it('refuses to remove a node of another heap, whatever its place there', () => {
    const { heap } = heapOf(1, 2)
    const other = heapOf(1, 2)
    expect(heap.remove(other.nodes[0] as Node)).toBe(false)
    expect([heap.size, other.heap.size]).toEqual([2, 2])
  })

  it('lifts the node that fills a hole when it belongs above it', () => {
    // removing 100 puts 3 into the hole below 50: it must rise, not sink
    const { heap, nodes } = heapOf(1, 50, 2, 100, 60, 4, 3)
    heap.remove(nodes[3] as Node)
    expect(drain(heap)).toEqual([1, 2, 3, 4, 50, 60])
  })

  it('forgets all nodes when cleared, and takes them again', () => {
    const { heap, nodes } = heapOf(2, 1)
    heap.clear()
    expect([heap.size, ...nodes.map((each) => each.heapIndex)]).toEqual([0, -1, -1])
    for (const each of nodes) heap.push(each)
    expect(drain(heap)).toEqual([1, 2])
  })

  it('agrees with a sorted list over a long random history', () => {
    const random = seededRandom(11)
    const { heap } = heapOf()
    let list: Node[] = []
    for (let step = 0; step < 5_000; step++) {
      const what = random.next()
      if (what < 0.5) {
        const fresh = node(Math.floor(random.next() * 200))
        heap.push(fresh)
        list.push(fresh)
      } else if (what < 0.75) {
        const chosen = list[Math.floor(random.next() * list.length)]
        expect(chosen === undefined || heap.remove(chosen)).toBe(true)
        list = list.filter((each) => each !== chosen)
      } else {
        const top = heap.pop()
        expect(top?.key).toBe(list.length === 0 ? undefined : Math.min(...list.map((each) => each.key)))
        list = list.filter((each) => each !== top)
      }
      expect(heap.size).toBe(list.length)
    }
    expect(drain(heap)).toEqual(list.map((each) => each.key).sort((a, b) => a - b))
  })
})
