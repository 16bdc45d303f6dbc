import type { ExternalSecret } from '../../kinds/external-secret/v1.ts'
import type { GroupVersionKind } from './target-resource.ts'

/** What spec.target says of the Secret, with the defaults of the API. */
export function targetNameOf({ metadata, spec }: ExternalSecret): string {
  return spec.target?.name ?? metadata.name ?? ''
}

/** The same for any two that write the same object of a namespace: no name of a Secret has a slash. */
export function targetKeyOf(externalSecret: ExternalSecret): string {
  const { manifest } = externalSecret.spec.target ?? {}
  return (manifest === undefined ? '' : prefixOf(manifest)) + targetNameOf(externalSecret)
}

/** What stands before the names of targets of that kind. */
export function prefixOf({ apiVersion, kind }: GroupVersionKind): string {
  return `${apiVersion}/${kind}/`
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
