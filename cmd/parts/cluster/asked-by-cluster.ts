import type { Clock } from '../../../base/clock.ts'
import type { Logger } from '../../../base/log.ts'
import type { Work } from '../../../base/shutdown.ts'
import { type ApiService, ownerOf, type ServiceReference } from '../../../cluster/registration/api-service.ts'
import { StatusError } from '../../../machinery/status.ts'
import type { Cluster } from './cluster.ts'
import { readApiService } from './registration.ts'

interface Around {
  readonly cluster: Cluster
  readonly service: ServiceReference
  readonly clock: Clock
  readonly log: Logger
}

/**
 * The same work, begun when the cluster leads to us for our kinds. What is owned before that has an owner whose path is
 * 404, and a garbage collector that knows the kind from earlier deletes on that. 503 harms nobody.
 */
export function askedByCluster(around: Around): (work: Work) => Work {
  return (work) => ({
    run: async (signal) => {
      for (let tries = 0; !signal.aborted && !(await isAsked(around)); tries += 1) {
        if (tries === 0) around.log.info('the syncer waits until the cluster leads to this server')
        await around.clock.sleep(pauseMs, signal).catch(() => undefined)
      }
      if (!signal.aborted) await work.run(signal)
    },
  })
}

const pauseMs = 500
const group = 'external-secrets.io'

async function isAsked({ cluster, service }: Around): Promise<boolean> {
  try {
    const client = cluster.prompt<ApiService>('apiregistration.k8s.io', 'apiservices')
    const found = await readApiService(client, `v1.${group}`)
    return found !== undefined && ownerOf(found, service).owner === 'us' && (await isPathKnown(cluster))
  } catch {
    // Nobody who can be asked, or not yet.
    return false
  }
}

/** What stands in the APIService reaches whoever answers some moments later. */
async function isPathKnown({ reviewer }: Cluster): Promise<boolean> {
  try {
    await reviewer.client.call({ method: 'GET', path: `/apis/${group}/v1` })
    return true
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    // By its code: what kube-apiserver says of a path that it does not know is no Status.
    return error.code !== 404
  }
}
