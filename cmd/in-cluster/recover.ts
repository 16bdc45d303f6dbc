import { systemClock as clock } from '../../base/clock.ts'
import { silentLogger as log } from '../../base/log.ts'
import { listMetadata, patchOwners } from '../../cluster/owned-objects.ts'
import { type ConfigMap, StoreConfigMap } from '../../cluster/store-identity/store-config-map.ts'
import type { ObjectMeta, OwnerReference } from '../../machinery/object.ts'
import { isStatusReason, StatusError } from '../../machinery/status.ts'
import { managedSelector } from '../../syncer/target/marks.ts'
import { UsageError } from '../errors.ts'
import { type Options, parseOptions } from '../options.ts'
import { type Cluster, openCluster } from '../parts/cluster/cluster.ts'
import { ownNamespace } from '../parts/cluster/own-namespace.ts'
import type { Terminal } from '../terminal.ts'

/**
 * For a store that is lost, while nothing is served yet: takes the owner away from Secrets whose ExternalSecret is not
 * known, so that the garbage collector leaves them alone. When their ExternalSecrets return, they are owned anew by
 * their marks. An operator runs it, with rights of his own: the server may not list Secrets.
 */
export async function recover(args: readonly string[], terminal: Terminal): Promise<number> {
  const options = parseOptions(args)
  await using cluster = await openCluster({ options, clock, log })
  const known = await knownOwners(options, cluster)
  const counts = { freed: 0, gone: 0, changed: 0 }
  for (const found of await listMetadata(cluster.patientCalls, secrets, managedSelector)) {
    const owners = found.ownerReferences ?? []
    const kept = owners.filter((owner) => !isExternalSecret(owner) || known.has(owner.uid))
    if (kept.length === owners.length) continue
    const outcome = await free(cluster, found, kept)
    counts[outcome] += 1
    if (outcome === 'freed') terminal.print(`Secret ${found.namespace ?? ''}/${found.name ?? ''}: owner taken away\n`)
  }
  terminal.print(`${counts.freed} Secrets had owners that are not known; none was deleted\n`)
  if (counts.changed > 0) terminal.print(`${counts.changed} changed meanwhile: run it again\n`)
  return counts.changed > 0 ? 1 : 0
}

const secrets = { group: '', version: 'v1', plural: 'secrets' }
const externalSecrets = { group: 'external-secrets.io', version: 'v1', plural: 'externalsecrets' }

/** Of a store that is refused nobody is known: whoever is in it all the same owns its Secret anew once it is served. */
async function knownOwners(options: Options, cluster: Cluster): Promise<ReadonlySet<string>> {
  const configMaps = cluster.prompt<ConfigMap>('', 'configmaps')
  const { refused } = await new StoreConfigMap(configMaps, await ownNamespace(options)).read()
  if (refused !== undefined) return new Set()
  const all = await listMetadata(cluster.patientCalls, externalSecrets).catch((error: unknown) => {
    if (!(error instanceof StatusError)) throw error
    throw new UsageError(`the cluster does not say which ExternalSecrets there are (${error.reason}): start the server`)
  })
  return new Set(all.map(({ uid = '' }) => uid))
}

function isExternalSecret({ apiVersion, kind }: OwnerReference): boolean {
  return kind === 'ExternalSecret' && apiVersion.startsWith('external-secrets.io/')
}

/** As it was listed or not at all: whoever wrote it meanwhile may have given it an owner that is known. */
async function free(
  cluster: Cluster,
  found: ObjectMeta,
  kept: readonly OwnerReference[],
): Promise<'freed' | 'gone' | 'changed'> {
  try {
    await patchOwners(cluster.patientCalls, secrets, { ...found, ownerReferences: kept })
    return 'freed'
  } catch (error) {
    if (isStatusReason(error, 'NotFound')) return 'gone'
    if (isStatusReason(error, 'Conflict')) return 'changed'
    throw error
  }
}
