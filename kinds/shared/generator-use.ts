import type { Reference } from '../../apiserver/registry/kind.ts'

interface GeneratorRef {
  readonly apiVersion?: string
  readonly kind: string
  readonly name: string
}

/** The right to use the generator that a reference names; none where it names one of another group, which is none. */
export function generatorUse(ref: GeneratorRef | undefined, namespace: string): readonly Reference[] {
  if (ref === undefined || (ref.apiVersion ?? group).split('/')[0] !== group) return []
  const resource = `${ref.kind.toLowerCase()}s`
  const { kind, name } = ref
  return kind === 'ClusterGenerator'
    ? [{ verb: 'use', group, resource, name, asked: 'always' }]
    : [{ verb: 'use', group, resource, namespace, name, asked: 'always' }]
}

const group = 'generators.external-secrets.io'
