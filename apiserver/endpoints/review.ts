import type { JsonValue } from '../../machinery/object.ts'
import { validateSchema } from '../../machinery/schema/validate.ts'
import { invalid, methodNotAllowed, unknownPath } from '../../machinery/status-errors.ts'
import { conversionOf } from '../registry/conversion.ts'
import type { KindDeclaration, ReviewPowers } from '../registry/kind.ts'
import { objectSchema } from '../registry/object-schema.ts'
import { receiveObject } from '../registry/writes/receive.ts'
import type { RequestInfo } from '../request-info.ts'
import type { ApiRequest, ApiResponse } from './endpoint.ts'
import { checkObjectBody } from './request/body.ts'
import { objectMessage } from './request/object-message.ts'
import { outputOf } from './request/output.ts'
import { receivedObject } from './request/received.ts'
import { writeOptionsOf } from './request/write-options.ts'

/** Answers requests about kinds that are asked and never kept; undefined for any other request. */
export function reviewEndpoint(
  kinds: readonly KindDeclaration[],
  powers: ReviewPowers,
): (request: ApiRequest) => Promise<ApiResponse> | undefined {
  const known = new Map(kinds.flatMap((kind) => placesOf(kind).map((place) => [place, receiverOf(kind)] as const)))
  return (request) => {
    const { group, version, resource, subresource } = request.info
    const receiver = known.get([group, version, resource, subresource].join('/'))
    return receiver && answer(receiver, powers, request)
  }
}

function placesOf({ group, names, review, versions }: KindDeclaration): readonly string[] {
  if (review === undefined) return []
  const at = review.at
  if (at !== undefined) return [[at.group, at.version, at.resource, at.subresource].join('/')]
  return Object.keys(versions).map((version) => [group, version, names.plural, ''].join('/'))
}

type Receiver = ReturnType<typeof receiverOf>

function receiverOf(kind: KindDeclaration) {
  const schemas = new Map(Object.entries(kind.versions).map(([name, { schema }]) => [name, objectSchema(schema)]))
  const parts = { kind, schemas, conversion: conversionOf(kind) }
  return { kind, receive: (body: JsonValue, version: string) => receiveObject(parts, body, version) }
}

async function answer(registry: Receiver, powers: ReviewPowers, request: ApiRequest): Promise<ApiResponse> {
  const { kind } = registry
  const { info, context } = request
  checkPlace(kind, info)
  const version = kind.review?.at === undefined ? info.version : kind.storageVersion
  outputOf(request, 'object')
  checkObjectBody(request, objectMessage(kind, version))
  const { fieldValidation } = writeOptionsOf(request, 'CreateOptions')
  // Go's clients send the empty answer along.
  const { metadata, status: _, ...members } = receivedObject({ registry, version, request }, fieldValidation)
  const { namespace, name } = info
  const asked = { ...members, metadata: { ...metadata, ...(namespace !== '' && { namespace }) } }
  const { apiVersion: __, kind: ___, ...judged } = members
  const schema = kind.versions[version]?.schema
  const errors = schema === undefined ? [] : validateSchema(schema, judged, '')
  const broken =
    errors.length > 0 ? errors : (kind.validate ?? []).flatMap(({ check }) => check(asked, undefined).errors)
  if (broken.length > 0) throw invalid({ group: kind.group, kind: nameOf(kind) }, name, broken)
  const { name: username, ...user } = context.user
  const object = await kind.review?.answer(asked, { user: { username, ...user }, namespace, name, powers })
  return { type: 'object', code: 201, object: object ?? asked }
}

function checkPlace(kind: KindDeclaration, { verb, namespace, name }: RequestInfo): void {
  const isWithin = kind.scope === 'namespaced'
  const isNamed = kind.review?.at !== undefined
  if (isWithin !== (namespace !== '') || isNamed !== (name !== '')) throw unknownPath()
  if (verb !== 'create') throw methodNotAllowed()
}

/** What is asked at its own resource is no object of a kind that could be wrong: kube-apiserver names none. */
function nameOf({ names, review }: KindDeclaration): string {
  return review?.at === undefined ? '' : names.kind
}
