import { describe, expect, it } from 'vitest'
import { forthOf, isMain, type Piece, piecesOf } from '../../../src/inspect/chart/pieces.ts'

const cut = (from: string, to: string): string[] =>
  piecesOf([{ from: from.split('>'), to: to.split('>'), labels: [] }]).map(
    (piece) => `${piece.level ?? 'outside'}: ${piece.from ?? 'in'} to ${piece.to ?? 'out'}${isMain(piece) ? '!' : ''}`,
  )

describe('cutting an edge', () => {
  it('leaves one between neighbours whole', () => {
    expect(cut('a', 'b')).toEqual(['outside: a to b!'])
    expect(cut('a>x', 'a>y')).toEqual(['a: x to y!'])
    expect(cut('a>x', 'a>x')).toEqual(['a: x to x!'])
    expect(cut('a', 'a')).toEqual(['outside: a to a!'])
  })

  it('makes a piece for each border that it crosses, from its beginning to its end', () => {
    expect(cut('a>x>y', 'b')).toEqual(['x: y to out', 'a: x to out', 'outside: a to b!'])
    expect(cut('a', 'b>x>y')).toEqual(['outside: a to b!', 'b: in to x', 'x: in to y'])
    expect(cut('r>a>x', 'r>b>y')).toEqual(['a: x to out', 'r: a to b!', 'b: in to y'])
  })

  it('gives every piece a name of its own', () => {
    const edges = [1, 2, 3].map(() => ({ from: ['a', 'x'], to: ['b', 'y'], labels: [] }))
    const pieces = piecesOf(edges)
    expect(new Set(pieces.map(({ id }) => id)).size).toBe(pieces.length)
    expect(pieces.map(({ edge }) => edge)).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2])
  })
})

describe('the edges that run the way of the picture', () => {
  const forth = (...ways: string[]): string[] => {
    const pieces = ways.map((way, edge): Piece => {
      const [from, to] = way.split(' ')
      return { id: way, edge, level: undefined, from, to }
    })
    const found = forthOf(['a'], pieces)
    return ways.filter((_, edge) => found.has(edge))
  }

  it('are those that do not lead back to where one comes from', () => {
    expect(forth('a b', 'b c', 'c a', 'b a', 'a c')).toEqual(['a b', 'b c', 'a c'])
  })

  it('are no loops', () => {
    expect(forth('a a', 'a b')).toEqual(['a b'])
  })
})
