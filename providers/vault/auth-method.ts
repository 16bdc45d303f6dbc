import type { VaultAuth } from './auth-schema.ts'

/** The served ways to log in, in ESO's order: the first that is set counts. */
export const servedMethods = [
  'tokenSecretRef',
  'appRole',
  'kubernetes',
  'ldap',
  'userPass',
  'jwt',
  'cert',
  'iam',
] as const

export function methodOf(auth: VaultAuth): (typeof servedMethods)[number] | undefined {
  return servedMethods.find((method) => auth[method] !== undefined)
}
