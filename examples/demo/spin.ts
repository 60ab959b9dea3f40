/** @module An endless loop, for a thread. */

/** Never returns. */
export function spin(): never {
  for (;;);
}
