import { assumedRole } from '../aws-identity/login.ts'
import type { RoleWish } from '../aws-identity/role-assumer.ts'
import type { ConnectContext } from '../provider.ts'
import type { AwsSpec } from './spec.ts'

/** Only the last role, `role`, has an external ID and session tags (eso-inventory.md 4.3). */
export function rolesOf(spec: AwsSpec, context: ConnectContext): readonly RoleWish[] {
  const first = (spec.additionalRoles ?? []).map((RoleArn) => ({ RoleArn }))
  const last = assumedRole(spec.role, spec.externalID).map((role) => ({ ...role, ...tagging(spec, context) }))
  return [...first, ...last]
}

function tagging(spec: AwsSpec, context: ConnectContext): Pick<RoleWish, 'Tags' | 'TransitiveTagKeys'> {
  const tags = sessionTags(spec, context)
  const transitive = spec.transitiveTagKeys ?? []
  if (tags.length === 0) return {}
  return { Tags: tags, ...(transitive.length > 0 && { TransitiveTagKeys: [...transitive] }) }
}

function sessionTags(spec: AwsSpec, { store, references }: ConnectContext): { Key: string; Value: string }[] {
  const policy = spec.sessionTagsPolicy ?? 'None'
  if (policy === 'None') return (spec.sessionTags ?? []).map(({ key, value }) => ({ Key: key, Value: value }))
  const namespace = store.namespace ?? references.consumerNamespace() ?? ''
  const own = { esoNamespace: namespace, esoStoreName: store.name, esoStoreKind: store.kind }
  const custom = policy === 'Custom' ? (spec.customSessionTags ?? {}) : {}
  return Object.entries({ ...custom, ...own }).map(([Key, Value]) => ({ Key, Value }))
}
