import { badRequest, methodNotAllowed, unknownPath } from '../../machinery/status-errors.ts'
import type { Registries } from '../registry/registries.ts'
import type { KindDeclaration, Subresource } from '../registry/kind.ts'
import type { RequestInfo } from '../request-info.ts'
import { create } from './create.ts'
import { remove } from './delete.ts'
import { deleteCollection } from './delete-collection.ts'
import type { ApiRequest, ApiResponse } from './endpoint.ts'
import { get, getEffective } from './get.ts'
import { list } from './list.ts'
import { patch } from './patch.ts'
import type { ResourceRequest, Verb } from './resource-request.ts'
import { update } from './update.ts'
import { watch } from './watch.ts'

const collectionVerbs: Readonly<Record<string, Verb>> = { list, watch, create, deletecollection: deleteCollection }
const itemVerbs: Readonly<Record<string, Verb>> = { get, update, patch, delete: remove }
const subresourceVerbs: Readonly<Record<Subresource, Readonly<Record<string, Verb>>>> = {
  status: { get, update, patch },
  effective: { get: getEffective },
}
/** What the path of all namespaces offers for a namespaced kind. */
const everywhereVerbs: ReadonlySet<string> = new Set(['list', 'watch'])

/** Finds the kind and the verb of a resource request; every refusal, thrown or rejected, is a StatusError. */
export function dispatch(registries: Registries, request: ApiRequest): Promise<ApiResponse> {
  const { info } = request
  const registry = info.isResourceRequest ? registries.find(info.group, info.resource) : undefined
  const declared = registry?.kind.versions[info.version]
  if (registry === undefined || declared === undefined) throw unknownPath()
  const namespace = namespaceOf(registry.kind, info)
  const verb = verbOf(registry.kind, info, namespace)
  if (declared.deprecationWarning !== undefined) request.context.warn(declared.deprecationWarning)
  return verb({
    request,
    registry,
    version: info.version,
    subresource: subresourceOf(info),
    namespace,
    name: info.name,
  })
}

/** Undefined for a path that names no namespace. A namespace's own path names itself as one. */
function namespaceOf(kind: KindDeclaration, { namespace, name, resource, group }: RequestInfo): string | undefined {
  if (namespace === '') return undefined
  if (namespace.includes('/') || name.includes('/')) throw unknownPath()
  if (kind.scope === 'namespaced') return namespace
  if (group === '' && resource === 'namespaces' && namespace === name) return undefined
  throw unknownPath()
}

function verbOf(kind: KindDeclaration, info: RequestInfo, namespace: string | undefined): Verb {
  const isEverywhere = kind.scope === 'namespaced' && namespace === undefined
  if (info.subresource !== '') return known(verbsBelow(kind, info, isEverywhere), info.verb)
  const isItem = info.name !== '' && !everywhereVerbs.has(info.verb)
  if (isItem && isEverywhere) throw unknownPath()
  if (isItem) return known(itemVerbs, info.verb)
  if (info.verb === 'get') throw badRequest('name must be provided')
  if (isEverywhere && !everywhereVerbs.has(info.verb)) throw methodNotAllowed()
  return known(collectionVerbs, info.verb)
}

function verbsBelow(kind: KindDeclaration, info: RequestInfo, isEverywhere: boolean): Readonly<Record<string, Verb>> {
  const declared = kind.subresources?.find((each) => each === info.subresource)
  const isWhole = info.path.replace(/\/+$/, '').endsWith(`/${info.name}/${info.subresource}`)
  if (declared === undefined || isEverywhere || info.name === '' || !isWhole) throw unknownPath()
  return subresourceVerbs[declared]
}

function known(verbs: Readonly<Record<string, Verb>>, verb: string): Verb {
  const found = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined
  if (found === undefined) throw methodNotAllowed()
  return found
}

function subresourceOf(info: RequestInfo): ResourceRequest['subresource'] {
  return info.subresource === 'status' ? 'status' : ''
}
