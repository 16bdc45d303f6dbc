import { parseApiVersion } from '../machinery/group-version.ts'
import type { JsonObject } from '../machinery/object.ts'
import { isStatusReason } from '../machinery/status.ts'
import type { ClusterClient } from './client.ts'
import type { ClusterResource } from './resource-client.ts'

interface GroupVersionKind {
  readonly apiVersion: string
  readonly kind: string
}

/** What objects of that kind need to be kept by. */
const verbs = ['get', 'create', 'update', 'delete']

/** The namespaced resource of a kind, as the discovery of the cluster names it; undefined when there is none. */
export async function discoveredResource(
  client: ClusterClient,
  { apiVersion, kind }: GroupVersionKind,
): Promise<ClusterResource | undefined> {
  const place = parseApiVersion(apiVersion)
  if (place === undefined || !isName(place.group || 'core') || !isName(place.version)) return undefined
  const { group, version } = place
  const path = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
  const resources = await resourcesAt(client, path)
  const plural = resources.find((one) => one['kind'] === kind && isTarget(one))?.['name']
  return typeof plural === 'string' ? { group, version, plural } : undefined
}

/** What else would be another path. */
function isName(text: string): boolean {
  return /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(text) && !text.includes('..')
}

/** What discovery says of a version of a group; nothing of one that is not served. */
export async function resourcesAt(
  client: ClusterClient,
  path: string,
  signal?: AbortSignal,
): Promise<readonly JsonObject[]> {
  try {
    const { resources } = await client.call({ method: 'GET', path, signal })
    return Array.isArray(resources) ? (resources as readonly JsonObject[]) : []
  } catch (error) {
    if (isStatusReason(error, 'NotFound')) return []
    throw error
  }
}

/** A subresource has a slash in its name. */
function isTarget({ name, namespaced, verbs: known }: JsonObject): boolean {
  if (typeof name !== 'string' || name.includes('/') || namespaced !== true || !Array.isArray(known)) return false
  return verbs.every((verb) => known.includes(verb))
}
