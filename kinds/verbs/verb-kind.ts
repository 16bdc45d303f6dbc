import type { KindDeclaration, ReviewPlace, Validation } from '../../apiserver/registry/kind.ts'
import type { Schema } from '../../machinery/schema/schema.ts'

interface Verb {
  readonly kind: string
  readonly plural: string
  readonly schema: Schema
  readonly at: readonly ReviewPlace[]
  readonly validate?: readonly Validation[]
}

/** What is asked at an object and never kept, with or without a body. Whoever is bound to the kind answers. */
export function verbKind({ kind, plural, schema, at, validate = [] }: Verb): KindDeclaration {
  return {
    group: 'external-secrets.io',
    names: { kind, plural },
    scope: 'namespaced',
    versions: { v1: { schema } },
    storageVersion: 'v1',
    defaults: 'stored',
    generation: 'none',
    validate,
    review: { at, isBodyOptional: true },
  }
}
