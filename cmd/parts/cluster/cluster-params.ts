import {
  ConfigurationError,
  type ParamKind,
  type ParamReader,
} from '../../../apiserver/admission/policies/policy-configuration.ts'
import type { ClusterClient } from '../../../cluster/client.ts'
import type { ListWatchOptions } from '../../../cluster/list-watch.ts'
import { resourceClient } from '../../../cluster/resource-client.ts'
import type { ResourceClient } from '../../../machinery/client.ts'
import { parseApiVersion } from '../../../machinery/group-version.ts'
import { isJsonObject } from '../../../machinery/json/member.ts'
import type { JsonObject, JsonValue, KubeObject } from '../../../machinery/object.ts'
import { isStatusReason } from '../../../machinery/status.ts'

/** Parameters of policies from the cluster's objects, read when they are needed: nothing is kept of them. */
export function clusterParams(client: ClusterClient, options: ListWatchOptions): ParamReader {
  const clientOf = async (kind: ParamKind): Promise<ResourceClient<KubeObject>> => {
    const { plural } = await served(client, kind)
    const { group = '', version = '' } = parseApiVersion(kind.apiVersion) ?? {}
    return resourceClient<KubeObject>(client, { group, version, plural }, options)
  }
  return {
    scopeOf: async (kind) => (await served(client, kind)).scope,
    get: async (kind, at) => {
      try {
        return await (await clientOf(kind)).get(at)
      } catch (error) {
        if (isStatusReason(error, 'NotFound')) return undefined
        throw unreadable(kind, error)
      }
    },
    list: async (kind, at) => {
      try {
        return (await (await clientOf(kind)).list(at)).items
      } catch (error) {
        throw unreadable(kind, error)
      }
    },
  }
}

interface ServedKind {
  readonly plural: string
  readonly scope: 'namespaced' | 'cluster'
}

/** As the cluster's discovery has it. */
async function served(client: ClusterClient, kind: ParamKind): Promise<ServedKind> {
  const { apiVersion } = kind
  const path = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  const document: JsonObject = await client.call({ method: 'GET', path }).catch((error: unknown) => {
    if (isStatusReason(error, 'NotFound')) return {}
    throw unreadable(kind, error)
  })
  const resources: readonly JsonValue[] = Array.isArray(document['resources']) ? document['resources'] : []
  for (const each of resources) {
    if (!isJsonObject(each) || each.kind !== kind.kind || typeof each.name !== 'string' || each.name.includes('/'))
      continue
    return { plural: each.name, scope: each.namespaced === true ? 'namespaced' : 'cluster' }
  }
  throw new ConfigurationError(`failed to find resource referenced by paramKind: '${named(kind)}'`)
}

function unreadable(kind: ParamKind, error: unknown): unknown {
  if (error instanceof ConfigurationError) return error
  return new ConfigurationError(`objects of paramKind '${named(kind)}' cannot be read`)
}

function named({ apiVersion, kind }: ParamKind): string {
  return `${apiVersion}, Kind=${kind}`
}
