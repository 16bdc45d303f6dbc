import { silentLogger } from '../../base/log.ts'
import { systemClock as clock } from '../../base/clock.ts'
import type { ApiService } from '../../cluster/registration/api-service.ts'
import { Registrar } from '../../cluster/registration/registrar.ts'
import { kinds, testKinds } from '../../kinds/catalog.gen.ts'
import { parseOptions } from '../options.ts'
import { openCluster } from '../parts/cluster/cluster.ts'
import { registrationOf, serviceOf } from '../parts/cluster/registration.ts'
import type { Terminal } from '../terminal.ts'

/**
 * Takes the server out of the cluster's API, before the server itself goes: an APIService without a server blocks the
 * deletion of every namespace.
 */
export async function uninstall(args: readonly string[], terminal: Terminal): Promise<number> {
  const options = parseOptions(args)
  const log = silentLogger
  await using cluster = await openCluster({ options, clock, log })
  const served = options.enableTestKinds ? [...kinds, ...testKinds] : kinds
  const wanted = registrationOf(served, await serviceOf(options), '')
  const apply = cluster.promptApply<ApiService>('apiregistration.k8s.io', 'apiservices')
  const apiServices = cluster.prompt<ApiService>('apiregistration.k8s.io', 'apiservices')
  const registrar = new Registrar({ apiServices, apply, wanted: () => wanted, clock, log, periodMs: 0 })
  const removed = await registrar.remove()
  for (const name of removed) terminal.print(`APIService ${name} removed\n`)
  if (removed.length === 0) terminal.print('no APIService of this server is registered\n')
  terminal.print('the server, its Service and its volume can go now; what it wrote into Secrets stays\n')
  return 0
}
