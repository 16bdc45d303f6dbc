import type { KindDeclaration } from '../../apiserver/registry/kind.ts'
import { object } from '../../machinery/schema/builder.ts'
import { generatorSchemas, type GeneratorKind } from '../../providers/generators/specs.ts'

/** Every generator is declared alike: a spec, which its provider reads, and nothing that anybody writes back. */
export function generatorKind(kind: GeneratorKind): KindDeclaration {
  const spec = generatorSchemas[kind]
  return {
    group: generatorGroup,
    names: { kind, plural: `${kind.toLowerCase()}s`, categories: generatorCategories },
    scope: 'namespaced',
    versions: { v1alpha1: { schema: object(spec.description ?? kind, { spec }) } },
    storageVersion: 'v1alpha1',
    subresources: ['status'],
    defaults: 'virtual',
  }
}

export const generatorGroup = 'generators.external-secrets.io'

export const generatorCategories = ['external-secrets', 'external-secrets-generators'] as const
