import type { ResourceClient } from '../../../machinery/client.ts'
import type { KubeObject } from '../../../machinery/object.ts'
import { isStatusReason } from '../../../machinery/status.ts'
import { ClusterError } from '../../../cluster/errors.ts'

export interface PresentNamespaces {
  readonly cluster: string
  readonly namespaces: ReadonlyMap<string, PresentNamespace>
}

export interface PresentNamespace {
  readonly uid: string
  readonly creationTimestamp: string
}

/** All namespaces of the cluster; rejects for an answer that cannot be all of them. */
export async function presentNamespaces(client: ResourceClient<KubeObject>): Promise<PresentNamespaces> {
  const { items } = await client.list({})
  const namespaces = new Map(items.map((item) => [item.metadata.name ?? '', presentOf(item)]))
  const cluster = namespaces.get('kube-system')?.uid
  if (!cluster) throw new ClusterError('cluster-answer', 'a list of namespaces without kube-system')
  return { cluster, namespaces }
}

export async function presentNamespace(
  client: ResourceClient<KubeObject>,
  name: string,
): Promise<PresentNamespace | undefined> {
  try {
    return presentOf(await client.get({ name }))
  } catch (error) {
    if (isStatusReason(error, 'NotFound')) return undefined
    throw error
  }
}

/**
 * Whether an object lies in a namespace that is no longer the one it was made in. Two things have to say so: the uid
 * that was noted, and the age of the object. An object younger than the namespace was made in it, whatever is noted.
 */
export function isLeftOver({ noted, now, createdAt }: Judged): boolean {
  if (noted === undefined || noted === now?.uid) return false
  return now === undefined || (createdAt !== '' && createdAt < now.creationTimestamp)
}

interface Judged {
  /** The uid of the namespace when it was last written to. */
  readonly noted: string | undefined
  /** What has its name now. */
  readonly now: PresentNamespace | undefined
  readonly createdAt: string
}

function presentOf({ metadata }: KubeObject): PresentNamespace {
  return { uid: metadata.uid ?? '', creationTimestamp: metadata.creationTimestamp ?? '' }
}
