/** What the benchmark applies: five keys of each ExternalSecret over 200 remote keys of one fake store. */

const namespace = 'bench'
const remoteKeyCount = 200

export function namespaceManifest(): object {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }
}

/**
 * Of another controller at first: its ExternalSecrets wait without a sync, an event or a status, so that the verbs are
 * measured by themselves. `storeBecomesOurs` is the moment the syncs begin.
 */
export function storeManifest(): object {
  const data = Array.from({ length: remoteKeyCount }, (_, index) => ({
    key: `remote-${index}`,
    value: `value-of-${index}`,
  }))
  return {
    apiVersion: 'external-secrets.io/v1',
    kind: 'SecretStore',
    metadata: { name: 'store', namespace },
    spec: { controller: 'another', provider: { fake: { data } } },
  }
}

export const storeBecomesOurs = { spec: { controller: null } }

/** With five keys 1.0 kB of JSON as it is read, managedFields included; with sixteen 1.6 kB. */
export function externalSecretManifest(name: string, index: number, keyCount = 5): object {
  const data = Array.from({ length: keyCount }, (_, key) => ({
    secretKey: `key-${key}`,
    remoteRef: { key: `remote-${(index * keyCount + key) % remoteKeyCount}` },
  }))
  return {
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: { name, namespace, labels: { app: 'bench' } },
    spec: { refreshInterval: '1h', secretStoreRef: { kind: 'SecretStore', name: 'store' }, target: { name }, data },
  }
}

/** The Secret as the sync of an ExternalSecret writes it, for the comparison with bare creates. */
export function secretManifest(name: string): object {
  const data = Object.fromEntries(Array.from({ length: 5 }, (_, key) => [`key-${key}`, btoa(`value-of-${key}`)]))
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name,
      namespace,
      labels: {
        'reconcile.external-secrets.io/managed': 'true',
        'reconcile.external-secrets.io/created-by': 'f47fe3c0b255b6dd8047cdffa772587bb829efe7a1cb70febeda2eb2',
      },
      annotations: {
        'reconcile.external-secrets.io/data-hash': '9c0bfff0356efd80611a1ec73594c79465a0378528c732092a39b27c',
      },
    },
    type: 'Opaque',
    data,
  }
}

export const paths = {
  externalSecrets: `/apis/external-secrets.io/v1/namespaces/${namespace}/externalsecrets`,
  stores: `/apis/external-secrets.io/v1/namespaces/${namespace}/secretstores`,
  secrets: `/api/v1/namespaces/${namespace}/secrets`,
}
