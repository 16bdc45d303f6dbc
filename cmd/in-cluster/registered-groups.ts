import { type ApiService, apiServicesOf, ownerOf, type Registration } from '../../cluster/registration/api-service.ts'
import { StatusError } from '../../machinery/status.ts'
import type { Cluster } from '../parts/cluster/cluster.ts'
import { readApiService } from '../parts/cluster/registration.ts'

/** What the cluster knows of the groups that a server has. */
export interface RegisteredGroups {
  /** Those whose objects nobody serves when this server is gone: no version of them leads to anybody else. */
  readonly leaving: ReadonlySet<string>
  /** A version that leads to this server and is answered now, such as `external-secrets.io/v1`. */
  readonly answered: string | undefined
}

export async function registeredGroups(cluster: Cluster, registration: Registration): Promise<RegisteredGroups> {
  const client = cluster.prompt<ApiService>('apiregistration.k8s.io', 'apiservices')
  const leaving = new Set(registration.groups.map(({ name }) => name))
  let answered: string | undefined
  for (const { metadata, spec } of apiServicesOf(registration)) {
    const { group = '', version = '' } = spec
    const found = await readApiService(client, metadata.name ?? '')
    if (found === undefined) continue
    if (ownerOf(found, registration.service).owner !== 'us') leaving.delete(group)
    else if (await isAnswered(cluster, `/apis/${group}/${version}`)) answered ??= `${group}/${version}`
  }
  return { leaving, answered }
}

/** Discovery is answered by a server that serves nothing else yet. */
async function isAnswered(cluster: Cluster, path: string): Promise<boolean> {
  try {
    await cluster.reviewer.client.call({ method: 'GET', path })
    return true
  } catch (error) {
    if (error instanceof StatusError && (error.code >= 500 || error.code === 404)) return false
    throw error
  }
}
