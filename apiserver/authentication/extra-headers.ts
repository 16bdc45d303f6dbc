import { setMember } from '../../machinery/json/member.ts'
import type { Credentials } from './authenticator.ts'

/** The values of every header that begins with one of the prefixes, by what follows it, percent-decoded. */
export function extraOf(
  { header, headerNames }: Credentials,
  prefixes: readonly string[],
): Readonly<Record<string, readonly string[]>> {
  const extra: Record<string, readonly string[]> = {}
  for (const name of headerNames()) {
    const prefix = prefixes.find((each) => name.startsWith(each))
    if (prefix === undefined) continue
    const key = unescaped(name.slice(prefix.length))
    const known = Object.hasOwn(extra, key) ? extra[key] : undefined
    setMember(extra, key, known === undefined ? header(name) : [...known, ...header(name)])
  }
  return extra
}

/** What is no percent-encoding stays as it came. */
function unescaped(key: string): string {
  try {
    return decodeURIComponent(key)
  } catch {
    return key
  }
}
