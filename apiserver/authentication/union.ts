import type { UserInfo } from '../request-context.ts'
import type { Authenticator } from './authenticator.ts'

/**
 * The first who knows the client wins, whatever others refused before. A client whose credentials were all refused is
 * never anonymous.
 */
export function union(authenticators: readonly Authenticator[]): Authenticator {
  return async (credentials) => {
    let refused: 'refused' | undefined
    for (const authenticate of authenticators) {
      const user = await authenticate(credentials)
      if (user === 'refused') refused = user
      else if (user !== undefined) return withAuthenticatedGroup(user)
    }
    return refused
  }
}

/** Who sends no credentials at all. */
export const anonymous: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'], extra: {} }

const authenticatedGroup = 'system:authenticated'

function withAuthenticatedGroup(user: UserInfo): UserInfo {
  if (user.groups.includes(authenticatedGroup) || user.groups.includes('system:unauthenticated')) return user
  return { ...user, groups: [...user.groups, authenticatedGroup] }
}
