import type { ExternalSecret } from '../../kinds/external-secret/v1.ts'

/** What spec.target says of the Secret, with the defaults of the API. */
export function targetNameOf({ metadata, spec }: ExternalSecret): string {
  return spec.target?.name ?? metadata.name ?? ''
}

export function creationPolicyOf({ spec }: ExternalSecret): 'Owner' | 'Orphan' | 'Merge' | 'None' | 'CreateOrMerge' {
  return spec.target?.creationPolicy ?? 'Owner'
}

export function deletionPolicyOf({ spec }: ExternalSecret): 'Delete' | 'Merge' | 'Retain' {
  return spec.target?.deletionPolicy ?? 'Retain'
}

export function isOwnerPolicy(externalSecret: ExternalSecret): boolean {
  return creationPolicyOf(externalSecret) === 'Owner'
}

/** Under Owner and Orphan the whole Secret is ours; else only the keys that we wrote. */
export function mergesIntoTarget(externalSecret: ExternalSecret): boolean {
  return ['Merge', 'CreateOrMerge'].includes(creationPolicyOf(externalSecret))
}
