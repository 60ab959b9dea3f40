/** @module Who asks for the search from another view gets it once the tasks are there. */
const field = 'search'
let wished = false

/** Puts the focus into the search, now or when it appears. */
export function wishForSearch(): void {
  const element = document.getElementById(field)
  wished = element === null
  element?.focus()
}

/** Told by the search when it appears. */
export function searchAppeared(): void {
  if (wished) document.getElementById(field)?.focus()
  wished = false
}
