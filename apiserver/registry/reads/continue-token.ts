import { badRequest } from '../../../machinery/status-errors.ts'
import type { Key, KeyRange, Revision } from '../../../storage/storage.ts'
import { keyIn } from '../store-key.ts'

/** Where the next page starts. Without a revision it shows the newest state (after a 410). */
export interface Continuation {
  readonly after: Key
  readonly revision?: Revision
}

/**
 * The token names the key relative to the list's range: taken to another path it continues inside that path, never
 * outside of it.
 */
export function encodeContinue(continuation: Continuation, range: KeyRange): string {
  const token = { v: 1, rv: continuation.revision ?? -1, after: continuation.after.slice(range.start.length) }
  return Buffer.from(JSON.stringify(token)).toString('base64url')
}

export function decodeContinue(text: string, range: KeyRange): Continuation {
  const { v, rv, after } = parsed(text)
  const isKnown = v === 1 && typeof after === 'string' && Number.isSafeInteger(rv)
  if (!isKnown || typeof rv !== 'number' || rv === 0 || rv < -1) throw refusal('the token is not one of this server')
  return { after: keyIn(range, after), ...(rv > 0 && { revision: rv as Revision }) }
}

function parsed(text: string): { v?: unknown; rv?: unknown; after?: unknown } {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString())
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    throw refusal('the token cannot be decoded')
  }
}

function refusal(why: string): Error {
  return badRequest(`invalid continue token: continue key is not valid: ${why}`)
}
