import type { MaybePromise } from '../../base/waiting/maybe-promise.ts'
import type { UserInfo } from '../request-context.ts'
import type { Authenticator, Credentials, Identity } from './authenticator.ts'

/**
 * The first who knows the client wins, whatever others refused before. A client whose credentials were all refused is
 * never anonymous.
 */
export function union(authenticators: readonly Authenticator[]): Authenticator {
  const known = new WeakMap<UserInfo, UserInfo>()
  const ask = (credentials: Credentials, index: number, before: Identity): MaybePromise<Identity> => {
    const authenticate = authenticators[index]
    if (authenticate === undefined) return before
    const settle = (found: Identity): MaybePromise<Identity> => {
      if (found === undefined || found === 'refused') return ask(credentials, index + 1, found ?? before)
      const user = known.get(found) ?? withAuthenticatedGroup(found)
      known.set(found, user)
      return user
    }
    const found = authenticate(credentials)
    return found instanceof Promise ? found.then(settle) : settle(found)
  }
  return (credentials) => ask(credentials, 0, undefined)
}

/** Who sends no credentials at all. */
export const anonymous: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'], extra: {} }

const authenticatedGroup = 'system:authenticated'

export function withAuthenticatedGroup(user: UserInfo): UserInfo {
  if (user.groups.includes(authenticatedGroup) || user.groups.includes('system:unauthenticated')) return user
  return { ...user, groups: [...user.groups, authenticatedGroup] }
}
