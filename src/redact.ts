/** @module Takes secrets out of texts about the machine: what `doctor` says, and errors. */

const hidden = '***'
const secretName = /(?:TOKEN|KEY|SECRET|PASSWORD|PASSWD|PASS|CREDENTIALS?)$/i
// both begin where a word does: texts of one long word are read once
const addresses = /(?<![a-z0-9+.-])([a-z0-9+.-]+:\/\/)[^\s/@"'<>]+@/gi
const named =
  /((?<![A-Za-z0-9_-])[A-Za-z0-9_-]*(?:token|key|secret|password|passwd|credentials?))(["']?\s*[=:]\s*["']?)([^\s"',;&]+)/gi
const bearer = /\b(bearer|basic)\s+[A-Za-z0-9+/_=.~-]{6,}/gi
/** Shorter values are words of every language. */
const shortest = 6

/** Whether a variable of that name holds a secret. */
export const isSecret = (name: string): boolean => secretName.test(name)

/**
 * A function that hides secrets in texts: credentials in addresses, what is named a token, key, secret or password, and
 * the values of such variables of the environment wherever they stand.
 */
export function redactor(env: NodeJS.ProcessEnv): (text: string) => string {
  const values = Object.entries(env)
    .flatMap(([name, value = '']) => (isSecret(name) && value.length >= shortest ? [value] : []))
    .sort((a, b) => b.length - a.length)
  return (text) => {
    const plain = text
      .replace(addresses, `$1${hidden}@`)
      .replace(bearer, `$1 ${hidden}`)
      .replace(named, `$1$2${hidden}`)
    return values.reduce((left, value) => left.replaceAll(value, hidden), plain)
  }
}

/** Whether what hides secrets would hide the value of a member of that name. */
export function namesSecret(name: string, redact: (text: string) => string): boolean {
  const probe = `${name}=value`
  return redact(probe) !== probe
}
