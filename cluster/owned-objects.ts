import type { ObjectMeta } from '../machinery/object.ts'
import type { ClusterClient } from './client.ts'
import { type ClusterResource, pathOf } from './resource-client.ts'

/** The metadata of every object of all namespaces: what else is in them does not cross the wire. */
export async function listMetadata(
  client: ClusterClient,
  resource: ClusterResource,
  labelSelector = '',
): Promise<readonly ObjectMeta[]> {
  const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1'
  const found: ObjectMeta[] = []
  let token = ''
  do {
    const query = new URLSearchParams({ limit: '500', labelSelector, continue: token })
    const answer = await client.call({ method: 'GET', path: `${pathOf(resource, {})}?${query.toString()}`, accept })
    const { metadata, items = [] } = answer as unknown as PartialList
    for (const item of items) found.push(item.metadata)
    token = metadata?.continue ?? ''
  } while (token !== '')
  return found
}

/** A Conflict when the object is no longer as it was listed. */
export async function patchOwners(
  client: ClusterClient,
  resource: ClusterResource,
  { namespace = '', name = '', uid, resourceVersion, ownerReferences = [] }: ObjectMeta,
): Promise<void> {
  await client.call({
    method: 'PATCH',
    path: `${pathOf(resource, { namespace, name })}?fieldManager=external-secrets`,
    contentType: 'application/merge-patch+json',
    accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
    body: { metadata: { uid, resourceVersion, ownerReferences } },
  })
}

interface PartialList {
  readonly metadata?: { readonly continue?: string }
  readonly items?: readonly { readonly metadata: ObjectMeta }[]
}
