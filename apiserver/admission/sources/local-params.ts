import { parseApiVersion } from '../../../machinery/group-version.ts'
import type { KubeObject } from '../../../machinery/object.ts'
import { isStatusReason } from '../../../machinery/status.ts'
import { localClient } from '../../registry/local-client.ts'
import type { Registries } from '../../registry/registries.ts'
import type { Registry } from '../../registry/registry.ts'
import type { UserInfo } from '../../request-context.ts'
import { ConfigurationError, type ParamKind, type ParamReader } from '../policies/policy-configuration.ts'

/** Parameters from the objects that this server has itself. */
export function localParams(registries: () => Registries, user: UserInfo): ParamReader {
  const registryOf = (kind: ParamKind): Registry => {
    const group = parseApiVersion(kind.apiVersion)?.group
    const found = registries().all.find((each) => each.kind.group === group && each.kind.names.kind === kind.kind)
    if (found !== undefined) return found
    const named = `'${kind.apiVersion}, Kind=${kind.kind}'`
    throw new ConfigurationError(`failed to find resource referenced by paramKind: ${named}`)
  }
  const clientOf = (kind: ParamKind) => localClient<KubeObject>(registryOf(kind), user)
  return {
    scopeOf: async (kind) => registryOf(kind).kind.scope,
    get: async (kind, at) => {
      try {
        return await clientOf(kind).get(at)
      } catch (error) {
        if (isStatusReason(error, 'NotFound')) return undefined
        throw error
      }
    },
    list: async (kind, at) => (await clientOf(kind).list(at)).items,
  }
}
