import type { Event } from '../../kinds/core/event/v1.ts'
import type { Manifest, SyncCluster } from './sync-cluster.ts'

const v1 = 'external-secrets.io/v1'

export function namespace(name: string): Manifest {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }
}

export function credentials(namespace: string, token: string): Manifest {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'credentials', namespace }, stringData: { token } }
}

export function aStore(values: Readonly<Record<string, string>>): Manifest {
  const data = Object.entries(values).map(([key, value]) => ({ key, value }))
  return {
    apiVersion: v1,
    kind: 'SecretStore',
    metadata: { name: 's', namespace: 'a' },
    spec: { provider: { fake: { data } } },
  }
}

export function anExternalSecret(name: string, spec: object = {}, namespace = 'a'): Manifest {
  const data = [{ secretKey: 'a', remoteRef: { key: 'k' } }]
  return {
    apiVersion: v1,
    kind: 'ExternalSecret',
    metadata: { name, namespace },
    spec: { secretStoreRef: { name: 's' }, data, ...spec },
  }
}

export function path(plural: string, name: string, namespace = 'a'): string {
  const root = plural === 'secrets' ? '/api/v1' : `/apis/${v1}`
  return `${root}/namespaces/${namespace}/${plural}/${name}`
}

/** What matters of a Secret, as text; undefined when there is none. */
export async function secret(cluster: SyncCluster, name: string, namespace = 'a'): Promise<string | undefined> {
  const found = await cluster.read(path('secrets', name, namespace))
  if ((found['kind'] as unknown) !== 'Secret') return undefined
  const { labels, annotations, ownerReferences } = found['metadata'] ?? {}
  const sorted = (map: object | undefined): unknown => Object.entries(map ?? {}).sort()
  return JSON.stringify([found['data'], sorted(labels), sorted(annotations), ownerReferences])
}

export async function status(cluster: SyncCluster, name: string): Promise<string | undefined> {
  return JSON.stringify((await cluster.read(path('externalsecrets', name)))['status'])
}

export async function events(cluster: SyncCluster): Promise<string[]> {
  const { items } = (await cluster.read('/api/v1/namespaces/a/events')) as unknown as { items: Event[] }
  const ours = items.filter(({ source }) => source?.component === 'external-secrets')
  return ours.map(({ type, reason, message }) => `${type} ${reason} ${message}`).sort()
}

export async function told(cluster: SyncCluster, texts: readonly string[]): Promise<boolean> {
  const all = (await events(cluster)).join('\n')
  return texts.every((text) => all.includes(text))
}

export function annotated(name: string, value: string): object {
  return { metadata: { annotations: { [name]: value } } }
}

export function encoded(text: string): string {
  return Buffer.from(text).toString('base64')
}
