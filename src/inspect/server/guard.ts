/** @module The door: who may ask at all. It is passed before anything else is done with a request. */
import { type AllowedHosts, loopbackPlace, type Place } from './hosts.ts'
import { Refusal } from './refusal.ts'
import type { Tickets, Token } from './token.ts'

/** What a server of Node knows beside the request: `@hono/node-server` hands it on. */
export interface NodeInfo {
  readonly incoming?: {
    readonly rawHeaders: readonly string[]
    readonly url?: string
    readonly socket?: { readonly localPort?: number | undefined }
  }
  readonly outgoing?: { destroy(): unknown }
  /** The address is the one that the browser sees: no app has taken its own path away. */
  readonly isWhole?: boolean
}

/** What is known of a connection: frameworks hand on all sorts of things beside a request. */
export function nodeInfo(given: unknown): NodeInfo {
  const { incoming, outgoing, isWhole } = (typeof given === 'object' && given !== null ? given : {}) as NodeInfo
  return {
    ...(Array.isArray(incoming?.rawHeaders) && { incoming }),
    ...(typeof outgoing?.destroy === 'function' && { outgoing }),
    ...(isWhole === true && { isWhole }),
  }
}

export interface Rules {
  readonly token: Token
  readonly tickets: Tickets
  /** Without it, the names of this machine alone. */
  readonly hosts: AllowedHosts | undefined
}

/** A request that may pass. */
export interface Passed {
  readonly place: Place
  /** It brought the token in its address: it gets the cookie, and the address is changed. */
  readonly enters: boolean
  /** A link of another site led here: the browser keeps the cookie back until its own page asks. */
  readonly isLed: boolean
}

/** The parameter of the address that carries the token. */
export const tokenParameter = 'token'
/** The header that no form and no link can send. */
export const writeHeader = 'x-offstage'
/** Cookies of one name that are tried: a neighbour on another port may have set some. */
const cookiesTried = 8

const foreign = new Refusal(403, 'ORIGIN', 'The request comes from another page.')
const stranger = new Refusal(
  401,
  'TOKEN',
  'The token is missing or not right. Open the address that was told when the inspector was started.',
)
const wrongHost = new Refusal(
  403,
  'HOST',
  'The inspector answers under 127.0.0.1, localhost and [::1] with its port, or under its allowedHosts.',
)

/** Lets a request pass, or says why not. `isPage`: it wants the page itself, which a link may lead to. */
export function admit(request: Request, url: URL, isPage: boolean, info: NodeInfo, rules: Rules): Passed | Refusal {
  const place = placeOf(request, url, info, rules)
  if (place === undefined) return wrongHost
  const { headers } = request
  const origin = headers.get('origin')
  if (origin !== null && origin !== place.origin) return foreign
  const site = headers.get('sec-fetch-site')
  const isOwn = site === null || site === 'same-origin' || site === 'none'
  if (!isOwn && !(isPage && isNavigation(headers))) return foreign
  const tokens = url.searchParams.getAll(tokenParameter)
  if (tokens.length > 0) {
    const [given = ''] = tokens
    const fits = isPage && request.method === 'GET' && tokens.length === 1
    if (!fits || !(rules.token.fits(given) || rules.tickets.use(given))) return stranger
    return { place, enters: true, isLed: !isOwn }
  }
  // a cookie never comes with a request of another site, whatever else it says
  if (!isOwn || !cookies(headers, cookieName(place)).some((each) => rules.token.fits(each))) return stranger
  const refusal = request.method === 'GET' ? undefined : refuseWrite(headers, place)
  return refusal ?? { place, enters: false, isLed: false }
}

/** What a write needs besides: nothing that a form, an image or a link can bring along. */
function refuseWrite(headers: Headers, { origin }: Place): Refusal | undefined {
  if (headers.get('origin') !== origin) return foreign
  if (headers.get(writeHeader) !== '1') return new Refusal(403, 'HEADER', `A write needs the header ${writeHeader}: 1.`)
  const [type = ''] = (headers.get('content-type') ?? '').split(';')
  if (type.trim().toLowerCase() === 'application/json') return undefined
  return new Refusal(415, 'CONTENT_TYPE', 'A write is application/json.')
}

function placeOf(request: Request, { host, protocol }: URL, info: NodeInfo, rules: Rules): Place | undefined {
  const { incoming } = info
  if (incoming?.url !== undefined && !incoming.url.startsWith('/')) return undefined
  if (incoming !== undefined && countOf(incoming.rawHeaders, 'host') !== 1) return undefined
  // a Request that no server has made names its host in its address alone
  const named = request.headers.get('host') ?? host
  const scheme = protocol === 'https:' ? 'https' : 'http'
  if (rules.hosts !== undefined) return rules.hosts.place(named, scheme)
  return loopbackPlace(named, scheme, incoming?.socket?.localPort)
}

function countOf(rawHeaders: readonly string[], name: string): number {
  return rawHeaders.filter((each, i) => i % 2 === 0 && each.toLowerCase() === name).length
}

const isNavigation = (headers: Headers): boolean =>
  headers.get('sec-fetch-mode') === 'navigate' && headers.get('sec-fetch-dest') === 'document'

/** Cookies know no ports: the name does, or two inspectors would take each other's. */
export const cookieName = ({ port }: Place): string => `offstage_${port}`

export function cookieOf(place: Place, { text }: Token): string {
  const secure = place.origin.startsWith('https:') ? '; Secure' : ''
  return `${cookieName(place)}=${text}; Path=/; HttpOnly; SameSite=Strict${secure}`
}

function cookies(headers: Headers, name: string): string[] {
  const all = (headers.get('cookie') ?? '').split(';').map((each) => each.trim())
  const own = all.filter((each) => each.startsWith(`${name}=`)).slice(0, cookiesTried)
  return own.map((each) => each.slice(name.length + 1))
}
