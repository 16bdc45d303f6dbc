import { silentLogger as log } from '../../base/log.ts'
import { systemClock as clock } from '../../base/clock.ts'
import type { ApiService, Registration } from '../../cluster/registration/api-service.ts'
import { Registrar } from '../../cluster/registration/registrar.ts'
import { clusterRevision } from '../../cluster/store-identity/cluster-revision.ts'
import { storeConfigMapName } from '../../cluster/store-identity/store-config-map.ts'
import { kinds, testKinds } from '../../kinds/catalog.gen.ts'
import { isStatusReason } from '../../machinery/status.ts'
import { type Options, parseOptions } from '../options.ts'
import { type Cluster, openCluster } from '../parts/cluster/cluster.ts'
import { registrationOf, serviceOf } from '../parts/cluster/registration.ts'
import { storePage } from '../parts/cluster/store-page.ts'
import type { Terminal } from '../terminal.ts'
import { freeAll } from './free-all.ts'
import { registeredGroups } from './registered-groups.ts'
import { withTheLead } from './with-the-lead.ts'

/**
 * Takes the server out of the cluster's API, once it has stopped: an APIService without a server blocks the deletion of
 * every namespace. Owners of our kinds are taken away before: the garbage collector takes the 404 of an API that has
 * gone for the 404 of an owner. An operator runs it, with rights of his own: the server may not list Secrets.
 */
export async function uninstall(args: readonly string[], terminal: Terminal): Promise<number> {
  const options = parseOptions(args)
  await using cluster = await openCluster({ options, clock, log })
  const served = options.enableTestKinds ? [...kinds, ...testKinds] : kinds
  const registration = registrationOf(served, await serviceOf(options), '')
  const { leaving: groups, answered } = await registeredGroups(cluster, registration)
  if (answered !== undefined) {
    terminal.print(`a server answers for ${answered}: stop it first, so that nobody writes owners\n${stopping}`)
    return 1
  }
  const leaving = { registration, cluster, terminal }
  const leave = async (signal: AbortSignal): Promise<void> => {
    await freeAll({ cluster, leaving: groups, clock, terminal }, signal)
    await deregister(leaving)
  }
  if (!(await withTheLead({ options, cluster, clock }, leave))) {
    terminal.print(`another process keeps the Lease and may write owners: stop it first\n${stopping}`)
    return 1
  }
  await forgetStore(options, leaving)
  return 0
}

const stopping =
  'kubectl scale deployment -n external-secrets -l app.kubernetes.io/name=external-secrets-apiserver --replicas=0\n'

interface Leaving {
  readonly registration: Registration
  readonly cluster: Cluster
  readonly terminal: Terminal
}

async function deregister({ registration, cluster, terminal }: Leaving): Promise<void> {
  const apply = cluster.promptApply<ApiService>('apiregistration.k8s.io', 'apiservices')
  const apiServices = cluster.prompt<ApiService>('apiregistration.k8s.io', 'apiservices')
  const registrar = new Registrar({ apiServices, apply, wanted: () => registration, clock, log, periodMs: 0 })
  const removed = await registrar.remove()
  for (const name of removed) terminal.print(`APIService ${name} removed\n`)
  if (removed.length === 0) terminal.print('no APIService of this server is registered\n')
  terminal.print('the server, its Service and its volume can go now; what it wrote into Secrets stays\n')
}

/**
 * What is installed next begins anew. Who watched through us goes on in the cluster's own storage with a number of
 * ours: blind, if that is its future.
 */
async function forgetStore(options: Options, { cluster, terminal }: Leaving): Promise<void> {
  const page = storePage(options, cluster)
  const where = `ConfigMap ${options.storeIdentityNamespace}/${storeConfigMapName}`
  try {
    const { record } = await page.read()
    if (record !== undefined) {
      const ahead = record.confirmed - (await clusterRevision(cluster.reviewer.client))
      if (ahead > 0) terminal.print(aheadText(ahead))
    }
    if (await page.remove()) terminal.print(`${where} removed\n`)
  } catch (error) {
    // The rights on it are not those that it takes to leave.
    if (!isStatusReason(error, 'Forbidden')) throw error
    terminal.print(`${where} stays, for want of a right: while it is there no other store is served\n`)
  }
}

function aheadText(count: number): string {
  return (
    `the store is ${count} revisions ahead of the cluster: if CustomResourceDefinitions serve its kinds now, ` +
    'restart kube-controller-manager and whatever else watches them: it sees no change until the cluster is there\n'
  )
}
