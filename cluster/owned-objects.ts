import type { ObjectMeta } from '../machinery/object.ts'
import type { ClusterClient } from './client.ts'
import { type ClusterResource, listOf, pathOf, queryText, wholeList } from './resource-client.ts'

/** The metadata of every object of all namespaces: what else is in them does not cross the wire. */
export async function listMetadata(
  client: ClusterClient,
  resource: ClusterResource,
  labelSelector = '',
): Promise<readonly ObjectMeta[]> {
  const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1'
  const { items } = await wholeList(async (query) => {
    const path = pathOf(resource, {}) + queryText({ ...query, ...(labelSelector && { labelSelector }) })
    return listOf(await client.call({ method: 'GET', path, accept }))
  })
  return items.map(({ metadata }) => metadata)
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
