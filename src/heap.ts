/** @module A binary heap whose nodes know their place, so that removing one costs O(log n) and no look-up table. */

/** What a node carries for its heap. A node is in at most one heap at a time. */
export interface HeapNode {
  /** Its place, kept by the heap; -1 while it is in none. */
  heapIndex: number
}

/**
 * A binary heap: the node that comes before all others is at the top.
 */
export class Heap<T extends HeapNode> {
  readonly #nodes: T[] = []
  readonly #before: (a: T, b: T) => boolean

  /** @param before Whether `a` comes before `b`: a strict order, so false for equal nodes. */
  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before
  }

  /** How many nodes it holds. */
  get size(): number {
    return this.#nodes.length
  }

  /** The first node, which stays; undefined when empty. */
  peek(): T | undefined {
    return this.#nodes[0]
  }

  /** Adds a node that is in no heap. */
  push(node: T): void {
    this.#nodes.push(node)
    this.#rise(node, this.#nodes.length - 1)
  }

  /** Takes the first node out; undefined when empty. */
  pop(): T | undefined {
    const first = this.#nodes[0]
    if (first !== undefined) this.remove(first)
    return first
  }

  /** Takes a node out, wherever it stands. False if it is not in this heap. */
  remove(node: T): boolean {
    const index = node.heapIndex
    if (this.#nodes[index] !== node) return false
    node.heapIndex = -1
    const last = this.#nodes.pop()
    if (last !== undefined && last !== node) this.#rise(last, this.#sink(last, index))
    return true
  }

  /** Takes all nodes out. */
  clear(): void {
    for (const node of this.#nodes) node.heapIndex = -1
    this.#nodes.length = 0
  }

  #rise(node: T, from: number): void {
    let index = from
    while (index > 0) {
      const above = (index - 1) >> 1
      const parent = this.#nodes[above]
      if (parent === undefined || !this.#before(node, parent)) break
      this.#put(parent, index)
      index = above
    }
    this.#put(node, index)
  }

  /** Moves smaller children up from `from`, and returns the hole where `node` belongs. */
  #sink(node: T, from: number): number {
    let index = from
    for (;;) {
      const left = this.#nodes[2 * index + 1]
      if (left === undefined) return index
      const right = this.#nodes[2 * index + 2]
      const child = right !== undefined && this.#before(right, left) ? right : left
      if (!this.#before(child, node)) return index
      const below = child.heapIndex
      this.#put(child, index)
      index = below
    }
  }

  #put(node: T, index: number): void {
    this.#nodes[index] = node
    node.heapIndex = index
  }
}
