/** @module Times and spans as the views write them: short, of one width where they stand in columns. */

const two = (value: number): string => String(value).padStart(2, '0')
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `14:03:09.120`, in local time. */
export function clockOf(at: number): string {
  const date = new Date(at)
  return `${secondsOf(at)}.${String(date.getMilliseconds()).padStart(3, '0')}`
}

/** `14:03:09`, in local time. */
export function secondsOf(at: number): string {
  const date = new Date(at)
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

/** `23 Nov 14:03:09`; the day is left out where it is the same as that of `now`. */
export function momentOf(at: number, now?: number): string {
  const date = new Date(at)
  if (now !== undefined && new Date(now).toDateString() === date.toDateString()) return secondsOf(at)
  const year = now !== undefined && new Date(now).getFullYear() !== date.getFullYear() ? ` ${date.getFullYear()}` : ''
  return `${date.getDate()} ${months[date.getMonth()]}${year} ${secondsOf(at)}`
}

/** `340 ms`, `2.4 s`, `3 m 04 s`, `2 h 05 m`, `3 d 4 h`. */
export function spanOf(ms: number): string {
  const whole = Math.max(0, ms)
  if (whole < 1000) return `${Math.round(whole)} ms`
  if (whole < 59_950) return `${(whole / 1000).toFixed(1)} s`
  const seconds = Math.floor(whole / 1000)
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${two(seconds % 60)} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 1440) return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} m`
  return `${Math.floor(minutes / 1440)} d ${Math.floor(minutes / 60) % 24} h`
}

/** `+2.4 s` after a first moment. */
export function afterOf(at: number, first: number): string {
  return at < first ? `−${spanOf(first - at)}` : `+${spanOf(at - first)}`
}

/** `in 3 m 04 s`, `12 s ago`, without split seconds: for what ticks. */
export function awayOf(at: number, now: number): string {
  const ms = Math.abs(at - now)
  if (ms < 1000) return 'now'
  const span = ms < 60_000 ? `${Math.floor(ms / 1000)} s` : spanOf(ms)
  return at > now ? `in ${span}` : `${span} ago`
}

/** The sub-state with its status: `running.stopping.cancel` is `running · stopping · cancel`. */
export function stateWords(state: string): string {
  return state.replaceAll('.', ' · ')
}

/** `1 step`, `2 steps`. */
export function countOf(count: number, noun: string, many = `${noun}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? noun : many}`
}

/** The first so many characters of a text that nobody has bounded. */
export function cutText(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`
}
