/** @module Characters that do not show what a text says: they move a cursor, turn text, or show nothing. */

/**
 * C0, DEL and C1; bidi, zero width, tags and whatever else shows nothing; line separators; halves of pairs.
 * Variation selectors pass: they belong to emoji.
 */
export const unsafe = /(?![\uFE00-\uFE0F])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{DI}]/gu

/** A character as an escape that JavaScript reads. */
export function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0
  return code > 0xffff ? `\\u{${code.toString(16)}}` : escapedUnit(code)
}

/** A unit of UTF-16 as an escape that JSON reads as well. */
export const escapedUnit = (code: number): string => `\\u${code.toString(16).padStart(4, '0')}`
