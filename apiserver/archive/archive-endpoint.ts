import type { MaybePromise } from '../../base/waiting/maybe-promise.ts'
import { badRequest, methodNotAllowed, tooManyRequests, unknownPath } from '../../machinery/status-errors.ts'
import { StatusError } from '../../machinery/status.ts'
import { StorageError } from '../../storage/errors.ts'
import type { Authorizer, Decision } from '../authorization/authorizer.ts'
import type { ApiRequest, ApiResponse } from '../endpoints/endpoint.ts'
import { noResource, type RequestInfo, type ResourcePath } from '../request-info.ts'

/** The whole store as a file, and the way back. Declared here, filled in by the composition. */
export interface Archive {
  snapshot(): AsyncIterable<Uint8Array>
  /** Rejects with the StorageError `corrupt` or `format` for a file that is not to be used. */
  restore(file: Uint8Array, others: Others): Promise<Restoration>
}

/** What becomes of objects that are not in the snapshot. */
export type Others = 'refuse' | 'keep' | 'remove'

export type Restoration =
  | { readonly type: 'restored'; readonly restored: number; readonly kept: number; readonly removed: number }
  /** Nothing was touched: so many others are there, some of them by name. */
  | { readonly type: 'refused'; readonly count: number; readonly examples: readonly string[] }

/** Where in the API the archive lies: below a group, because an aggregator hands on nothing else. In no discovery. */
export interface ArchivePlace {
  readonly group: string
  readonly version: string
}

const resource = 'snapshots'
const name = 'current'
const rightPath = '/snapshot'

/** GET is the store as it is, PUT takes a file in; one of each at a time. Undefined for requests about other things. */
export function archiveEndpoint(
  place: ArchivePlace,
  archive: Archive,
): (request: ApiRequest) => Promise<ApiResponse> | undefined {
  let isTaking = false
  const restore = async (request: ApiRequest): Promise<ApiResponse> => {
    if (isTaking) throw tooManyRequests('another snapshot is being restored', 1)
    isTaking = true
    try {
      return await answerTo(archive, request)
    } finally {
      isTaking = false
    }
  }
  return (request) => {
    const { info } = request
    if (!isArchive(place, info)) return undefined
    if (info.name !== name || info.subresource !== '' || info.namespace !== '') throw unknownPath()
    if (info.verb === 'update') return restore(request)
    if (info.verb !== 'get') throw methodNotAllowed()
    const contentType = 'application/octet-stream'
    return Promise.resolve({ type: 'stream', code: 200, contentType, pieces: archive.snapshot(), flush: false })
  }
}

/**
 * A snapshot holds objects of every kind, and who may restore one may write all of them. A rule for `*` of the group
 * gives the right to the resource: it takes that to a path as well, which nobody has who was not meant.
 */
export function archiveRights(place: ArchivePlace, authorize: Authorizer): Authorizer {
  return (user, info) => {
    if (!isArchive(place, info)) return authorize(user, info)
    const path: RequestInfo = { ...noResource, path: rightPath, verb: info.verb === 'get' ? 'get' : 'put' }
    return both(authorize(user, info), () => authorize(user, path))
  }
}

/** How large a body of the request may be, where it is a snapshot. */
export function archiveBody(place: ArchivePlace, bytesMax: number): (info: RequestInfo) => number | undefined {
  return (info) => (isArchive(place, info) && info.verb === 'update' ? bytesMax : undefined)
}

export function archiveResource(place: ArchivePlace): ResourcePath {
  return { ...place, resource, subresource: '' }
}

function isArchive(place: ArchivePlace, info: RequestInfo): boolean {
  return info.group === place.group && info.version === place.version && info.resource === resource
}

async function both(first: MaybePromise<Decision>, second: () => MaybePromise<Decision>): Promise<Decision> {
  const decision = await first
  if (decision.verdict !== 'allow') return decision
  const further = await second()
  return further.verdict === 'allow' ? further : { ...further, reason: `it takes a right to the path ${rightPath} too` }
}

async function answerTo(archive: Archive, { body, query }: ApiRequest): Promise<ApiResponse> {
  const others = othersOf(query.get('others'))
  const outcome = await archive.restore(body, others).catch((error: unknown) => {
    throw isUnusable(error) ? badRequest(error.message) : error
  })
  if (outcome.type === 'refused') throw refusal(outcome)
  const { restored, kept, removed } = outcome
  const message = `${restored} objects restored, ${kept} others kept, ${removed} removed`
  const object = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', message, code: 200 }
  return { type: 'object', code: 200, object }
}

function othersOf(text: string | null): Others {
  if (text === null) return 'refuse'
  if (text === 'refuse' || text === 'keep' || text === 'remove') return text
  throw badRequest('others is one of refuse, keep and remove')
}

function isUnusable(error: unknown): error is StorageError {
  return error instanceof StorageError && (error.code === 'corrupt' || error.code === 'format')
}

function refusal({ count, examples }: Extract<Restoration, { type: 'refused' }>): StatusError {
  const more = count > examples.length ? ', ...' : ''
  const message =
    `nothing was restored: ${count} objects are not in the snapshot, or are others of the same name ` +
    `(${examples.join(', ')}${more}); they can be kept (others=keep) or removed (others=remove)`
  const causes = examples.map((field) => ({ reason: 'NotInSnapshot', field, message: 'not in the snapshot' }))
  return new StatusError({ code: 409, reason: 'Conflict', message, details: { causes } })
}
