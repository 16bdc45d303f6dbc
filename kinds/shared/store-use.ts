import type { Reference } from '../../apiserver/registry/kind.ts'

/** The right to use the store that a reference names; none where it names none, which no store answers to. */
export function storeUse(
  ref: { readonly kind?: string; readonly name?: string } | undefined,
  namespace: string,
): readonly Reference[] {
  if (ref?.name === undefined || ref.name === '') return []
  const { name } = ref
  return ref.kind === 'ClusterSecretStore'
    ? [{ verb: 'use', group, resource: 'clustersecretstores', name, asked: 'always' }]
    : [{ verb: 'use', group, resource: 'secretstores', namespace, name, asked: 'always' }]
}

const group = 'external-secrets.io'
