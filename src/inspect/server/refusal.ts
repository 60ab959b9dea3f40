/** @module Answers that are not a view: small JSON, which never repeats what was asked. */

/** Headers of every answer. */
export const guardHeaders: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}
/** Of what is no page: whoever shows it nevertheless runs nothing of it. */
export const dataPolicy = "default-src 'none'; frame-ancestors 'none'; sandbox"

/** A request that is not answered: its status, a word for programs, a sentence for people. */
export class Refusal {
  readonly status: number
  readonly code: string
  readonly message: string
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    this.status = status
    this.code = code
    this.message = message
    this.headers = headers
  }

  get body(): string {
    return JSON.stringify({ code: this.code, message: this.message })
  }

  get response(): Response {
    return dataResponse(this.body, this.status, this.headers)
  }
}

/** JSON, as it stands. */
export function dataResponse(body: string, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(body, { status, headers: { ...dataHeaders, ...headers } })
}

export const dataHeaders: Readonly<Record<string, string>> = {
  ...guardHeaders,
  'content-security-policy': dataPolicy,
  'content-type': 'application/json; charset=utf-8',
}
