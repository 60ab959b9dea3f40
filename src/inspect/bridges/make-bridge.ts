/** @module Makes a bridge of a protocol. */
import { SystemClock } from '../../clock.ts'
import { checkBoolean, checkOptions } from '../../validate.ts'
import type { Bridge, BridgeOptions, Protocol } from './bridge.ts'
import { Cleaner } from './cleaner.ts'
import { Core, shielded } from './core.ts'

const known = new Set([
  'sanitizeContext',
  'sanitizeEvent',
  'sanitizeOutput',
  'allowInjection',
  'origins',
  'token',
  'env',
  'clock',
])

/** Makes a bridge of a protocol. */
export function createBridge(options: BridgeOptions, what: string, make: (cleaner: Cleaner) => Protocol): Bridge {
  checkOptions(options, known, what)
  const allowed = checkBoolean(options.allowInjection ?? false, 'allowInjection')
  const { clock = new SystemClock() } = options
  const core = new Core(make(new Cleaner(options, clock)), allowed, clock, options)
  return {
    inspect: (event) => shielded(() => core.inspect(event)),
    happened: (happening) => shielded(() => core.happenings.tell(happening)),
    follow: (store) => core.follow(store),
    attach: (server, path = '/') => core.sockets.attach(server, path),
    listen: (where) => core.sockets.listen(where),
    counts: () => core.counts(),
    close: () => core.close(),
  }
}
