import type { RoleWish } from '../aws-identity/role-assumer.ts'
import type { ConnectContext } from '../provider.ts'
import type { AwsSpec } from './spec.ts'

export const sessionName = 'external-secrets-provider-aws'

/** Only the last role, `role`, has an external ID and session tags (eso-inventory.md 4.3). */
export function rolesOf(spec: AwsSpec, context: ConnectContext): readonly RoleWish[] {
  const first: RoleWish[] = (spec.additionalRoles ?? []).map((RoleArn) => ({ RoleArn, RoleSessionName: sessionName }))
  if (spec.role === undefined || spec.role === '') return first
  const tags = sessionTags(spec, context)
  const transitive = spec.transitiveTagKeys ?? []
  return [
    ...first,
    {
      RoleArn: spec.role,
      RoleSessionName: sessionName,
      ...((spec.externalID ?? '') !== '' && { ExternalId: spec.externalID ?? '' }),
      ...(tags.length > 0 && { Tags: tags }),
      ...(tags.length > 0 && transitive.length > 0 && { TransitiveTagKeys: [...transitive] }),
    },
  ]
}

function sessionTags(spec: AwsSpec, { store, references }: ConnectContext): { Key: string; Value: string }[] {
  const policy = spec.sessionTagsPolicy ?? 'None'
  if (policy === 'None') return (spec.sessionTags ?? []).map(({ key, value }) => ({ Key: key, Value: value }))
  const namespace = store.namespace ?? references.consumerNamespace() ?? ''
  const own = { esoNamespace: namespace, esoStoreName: store.name, esoStoreKind: store.kind }
  const custom = policy === 'Custom' ? (spec.customSessionTags ?? {}) : {}
  return Object.entries({ ...custom, ...own }).map(([Key, Value]) => ({ Key, Value }))
}
