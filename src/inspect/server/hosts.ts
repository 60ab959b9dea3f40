/** @module Which hosts a request may name. A name of somebody else that was made to lead here (DNS rebinding) is refused. */
import { ValidationError } from '../../errors.ts'

/** Where a request says that it was sent: what it may name as its origin follows. */
export interface Place {
  /** As in the header. */
  readonly host: string
  /** `http://127.0.0.1:4000` */
  readonly origin: string
  /** Of the host, or of its scheme. */
  readonly port: string
}

const loopback = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::([1-9]\d{0,4}))?$/
const named = /^(?:(https?):\/\/)?((?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:]{2,39}\])(?::([1-9]\d{0,4}))?)$/
const mostHosts = 100

/** The hosts of an app that serves the inspector under a name of its own. */
export class AllowedHosts {
  readonly #origins = new Map<string, string | undefined>()

  /** @throws {ValidationError} for what a browser never sends. */
  constructor(hosts: readonly string[]) {
    if (!Array.isArray(hosts) || hosts.length === 0 || hosts.length > mostHosts)
      throw new ValidationError('allowedHosts', `an array of 1 to ${mostHosts} hosts`, hosts)
    for (const given of hosts) {
      const [, scheme, host] = (typeof given === 'string' && named.exec(given)) || []
      if (host === undefined)
        throw new ValidationError(
          'allowedHosts',
          "hosts such as 'tasks.example.com' or 'https://localhost:8443'",
          given,
        )
      this.#origins.set(host, scheme)
    }
  }

  place(host: string, scheme: string): Place | undefined {
    if (!this.#origins.has(host)) return undefined
    return placeOf(host, this.#origins.get(host) ?? scheme)
  }
}

/** The place of a request to this machine by its own name; `port` is where it came in, if that is known. */
export function loopbackPlace(host: string, scheme: string, port: number | undefined): Place | undefined {
  const found = loopback.exec(host)
  if (found === null) return undefined
  const place = placeOf(host, scheme)
  const fits = port === undefined ? Number(place.port) <= 65_535 : place.port === String(port)
  return fits ? place : undefined
}

function placeOf(host: string, scheme: string): Place {
  const port = /:(\d+)$/.exec(host)?.[1] ?? (scheme === 'https' ? '443' : '80')
  return { host, origin: `${scheme}://${host}`, port }
}
