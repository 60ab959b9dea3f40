import { describe, expect, it } from 'vitest'
import { foldNumber, format, judgeHeader, minReader, minWriter } from '../../src/machines/format.ts'

const own = { type: 'header', format, fold: foldNumber, minReader, minWriter, storeId: 's' } as const
const newer = { ...own, format: format + 1 }

describe('a header', () => {
  it.each([
    ['of this version', own, { verdict: 'write' }],
    ['of a newer format that this one can write', newer, { verdict: 'write' }],
    ['of one that it can only read', { ...newer, minWriter: format + 1 }, { verdict: 'read', code: 'NEWER_FORMAT' }],
    [
      'of one that it cannot read',
      { ...newer, minWriter: format + 1, minReader: format + 1 },
      { verdict: 'refuse', code: 'NEWER_FORMAT' },
    ],
    ['of a newer fold', { ...own, fold: foldNumber + 1 }, { verdict: 'read', code: 'OTHER_FOLD' }],
    ['of an older fold', { ...own, fold: 99 }, { verdict: 'read', code: 'OTHER_FOLD' }],
    ['without a format', { ...own, format: undefined as never }, { verdict: 'refuse', code: 'DAMAGED' }],
    ['with a text for a number', { ...own, minReader: '9' as never }, { verdict: 'refuse', code: 'DAMAGED' }],
    ['with half a number', { ...own, fold: 1.5 }, { verdict: 'refuse', code: 'DAMAGED' }],
  ])('%s', (_what, header, verdict) => {
    expect(judgeHeader(header)).toMatchObject(verdict)
  })

  it('says why in words', () => {
    expect(judgeHeader({ ...own, fold: 7 })).toMatchObject({ reason: expect.stringContaining('rule 7') })
  })
})
