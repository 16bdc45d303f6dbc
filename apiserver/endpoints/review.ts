import type { JsonValue, KubeObject } from '../../machinery/object.ts'
import { validateSchema } from '../../machinery/schema/validate.ts'
import { invalid, methodNotAllowed, serviceUnavailable, unknownPath } from '../../machinery/status-errors.ts'
import { conversionOf } from '../registry/conversion.ts'
import type { KindDeclaration, Question, Review, ReviewPowers } from '../registry/kind.ts'
import { objectSchema } from '../registry/object-schema.ts'
import { receiveObject } from '../registry/writes/receive.ts'
import type { RequestInfo } from '../request-info.ts'
import type { ApiRequest, ApiResponse } from './endpoint.ts'
import { checkObjectBody } from './request/body.ts'
import { objectMessage } from './request/object-message.ts'
import { outputOf } from './request/output.ts'
import { receivedObject } from './request/received.ts'
import { writeOptionsOf } from './request/write-options.ts'

/** Answers for a kind whose declaration cannot: what it takes to answer lies beyond this layer. Throws StatusError. */
export type Answerer = (asked: KubeObject, question: Question) => Promise<KubeObject>

/** Who answers. */
interface Reviewers {
  /** For kinds that answer themselves; absent where none of them is served. */
  readonly powers?: ReviewPowers | undefined
  /** For all others, by their names. */
  readonly answerers: ReadonlyMap<string, Answerer>
}

/** Answers requests about kinds that are asked and never kept; undefined for any other request. */
export function reviewEndpoint(
  kinds: readonly KindDeclaration[],
  reviewers: Reviewers,
): (request: ApiRequest) => Promise<ApiResponse> | undefined {
  const known = new Map(kinds.flatMap((kind) => placesOf(kind, answererOf(kind, reviewers))))
  return (request) => {
    const { group, version, resource, subresource } = request.info
    const place = known.get([group, version, resource, subresource].join('/'))
    return place && answer(place, request)
  }
}

interface Place {
  readonly receiver: ReturnType<typeof receiverOf>
  readonly scope: KindDeclaration['scope']
  /** Of the object; the request's version may be another kind's. */
  readonly version: string
  readonly answerer: Answerer
}

function placesOf(kind: KindDeclaration, answerer: Answerer): readonly (readonly [string, Place])[] {
  const { group, names, review, scope, storageVersion, versions } = kind
  if (review === undefined) return []
  const receiver = receiverOf(kind)
  if (review.at === undefined) {
    return Object.keys(versions).map((version) => [
      [group, version, names.plural, ''].join('/'),
      { receiver, scope, version, answerer },
    ])
  }
  return review.at.map((at) => [
    [at.group, at.version, at.resource, at.subresource].join('/'),
    { receiver, scope: at.scope, version: storageVersion, answerer },
  ])
}

function receiverOf(kind: KindDeclaration) {
  const schemas = new Map(Object.entries(kind.versions).map(([name, { schema }]) => [name, objectSchema(schema)]))
  const parts = { kind, schemas, conversion: conversionOf(kind) }
  return { kind, receive: (body: JsonValue, version: string) => receiveObject(parts, body, version) }
}

function answererOf({ names, review }: KindDeclaration, { powers, answerers }: Reviewers): Answerer {
  const own: Review['answer'] = review?.answer
  if (own === undefined) return answerers.get(names.kind) ?? unanswered
  return powers === undefined ? unanswered : (asked, question) => own(asked, { ...question, powers })
}

function unanswered(): Promise<KubeObject> {
  return Promise.reject(serviceUnavailable('nobody here can answer that'))
}

async function answer({ receiver, scope, version, answerer }: Place, sent: ApiRequest): Promise<ApiResponse> {
  const { kind } = receiver
  const { info, context } = sent
  checkPlace(kind, scope, info)
  const request = withBody(kind, sent)
  outputOf(request, 'object')
  checkObjectBody(request, objectMessage(kind, version))
  const { fieldValidation, write } = writeOptionsOf(request, 'CreateOptions')
  // Go's clients send the empty answer along.
  const { metadata, status: _, ...members } = receivedObject({ registry: receiver, version, request }, fieldValidation)
  const { namespace, name, resource } = info
  const asked = { ...members, metadata: { ...metadata, ...(namespace !== '' && { namespace }) } }
  const { apiVersion: __, kind: ___, ...judged } = members
  const schema = kind.versions[version]?.schema
  const errors = schema === undefined ? [] : validateSchema(schema, judged, '')
  const broken =
    errors.length > 0 ? errors : (kind.validate ?? []).flatMap(({ check }) => check(asked, undefined).errors)
  if (broken.length > 0) throw invalid({ group: kind.group, kind: nameOf(kind) }, name, broken)
  const { name: username, ...user } = context.user
  const { isDryRun } = write
  const question = { user: { username, ...user }, resource, namespace, name, isDryRun, signal: context.signal }
  return { type: 'object', code: 201, object: await answerer(asked, question) }
}

/** Throws what any path throws that is none, or that offers no such verb. */
function checkPlace(kind: KindDeclaration, scope: KindDeclaration['scope'], info: RequestInfo): void {
  const { verb, namespace, name } = info
  const isWithin = scope === 'namespaced'
  const isNamed = kind.review?.at !== undefined
  if (isWithin !== (namespace !== '') || isNamed !== (name !== '')) throw unknownPath()
  if (verb !== 'create') throw methodNotAllowed()
}

function withBody({ review }: KindDeclaration, request: ApiRequest): ApiRequest {
  return review?.isBodyOptional === true && request.body.length === 0 ? { ...request, body: emptyObject } : request
}

const emptyObject = Buffer.from('{}')

/** What is asked at its own resource is no object of a kind that could be wrong: kube-apiserver names none. */
function nameOf({ names, review }: KindDeclaration): string {
  return review?.at === undefined ? '' : names.kind
}
