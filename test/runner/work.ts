/** What the tests of the runner let tasks do. */

/** A promise that the test settles. */
export interface Deferred<T> {
  readonly promise: Promise<T>
  resolve(value: T): void
  reject(error: unknown): void
}

export function deferred<T = void>(): Deferred<T> {
  let settle: Omit<Deferred<T>, 'promise'> | undefined
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject }
  })
  return { promise, ...(settle as Omit<Deferred<T>, 'promise'>) }
}

/** Never ends, whatever its signal says. */
export const never = (): Promise<never> => new Promise(() => {})

/** Counts how many handlers run at once. */
export class Meter {
  now = 0
  most = 0

  async during<T>(work: () => PromiseLike<T> | T): Promise<T> {
    this.now += 1
    this.most = Math.max(this.most, this.now)
    try {
      return await work()
    } finally {
      this.now -= 1
    }
  }
}

const nothing = (): void => {}
/** A logger that says nothing, for tests in which failures and deaf handlers are the point. */
export const silent = { debug: nothing, info: nothing, warn: nothing, error: nothing }
