import { groupsOf } from '../../apiserver/discovery/groups.ts'
import { systemClock as clock } from '../../base/clock.ts'
import { silentLogger as log } from '../../base/log.ts'
import { listMetadata } from '../../cluster/owned-objects.ts'
import { kinds } from '../../kinds/catalog.gen.ts'
import type { OwnerReference } from '../../machinery/object.ts'
import { StatusError } from '../../machinery/status.ts'
import { managedSelector } from '../../syncer/target/marks.ts'
import { UsageError } from '../errors.ts'
import { type Options, parseOptions } from '../options.ts'
import { type Cluster, openCluster } from '../parts/cluster/cluster.ts'
import { storePage } from '../parts/cluster/store-page.ts'
import type { Terminal } from '../terminal.ts'
import { freeKinds, targetKinds } from './free-kinds.ts'

/**
 * For a store that is lost, while nothing is served yet: takes the owner away from Secrets, and from targets of other
 * kinds, whose ExternalSecret is not known, so that the garbage collector leaves them alone. When their ExternalSecrets
 * return, they are owned anew by their marks. An operator runs it, with rights of his own: the server may list none.
 */
export async function recover(args: readonly string[], terminal: Terminal): Promise<number> {
  const options = parseOptions(args)
  await using cluster = await openCluster({ options, clock, log })
  const known = await knownOwners(options, cluster)
  const isTakenAway = (owner: OwnerReference): boolean => isExternalSecret(owner) && !known.has(owner.uid)
  const freeing = { cluster, ours: ourGroups, secretSelector: managedSelector, isTakenAway, terminal }
  const { freed, changed } = await freeKinds(freeing, await targetKinds(freeing))
  terminal.print(`${freed} objects had owners that are not known; none was deleted\n`)
  if (changed > 0) terminal.print(`${changed} changed meanwhile: run it again\n`)
  return changed > 0 ? 1 : 0
}

const ourGroups = new Set(groupsOf(kinds).map(({ name }) => name))
const externalSecrets = { group: 'external-secrets.io', version: 'v1', plural: 'externalsecrets' }

/** Of a store that is refused nobody is known: whoever is in it all the same owns its Secret anew once it is served. */
async function knownOwners(options: Options, cluster: Cluster): Promise<ReadonlySet<string>> {
  const { refused } = await storePage(options, cluster).read()
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
