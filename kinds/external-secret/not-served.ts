import { type FieldError, forbiddenField } from '../../machinery/field-error.ts'
import type { ExternalSecretSpec } from './v1.ts'

/** What the schema has and this release does not do yet. A capability that comes deletes its line. */
export function notServedYet({ target }: ExternalSecretSpec): readonly FieldError[] {
  return [...absent('spec.target.manifest', target?.manifest, 'the target is a Secret; leave the manifest out')]
}

function absent(field: string, value: unknown, served: string): FieldError[] {
  return value === undefined ? [] : [forbiddenField(field, `not served yet: ${served}`)]
}
