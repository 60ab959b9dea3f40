/** @module Times, sizes and progress as people read them. */

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const

/** A span in ms, in at most two units: `340ms`, `2.4s`, `3m 5s`, `2d 4h`. */
export function span(ms: number): string {
  if (ms < 0) return `-${span(-ms)}`
  if (ms < 1_000) return `${Math.round(ms)}ms`
  if (ms < 9_950) return `${(ms / 1_000).toFixed(1)}s`
  const seconds = Math.round(ms / 1_000) * 1_000
  const at = units.findIndex(([, size]) => seconds >= size)
  const [unit, size] = units[at] ?? ['s', 1_000]
  const smaller = units[at + 1]
  const rest = smaller === undefined ? 0 : Math.floor((seconds % size) / smaller[1])
  return `${Math.floor(seconds / size)}${unit}${smaller === undefined || rest === 0 ? '' : ` ${rest}${smaller[0]}`}`
}

/** How long ago something was, in one unit: `3s`, `5m`, `2d`. */
export function age(ms: number): string {
  for (const [unit, size] of units) if (ms >= size) return `${Math.floor(ms / size)}${unit}`
  return ms < 0 ? 'ahead' : 'now'
}

const sizes = ['B', 'KiB', 'MiB', 'GiB', 'TiB']

/** A number of bytes: `512 B`, `1.5 MiB`. */
export function bytes(count: number): string {
  const power = count < 1 ? 0 : Math.min(sizes.length - 1, Math.floor(Math.log2(count) / 10))
  const value = count / 1024 ** power
  return `${power === 0 ? value : value.toFixed(1)} ${sizes[power]}`
}

/** `1 task`, `2 tasks`. */
export const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`

/** A bar of `width` cells, as far as `fraction`. */
export function bar(fraction: number, width: number): string {
  const full = Math.round(Math.min(1, Math.max(0, fraction)) * width)
  return '█'.repeat(full) + '░'.repeat(width - full)
}
