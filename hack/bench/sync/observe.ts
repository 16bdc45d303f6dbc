import { type ApiClient, listOf } from '../../../test/support/api-client.ts'
import { readyStatus } from '../first-sync.ts'
import { paths } from '../manifests.ts'

export async function isStoreReady(api: ApiClient, status: 'True' | 'False'): Promise<boolean> {
  return readyStatus((await api.get(`${paths.stores}/store`)).json) === status
}

/** It moves with every write of anything. */
export async function revisionOf(api: ApiClient): Promise<number> {
  return Number((await api.get(`${paths.secrets}?limit=1`)).json['metadata']?.['resourceVersion'] ?? 0)
}

/** The version of each Secret, by name. */
export async function secretsOf(api: ApiClient): Promise<ReadonlyMap<string, string>> {
  const { json } = await api.get(paths.secrets)
  return new Map(
    listOf(json['items']).map(({ metadata }) => [String(metadata?.['name']), String(metadata?.['resourceVersion'])]),
  )
}
