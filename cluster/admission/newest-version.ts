import type { ResourceClient, WatchNotice } from '../../machinery/client.ts'
import type { KubeObject } from '../../machinery/object.ts'
import { isStatusReason } from '../../machinery/status.ts'
import { notFound, serviceUnavailable } from '../../machinery/status-errors.ts'
import type { ClusterClient } from '../client.ts'
import { resourcesAt } from '../discovered-resource.ts'
import type { ListWatchOptions } from '../list-watch.ts'
import { resourceClient } from '../resource-client.ts'

/** What has the same shape in several versions. */
export interface VersionedResource {
  readonly group: string
  readonly plural: string
  /** The best first. */
  readonly versions: readonly string[]
}

/**
 * Follows a resource in the first of its versions that the cluster serves: an upgrade changes it under a running
 * server. NotFound means that none is served. The watch ends when it is another one; who follows begins it anew then.
 */
export function newestVersion<T extends KubeObject>(
  client: ClusterClient,
  resource: VersionedResource,
  options: ListWatchOptions,
): Pick<ResourceClient<T>, 'watch'> {
  return { watch: (scope, signal) => watched<T>({ client, resource, options }, scope, signal) }
}

interface Following {
  readonly client: ClusterClient
  readonly resource: VersionedResource
  readonly options: ListWatchOptions
}

async function* watched<T extends KubeObject>(
  following: Following,
  scope: Parameters<ResourceClient<T>['watch']>[0],
  signal: AbortSignal,
): AsyncGenerator<readonly WatchNotice<T>[]> {
  const { client, resource, options } = following
  const { group, plural } = resource
  const version = await servedVersion(following, signal)
  if (version === undefined) throw notFound({ group, resource: plural }, '')
  const [over, outdated] = [new AbortController(), new AbortController()]
  const looking = untilAnother(following, version, AbortSignal.any([over.signal, signal])).then((isAnother) => {
    if (isAnother) outdated.abort()
  })
  try {
    const own = resourceClient<T>(client, { group, version, plural }, options)
    yield* own.watch(scope, AbortSignal.any([signal, outdated.signal]))
  } catch (error) {
    // While a control plane is upgraded one server says what another does not know yet: that is no word about objects.
    throw isStatusReason(error, 'NotFound') ? serviceUnavailable(`${plural}: not there in ${version}`) : error
  } finally {
    over.abort()
    await looking
  }
}

async function servedVersion(
  { client, resource }: Following,
  signal: AbortSignal,
): Promise<VersionedResource['versions'][number] | undefined> {
  for (const version of resource.versions) {
    const resources = await resourcesAt(client, `/apis/${resource.group}/${version}`, signal)
    if (resources.some(({ name }) => name === resource.plural)) return version
  }
  return undefined
}

const lookPeriodMs = 300_000

/** Resolves with false when `signal` aborts. */
async function untilAnother(following: Following, version: string, signal: AbortSignal): Promise<boolean> {
  const { clock } = following.options
  while (!signal.aborted) {
    await clock.sleep(lookPeriodMs, signal).catch(() => undefined)
    // Who cannot be asked says nothing new.
    const now = await servedVersion(following, signal).catch(() => version)
    if (now !== version && !signal.aborted) return true
  }
  return false
}
