import { type GroupVersion, parseApiVersion } from '../machinery/group-version.ts'
import type { JsonObject } from '../machinery/object.ts'
import { isStatusReason, StatusError } from '../machinery/status.ts'
import type { ClusterClient } from './client.ts'
import type { ClusterResource } from './resource-client.ts'

interface GroupVersionKind {
  readonly apiVersion: string
  readonly kind: string
}

export interface DiscoveredKind extends ClusterResource {
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
  const resources = await resourcesAt(client, pathOf(place))
  const plural = resources.find((one) => one['kind'] === kind && isTarget(one))?.['name']
  return typeof plural === 'string' ? { group, version, plural } : undefined
}

export interface DiscoveredKinds {
  readonly kinds: readonly DiscoveredKind[]
  /** Groups whose server does not answer. */
  readonly silent: readonly string[]
}

/** Every namespaced kind that values may be written to, each at the version that the cluster prefers. */
export async function discoveredKinds(client: ClusterClient): Promise<DiscoveredKinds> {
  const { groups } = await client.call({ method: 'GET', path: '/apis' })
  const places = [
    { group: '', version: 'v1' },
    ...(Array.isArray(groups) ? (groups as JsonObject[]) : []).map(preferredOf),
  ]
  const kinds: DiscoveredKind[] = []
  const silent: string[] = []
  for (const place of places) {
    const found = await kindsAt(client, place)
    if (found === undefined) silent.push(place.group)
    else kinds.push(...found)
  }
  return { kinds, silent }
}

function preferredOf({ name, preferredVersion }: JsonObject): GroupVersion {
  const { version } = (preferredVersion ?? {}) as JsonObject
  return { group: textOf(name), version: textOf(version) }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** Undefined when it cannot be had now. */
async function kindsAt(client: ClusterClient, place: GroupVersion): Promise<readonly DiscoveredKind[] | undefined> {
  try {
    const resources = await resourcesAt(client, pathOf(place))
    const listed = resources.filter((one) => isTarget(one) && offers(one, ['list', 'patch']))
    return listed.map(({ name, kind }) => ({ ...place, plural: textOf(name), kind: textOf(kind) }))
  } catch (error) {
    if (error instanceof StatusError && (error.code >= 500 || error.code === 404)) return undefined
    throw error
  }
}

function pathOf({ group, version }: GroupVersion): string {
  return group === '' ? `/api/${version}` : `/apis/${group}/${version}`
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
function isTarget(resource: JsonObject): boolean {
  const { name, namespaced } = resource
  return typeof name === 'string' && !name.includes('/') && namespaced === true && offers(resource, verbs)
}

function offers({ verbs: known }: JsonObject, wanted: readonly string[]): boolean {
  return Array.isArray(known) && wanted.every((verb) => known.includes(verb))
}
