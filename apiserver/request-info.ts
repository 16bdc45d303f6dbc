import { pathSegmentProblems } from '../machinery/names.ts'
import { SelectorError } from '../machinery/selector/errors.ts'
import { type FieldRequirement, parseFieldSelector } from '../machinery/selector/field.ts'
import { badRequest } from '../machinery/status-errors.ts'

/** What a request is about, from method, path and query alone (k8s.io/apiserver/pkg/endpoints/request). */
export interface RequestInfo {
  readonly isResourceRequest: boolean
  readonly path: string
  readonly verb: string
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly subresource: string
  readonly namespace: string
  readonly name: string
  /** Of a list, watch or deletecollection, as they came; absent where the query has none. */
  readonly selectors?: { readonly field?: string; readonly label?: string }
}

/** What a request says of the resource that it is not about. */
export const noResource = {
  isResourceRequest: false,
  group: '',
  version: '',
  resource: '',
  subresource: '',
  namespace: '',
  name: '',
} as const

/** How much a request is about, in the words of kube-apiserver's metrics (CleanScope). */
export function scopeOf(info: Pick<RequestInfo, 'isResourceRequest' | 'verb' | 'name' | 'namespace'>): string {
  if (!info.isResourceRequest) return ''
  if (info.name !== '' || info.verb === 'create') return 'resource'
  return info.namespace === '' ? 'cluster' : 'namespace'
}

/** Where a resource or a subresource lies. */
export type ResourcePath = Pick<RequestInfo, 'group' | 'version' | 'resource' | 'subresource'>

/** `path` as it came, still percent-encoded: it is split first and each segment decoded once. Throws 400. */
export function parseRequestInfo(method: string, path: string, query: URLSearchParams): RequestInfo {
  const segments = segmentsOf(path)
  const [prefix = '', ...rest] = segments
  const fixedCount = prefix === 'apis' ? 2 : prefix === 'api' ? 1 : Number.POSITIVE_INFINITY
  if (rest.length <= fixedCount) return nonResource(method, path)
  const [group, version] = prefix === 'apis' ? [rest[0] ?? '', rest[1] ?? ''] : ['', rest[0] ?? '']
  const target = targetOf(method, rest.slice(fixedCount))
  const verb = target.name === '' ? collectionVerb(target.verb, query) : target.verb
  const name = verb === 'list' || verb === 'watch' ? target.name || selectedName(query) : target.name
  const selectors = selectedVerbs.has(verb) ? selectorsOf(query) : undefined
  const { resource, subresource, namespace } = target
  const named = { group, version, resource, subresource, namespace, name }
  const info = { isResourceRequest: true, path: decodedPath(path), verb, ...named }
  return selectors === undefined ? info : { ...info, selectors }
}

function segmentsOf(path: string): readonly string[] {
  const isTidy = path.startsWith('/') && !path.startsWith('//') && !path.endsWith('/')
  const trimmed = isTidy ? path.slice(1) : path.replace(/^\/+|\/+$/g, '')
  const segments = trimmed === '' ? [] : trimmed.split('/')
  return path.includes('%') ? segments.map(decodedSegment) : segments
}

function nonResource(method: string, path: string): RequestInfo {
  return { path: decodedPath(path), verb: method.toLowerCase(), ...noResource }
}

function decodedSegment(segment: string): string {
  if (!segment.includes('%')) return segment
  try {
    return decodeURIComponent(segment)
  } catch {
    throw badRequest('the path of the request is not valid percent-encoded UTF-8')
  }
}

/** An encoded slash stays encoded: rules that name paths must not take it for a separator. */
function decodedPath(path: string): string {
  if (!path.includes('%')) return path
  return path
    .split('/')
    .map((segment) => (decodedSegment(segment).includes('/') ? segment : decodedSegment(segment)))
    .join('/')
}

type Target = Pick<RequestInfo, 'verb' | 'resource' | 'subresource' | 'namespace' | 'name'>

const verbs: Readonly<Record<string, string>> = {
  POST: 'create',
  GET: 'get',
  HEAD: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
}
const pathVerbs: ReadonlySet<string> = new Set(['watch', 'proxy'])
const namespaceSubresources: ReadonlySet<string> = new Set(['status', 'finalize'])

/** The segments behind the version. */
function targetOf(method: string, segments: readonly string[]): Target {
  const [first = ''] = segments
  const isPathVerb = pathVerbs.has(first)
  const parts = isPathVerb ? segments.slice(1) : segments
  const verb = isPathVerb ? first : (verbs[method] ?? '')
  const namespace = parts[0] === 'namespaces' ? (parts[1] ?? '') : ''
  const isWithin = namespace !== '' && parts[2] !== undefined && !namespaceSubresources.has(parts[2])
  const [resource = '', name = '', subresource = ''] = isWithin ? parts.slice(2) : parts
  return { verb, resource, subresource, namespace, name }
}

function collectionVerb(verb: string, query: URLSearchParams): string {
  if (verb === 'delete') return 'deletecollection'
  if (verb !== 'get') return verb
  return isTrue(query.get('watch')) ? 'watch' : 'list'
}

const selectedVerbs: ReadonlySet<string> = new Set(['list', 'watch', 'deletecollection'])

function selectorsOf(query: URLSearchParams): RequestInfo['selectors'] {
  const field = query.get('fieldSelector')
  const label = query.get('labelSelector')
  return field || label ? { ...(field && { field }), ...(label && { label }) } : undefined
}

function isTrue(value: string | null): boolean {
  return value !== null && value !== '0' && value.toLowerCase() !== 'false'
}

/** A list or watch of one object carries its name, so that rules by name can allow it. */
function selectedName(query: URLSearchParams): string {
  const selector = query.get('fieldSelector')
  if (selector === null || selector === '') return ''
  const found = requirementsOf(selector).find((one) => one.path === 'metadata.name' && one.operator === '=')
  return found && pathSegmentProblems(found.value).length === 0 ? found.value : ''
}

/** What cannot be read names nobody; the endpoint refuses it with its own text. */
function requirementsOf(selector: string): readonly FieldRequirement[] {
  try {
    return parseFieldSelector(selector)
  } catch (error) {
    if (error instanceof SelectorError) return []
    throw error
  }
}
