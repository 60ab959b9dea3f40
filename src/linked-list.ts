/** @module A list whose nodes know their place: adding at the end and taking out anywhere cost O(1). */

/** What a node carries for its list. A node is in at most one list at a time. */
export interface Linked<T extends Linked<T>> {
  previous: T | undefined
  next: T | undefined
  list: LinkedList<T> | undefined
}

/** A doubly linked list of nodes that carry the links themselves. */
export class LinkedList<T extends Linked<T>> {
  first: T | undefined = undefined
  last: T | undefined = undefined
  size = 0

  /** Adds a node at the end, out of whatever list it was in. */
  push(node: T): void {
    node.list?.remove(node)
    node.list = this
    node.previous = this.last
    if (this.last === undefined) this.first = node
    else this.last.next = node
    this.last = node
    this.size += 1
  }

  /** Adds a node in front, out of whatever list it was in. */
  unshift(node: T): void {
    node.list?.remove(node)
    node.list = this
    node.next = this.first
    if (this.first === undefined) this.last = node
    else this.first.previous = node
    this.first = node
    this.size += 1
  }

  /** The nodes, the first in front. The one at hand may be taken out meanwhile. */
  *[Symbol.iterator](): IterableIterator<T> {
    let node = this.first
    while (node !== undefined) {
      const { next } = node
      yield node
      node = next
    }
  }

  /** Takes a node out. Nothing happens if it is not in this list. */
  remove(node: T): void {
    if (node.list !== this) return
    if (node.previous === undefined) this.first = node.next
    else node.previous.next = node.next
    if (node.next === undefined) this.last = node.previous
    else node.next.previous = node.previous
    node.previous = undefined
    node.next = undefined
    node.list = undefined
    this.size -= 1
  }
}
