import type { CallOptions, ListScope, ObjectName, ResourceClient, WriteOptions } from '../machinery/client.ts'
import type { JsonObject, KubeList, KubeObject } from '../machinery/object.ts'
import type { ClusterClient, ClusterRequest } from './client.ts'
import { ClusterError } from './errors.ts'
import { ListWatch, type ListWatchOptions, type Query } from './list-watch.ts'

/** A kind as the cluster's paths name it. */
export interface ClusterResource {
  readonly group: string
  readonly version: string
  readonly plural: string
}

/** One resource of a kube-apiserver, as the syncer sees every object. */
export function resourceClient<T extends KubeObject>(
  client: ClusterClient,
  resource: ClusterResource,
  options: ListWatchOptions,
): ResourceClient<T> {
  const at = (place: Place, query: Query = {}): string => pathOf(resource, place) + queryText(query)
  const page = async (scope: ListScope, query: Query, signal?: AbortSignal): Promise<KubeList<T>> =>
    listOf<T>(
      await client.call({ method: 'GET', path: at(spaceOf(scope), { ...selectorsOf(scope), ...query }), signal }),
    )
  const put = async (object: T, subresource: string, write?: WriteOptions): Promise<T> => {
    const path = at({ ...placeOf(object), subresource }, writeQuery(write))
    return answered<T>(await client.call({ method: 'PUT', path, body: object, ...goingOut(write) }))
  }
  return {
    get: async (name, call) => answered<T>(await client.call({ method: 'GET', path: at(name), signal: call?.signal })),
    list: (scope, call) => wholeList((query) => page(scope, query, call?.signal)),
    watch: (scope, signal) => {
      const source = {
        list: (query: Query, until: AbortSignal) => page(scope, query, until),
        watch: (query: Query, until: AbortSignal) =>
          client.stream(at(spaceOf(scope), { ...selectorsOf(scope), ...query }), until),
      }
      return new ListWatch<T>(source, options).notices(signal)
    },
    create: async (object, write) => {
      const path = at(spaceOf(object.metadata), writeQuery(write))
      return answered<T>(await client.call({ method: 'POST', path, body: object, ...goingOut(write) }))
    },
    update: (object, write) => put(object, '', write),
    updateStatus: (object, write) => put(object, 'status', write),
    delete: async (name, { uid, resourceVersion, ...call } = {}) => {
      const preconditions = { ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) }
      const body = { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: 'Background', preconditions }
      await client.call({ method: 'DELETE', path: at(name), body, ...goingOut(call) })
    },
  }
}

/** Reads the metadata of one object: what else is in it does not cross the wire. */
export function metadataReader(
  client: ClusterClient,
  resource: ClusterResource,
): (at: ObjectName) => Promise<KubeObject> {
  const accept = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1'
  return async (at) => answered(await client.call({ method: 'GET', path: pathOf(resource, at), accept }))
}

/** Server-side apply. `force` takes fields over that others own; without it they are a Conflict. */
export type Apply<T> = (object: T, options: ApplyOptions) => Promise<T>

export interface ApplyOptions extends WriteOptions {
  readonly force: boolean
}

export function applyCall<T extends KubeObject>(client: ClusterClient, resource: ClusterResource): Apply<T> {
  return async (body, { fieldManager, force, signal }) => {
    const path = pathOf(resource, placeOf(body)) + queryText({ fieldManager, force: String(force) })
    return answered<T>(
      await client.call({ method: 'PATCH', path, body, signal, contentType: 'application/apply-patch+yaml' }),
    )
  }
}

interface Place {
  readonly namespace?: string
  readonly name?: string
  readonly subresource?: string
}

export function pathOf({ group, version, plural }: ClusterResource, { namespace, name, subresource }: Place): string {
  const segments = [
    ...(group === '' ? ['api'] : ['apis', group]),
    version,
    ...(namespace === undefined ? [] : ['namespaces', namespace]),
    plural,
    ...(name === undefined ? [] : [name]),
    ...(subresource ? [subresource] : []),
  ]
  // An empty or dotted segment would name another resource than the one that is meant.
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..')) {
    throw new ClusterError('cluster-answer', `${plural}: an object without a name`)
  }
  return `/${segments.map(encodeURIComponent).join('/')}`
}

export function queryText(query: Query): string {
  const text = new URLSearchParams(query).toString()
  return text === '' ? '' : `?${text}`
}

function spaceOf({ namespace }: { readonly namespace?: string }): Place {
  return namespace === undefined ? {} : { namespace }
}

function placeOf({ metadata }: KubeObject): ObjectName {
  return { ...spaceOf(metadata), name: metadata.name ?? '' }
}

function selectorsOf({ labelSelector, fieldSelector }: ListScope): Query {
  return { ...(labelSelector && { labelSelector }), ...(fieldSelector && { fieldSelector }) }
}

function goingOut({ signal, begins }: CallOptions = {}): Pick<ClusterRequest, 'signal' | 'begins'> {
  return { signal, begins }
}

function writeQuery(write: WriteOptions | undefined): Query {
  return write === undefined ? {} : { fieldManager: write.fieldManager }
}

const pageLimit = 500

/** All pages of a list. */
export async function wholeList<T extends KubeObject>(
  page: (query: Query) => Promise<KubeList<T>>,
): Promise<KubeList<T>> {
  const limit = String(pageLimit)
  const first = await page({ limit })
  const items = [...first.items]
  let { metadata } = first
  while (metadata.continue) {
    const next = await page({ limit, continue: metadata.continue })
    for (const item of next.items) items.push(item)
    metadata = next.metadata
  }
  return { ...first, metadata: { resourceVersion: metadata.resourceVersion }, items }
}

function answered<T extends KubeObject>(object: JsonObject): T {
  if (typeof object['metadata'] !== 'object' || object['metadata'] === null) {
    throw new ClusterError('cluster-answer', 'the answer is not an object with metadata')
  }
  return object as unknown as T
}

/** Items of the cluster's own kinds come without apiVersion and kind: those of the list say them. */
export function listOf<T extends KubeObject>(answer: JsonObject): KubeList<T> {
  const { apiVersion, kind, metadata, items } = answer
  const meta = metadata as KubeList['metadata'] | undefined
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || typeof meta?.resourceVersion !== 'string') {
    throw new ClusterError('cluster-answer', 'the answer is not a list')
  }
  const all = (Array.isArray(items) ? items : []) as unknown as readonly T[]
  const itemKind = kind.replace(/List$/, '')
  return { apiVersion, kind, metadata: meta, items: all.map((item) => ({ ...item, apiVersion, kind: itemKind })) }
}
