import type { Key, Revision } from './backend.ts'
import { members } from './members.ts'

/** Where a list goes on. Without a revision it goes on in the newest state, consistent with nothing before. */
export interface ContinuePoint {
  readonly revision: Revision | undefined
  readonly after: Key
}

/** `invalid` says what is wrong with a token, in words for its sender. */
type ContinueTokenResult = ContinuePoint | { readonly invalid: string }

// The form of k8s.io/apiserver pkg/storage/continue.go: base64url of {"v","rv","start"}, where rv -1 means the newest
// state and start is the key to begin with, relative to the listing: the last key and a zero byte.
const tokenVersion = 'meta.k8s.io/v1'
const newestState = -1

/** `prefix` is the listing's own: a token is good for no other. */
export function encodeContinueToken(point: ContinuePoint, prefix: string): string {
  const token = { v: tokenVersion, rv: point.revision ?? newestState, start: `${point.after.slice(prefix.length)}\0` }
  return Buffer.from(JSON.stringify(token)).toString('base64url')
}

export function decodeContinueToken(text: string, prefix: string): ContinueTokenResult {
  const token = parseToken(text)
  if (token === undefined) return invalid('it is not a token of this server')
  if (token.v !== tokenVersion) return invalid('server does not recognize this encoded version')
  const { rv, start } = token
  if (!Number.isSafeInteger(rv) || rv === 0 || rv < newestState) {
    return invalid(`incorrect encoded start resourceVersion (version ${tokenVersion})`)
  }
  if (start.length < 2 || !start.endsWith('\0')) return invalid(`encoded start key empty (version ${tokenVersion})`)
  const after = `${prefix}${start.slice(0, -1)}`
  if (leavesPrefix(start)) return invalid('its start key lies outside of the list')
  return { revision: rv === newestState ? undefined : (rv as Revision), after: after as Key }
}

interface Token {
  readonly v: string
  readonly rv: number
  readonly start: string
}

function parseToken(text: string): Token | undefined {
  if (!/^[A-Za-z0-9_-]+={0,2}$/.test(text)) return undefined
  try {
    const { v, rv, start } = members(JSON.parse(Buffer.from(text, 'base64url').toString()))
    return typeof v === 'string' && typeof rv === 'number' && typeof start === 'string' ? { v, rv, start } : undefined
  } catch {
    return undefined
  }
}

function leavesPrefix(start: string): boolean {
  const segments = start.slice(0, -1).split('/')
  return segments.some((segment) => segment === '' || segment === '.' || segment === '..' || segment.includes('\0'))
}

function invalid(reason: string): ContinueTokenResult {
  return { invalid: `continue key is not valid: ${reason}` }
}
