const resources: Readonly<Record<string, { readonly base: string; readonly plural: string; readonly cluster?: true }>> =
  {
    ExternalSecret: { base: '/apis/external-secrets.io/v1', plural: 'externalsecrets' },
    SecretStore: { base: '/apis/external-secrets.io/v1', plural: 'secretstores' },
    ClusterSecretStore: { base: '/apis/external-secrets.io/v1', plural: 'clustersecretstores', cluster: true },
    ClusterGenerator: {
      base: '/apis/generators.external-secrets.io/v1alpha1',
      plural: 'clustergenerators',
      cluster: true,
    },
    Secret: { base: '/api/v1', plural: 'secrets' },
    ConfigMap: { base: '/api/v1', plural: 'configmaps' },
    ServiceAccount: { base: '/api/v1', plural: 'serviceaccounts' },
    Namespace: { base: '/api/v1', plural: 'namespaces', cluster: true },
  }

const generators = '/apis/generators.external-secrets.io/v1alpha1'

/** Where objects of a kind are created. */
export function collectionOf(kind: string, namespace: string): string {
  const resource = resources[kind] ?? { base: generators, plural: `${kind.toLowerCase()}s` }
  return resource.cluster
    ? `${resource.base}/${resource.plural}`
    : `${resource.base}/namespaces/${namespace}/${resource.plural}`
}

/** `Kind/name`, with `Kind/namespace/name` for another namespace. */
export function objectPathOf(target: string, namespace: string): string {
  const [kind = '', ...rest] = target.split('/')
  const name = rest.at(-1) ?? ''
  return `${collectionOf(kind, rest.length > 1 ? (rest[0] ?? '') : namespace)}/${name}`
}
