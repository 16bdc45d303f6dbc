import type { MaybePromise } from '../../base/waiting/maybe-promise.ts'
import type { UserInfo } from '../request-context.ts'
import type { Authenticator, Credentials, Identity } from './authenticator.ts'

/**
 * The first who knows the client wins, whatever others refused before. A client whose credentials were all refused is
 * never anonymous.
 */
export function union(authenticators: readonly Authenticator[]): Authenticator {
  const known = new WeakMap<UserInfo, UserInfo>()
  const userOf = (found: UserInfo): UserInfo => {
    let user = known.get(found)
    if (user === undefined) known.set(found, (user = withAuthenticatedGroup(found)))
    return user
  }
  const named = (identity: Identity): Identity => (isUser(identity) ? userOf(identity) : identity)
  return (credentials) => {
    const found = ask(authenticators, credentials, undefined)
    return found instanceof Promise ? found.then(named) : named(found)
  }
}

/** `before` is what those said who were asked already. */
function ask(
  authenticators: readonly Authenticator[],
  credentials: Credentials,
  before: Identity,
): MaybePromise<Identity> {
  let identity = before
  for (let index = 0; index < authenticators.length; index += 1) {
    const found = (authenticators[index] as Authenticator)(credentials)
    if (found instanceof Promise) {
      return askLater(authenticators.slice(index + 1), credentials, { asked: found, before: identity })
    }
    if (isUser(found)) return found
    identity = found ?? identity
  }
  return identity
}

async function askLater(
  authenticators: readonly Authenticator[],
  credentials: Credentials,
  { asked, before }: { readonly asked: Promise<Identity>; readonly before: Identity },
): Promise<Identity> {
  const found = await asked
  return isUser(found) ? found : ask(authenticators, credentials, found ?? before)
}

function isUser(identity: Identity): identity is UserInfo {
  return identity !== undefined && identity !== 'refused'
}

/** Who sends no credentials at all. */
export const anonymous: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'], extra: {} }

const authenticatedGroup = 'system:authenticated'

export function withAuthenticatedGroup(user: UserInfo): UserInfo {
  if (user.groups.includes(authenticatedGroup) || user.groups.includes('system:unauthenticated')) return user
  return { ...user, groups: [...user.groups, authenticatedGroup] }
}
