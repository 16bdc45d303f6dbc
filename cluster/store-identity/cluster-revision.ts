import type { ClusterClient } from '../client.ts'
import { ClusterError } from '../errors.ts'

/** Where the cluster's own storage is now: a number that grows with every write to it. */
export async function clusterRevision(client: ClusterClient): Promise<number> {
  const path = '/api/v1/namespaces?limit=1'
  const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1'
  const { metadata } = await client.call({ method: 'GET', path, accept })
  const text = (metadata as { readonly resourceVersion?: unknown } | undefined)?.resourceVersion
  const revision = typeof text === 'string' && /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (!Number.isSafeInteger(revision)) throw new ClusterError('cluster-answer', 'a resourceVersion that is no number')
  return revision
}
