import { type FieldError, forbiddenField } from '../../machinery/field-error.ts'
import type { ExternalSecretSpec } from './v1.ts'

/** What the schema has and this release does not do yet. A capability that comes deletes its line. */
export function notServedYet({ data = [], dataFrom = [], target }: ExternalSecretSpec): readonly FieldError[] {
  return [
    ...data.flatMap(({ sourceRef }, index) => generator(`spec.data[${index}]`, sourceRef)),
    ...dataFrom.flatMap(({ sourceRef }, index) => generator(`spec.dataFrom[${index}]`, sourceRef)),
    ...absent('spec.target.manifest', target?.manifest, 'the target is a Secret; leave the manifest out'),
  ]
}

function generator(entry: string, source: { readonly generatorRef?: unknown } | undefined): FieldError[] {
  return absent(
    `${entry}.sourceRef.generatorRef`,
    source?.generatorRef,
    'values come from SecretStore and ClusterSecretStore',
  )
}

function absent(field: string, value: unknown, served: string): FieldError[] {
  return value === undefined ? [] : [forbiddenField(field, `not served yet: ${served}`)]
}
