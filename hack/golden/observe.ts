import { type ApiClient, type Json, listOf } from '../../test/support/api-client.ts'
import type { ObservedEvent, ObservedExternalSecret, State } from './golden-case.ts'

export interface Scope {
  readonly namespace: string
  /** `Kind/name` of everything the case created. */
  readonly created: ReadonlySet<string>
  readonly clusterStores: ReadonlySet<string>
  /** Names of Secrets that an ExternalSecret of the case has, or had, for a target; `observe` adds to them. */
  readonly targets: Set<string>
  /** status.refreshTime of each ExternalSecret before the step. */
  readonly refreshTimes: ReadonlyMap<string, string>
}

const group = '/apis/external-secrets.io/v1'

/** What there is now, in the form of the recordings. */
export async function observe(api: ApiClient, scope: Scope): Promise<State> {
  const inNamespace = (resource: string): Promise<readonly Json[]> =>
    items(api, `${group}/namespaces/${scope.namespace}/${resource}`)
  const [externalSecrets, stores, clusterStores, secrets, events] = await Promise.all([
    inNamespace('externalsecrets'),
    inNamespace('secretstores'),
    items(api, `${group}/clustersecretstores`),
    items(api, `/api/v1/namespaces/${scope.namespace}/secrets`),
    items(api, '/api/v1/events'),
  ])
  for (const object of externalSecrets) {
    scope.targets.add(String(object['spec']?.['target']?.['name'] ?? nameOf(object)))
  }
  const shown = secrets.filter(
    (object) => scope.targets.has(nameOf(object)) || !scope.created.has(`Secret/${nameOf(object)}`),
  )
  const ownStores = [...stores, ...clusterStores.filter((object) => scope.clusterStores.has(nameOf(object)))]
  return {
    externalSecrets: byName(externalSecrets, (object) => externalSecretState(object, scope)),
    secrets: byName(shown, secretState),
    stores: byName(ownStores, (object) => (object['status'] ? { status: withoutTimes(object['status']) } : {})),
    events: distinct(events.filter((event) => concerns(event, scope)).map(eventState)),
  }
}

async function items(api: ApiClient, path: string): Promise<readonly Json[]> {
  const answer = await api.get(path)
  if (answer.status !== 200) throw new Error(`GET ${path} answered ${answer.status}`)
  return listOf(answer.json['items'])
}

export function nameOf(object: Json): string {
  return String(object['metadata']?.['name'])
}

function byName<T>(objects: readonly Json[], state: (object: Json) => T): Record<string, T> {
  return Object.fromEntries(objects.map((object) => [nameOf(object), state(object)]))
}

function externalSecretState(object: Json, scope: Scope): ObservedExternalSecret {
  const { generation, finalizers } = object['metadata'] as Json
  const before = scope.refreshTimes.get(nameOf(object))
  const refreshTime = object['status']?.['refreshTime']
  return {
    generation: Number(generation),
    ...(finalizers ? { finalizers: finalizers as unknown as string[] } : {}),
    ...(object['status'] ? { status: statusState(object['status']) } : {}),
    ...(before !== undefined && { refreshed: String(refreshTime) !== before }),
  }
}

function statusState(status: Json): Record<string, unknown> {
  const refreshTime = status['refreshTime'] ? { refreshTime: '<rfc3339>' } : {}
  return { ...withoutTimes(status), ...refreshTime }
}

/** A status without what differs from run to run: the times of its conditions. */
function withoutTimes(status: Json): Record<string, unknown> {
  const conditions = (status['conditions'] as readonly Json[] | undefined)?.map((condition) => {
    const { lastTransitionTime: _, ...rest } = condition as unknown as Record<string, unknown>
    return rest
  })
  return { ...(status as unknown as Record<string, unknown>), ...(conditions && { conditions }) }
}

function secretState(object: Json): Json {
  const { metadata, type, data, immutable } = object as unknown as Record<string, Json>
  const owners = (metadata?.['ownerReferences'] as readonly Json[] | undefined)?.map((owner) => {
    const { uid: _, ...rest } = owner as unknown as Record<string, unknown>
    return rest
  })
  const managedFields = (metadata?.['managedFields'] as readonly Json[] | undefined)?.map((entry) => ({
    manager: entry['manager'],
    operation: entry['operation'],
    fields: fieldKeys(entry['fieldsV1'] as unknown as FieldKeys, []),
  }))
  return {
    type,
    data: data ?? {},
    labels: metadata?.['labels'] ?? {},
    annotations: metadata?.['annotations'] ?? {},
    ...(owners && { ownerReferences: owners }),
    ...(managedFields && { managedFields: byManager(managedFields) }),
    ...(immutable !== undefined && { immutable }),
  } as unknown as Json
}

/** The API sorts the entries by time first, and the recording took longer than we do. */
export function byManager<T extends { readonly manager?: unknown; readonly operation?: unknown }>(
  entries: readonly T[],
): T[] {
  const name = ({ manager, operation }: T): string => `${manager} ${operation}`
  return entries.toSorted((left, right) => (name(left) < name(right) ? -1 : 1))
}

interface FieldKeys {
  readonly [key: string]: FieldKeys
}

/** FieldsV1 as lines: the keys from the root to each leaf, joined by blanks. */
function fieldKeys(fields: FieldKeys, path: readonly string[]): string[] {
  const entries = Object.entries(fields).map(
    ([key, below]) => [key.replace(/"uid":"[^"]*"/, '"uid":"<uuid>"'), below] as const,
  )
  return entries
    .flatMap(([key, below]) =>
      Object.keys(below).length === 0 ? [[...path, key].join(' ')] : fieldKeys(below, [...path, key]),
    )
    .sort()
}

function concerns(event: Json, scope: Scope): boolean {
  const about = event['involvedObject'] as Json
  if (String(about['kind']) === 'ClusterSecretStore') return scope.clusterStores.has(String(about['name']))
  return String(about['namespace']) === scope.namespace
}

function eventState(event: Json): ObservedEvent {
  const about = event['involvedObject'] as Json
  return {
    object: `${about['kind']}/${about['name']}`,
    type: String(event['type']),
    reason: String(event['reason']),
    message: String(event['message']),
  }
}

export function distinct(events: readonly ObservedEvent[]): ObservedEvent[] {
  return [...new Set(events.map((event) => JSON.stringify(event)))]
    .sort()
    .map((text) => JSON.parse(text) as ObservedEvent)
}
