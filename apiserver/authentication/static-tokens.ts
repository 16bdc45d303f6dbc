import { createHash, timingSafeEqual } from 'node:crypto'
import type { UserInfo } from '../request-context.ts'
import { AuthenticationError } from './errors.ts'
import type { Authenticator } from './authenticator.ts'
import { bearerToken } from './bearer-token.ts'

/** Bearer tokens that stand in a file. In memory are their hashes alone. */
export function staticTokens(entries: readonly StaticToken[]): Authenticator {
  return ({ header }) => {
    const token = bearerToken(header('authorization')[0])
    if (token === undefined) return undefined
    const hash = hashOf(token)
    let user: UserInfo | undefined
    // Every entry is compared, so that the time taken tells nothing about which one is near.
    for (const entry of entries) if (timingSafeEqual(entry.hash, hash)) user ??= entry.user
    return user ?? 'refused'
  }
}

export interface StaticToken {
  readonly hash: Uint8Array
  readonly user: UserInfo
}

/** The CSV of kube-apiserver's --token-auth-file: token, user, uid and, quoted, the groups. */
export function parseTokenFile(text: string): readonly StaticToken[] {
  return text.split(/\r?\n/).flatMap((line, index) => (/^\s*(#|$)/.test(line) ? [] : [entryOf(line, index + 1)]))
}

const entryForm = /^([^,"\s]+),([^,"]+),([^,"]*)(?:,(?:"([^"]*)"|([^,"]*)))?$/

function entryOf(line: string, number: number): StaticToken {
  const [, token, name, uid, quotedGroups, plainGroups] = entryForm.exec(line.trim()) ?? []
  if (token === undefined || name === undefined) throw new AuthenticationError('token-file', `line ${number}`)
  const groups = (quotedGroups ?? plainGroups ?? '').split(',').map((group) => group.trim())
  const user = { name, ...(uid && { uid }), groups: groups.filter((group) => group !== ''), extra: {} }
  return { hash: hashOf(token), user }
}

function hashOf(token: string): Uint8Array {
  return createHash('sha256').update(token).digest()
}
