import type { Reference } from '../../apiserver/registry/kind.ts'

/** The right to use the store that a reference names; none where it names none, which no store answers to. */
export function storeUse(
  ref: { readonly kind?: string; readonly name?: string } | undefined,
  namespace: string,
): readonly Reference[] {
  if (ref?.name === undefined || ref.name === '') return []
  const right = { verb: 'use', group: 'external-secrets.io', name: ref.name, asked: 'always' } as const
  return ref.kind === 'ClusterSecretStore'
    ? [{ ...right, resource: 'clustersecretstores' }]
    : [{ ...right, resource: 'secretstores', namespace }]
}
