import { includes, parseAccept } from '../../../machinery/media-type.ts'
import type { ApiResponse } from '../../endpoints/endpoint.ts'
import type { Document, DocumentEndpoint } from '../document.ts'
import { lazyBytes, lazyDocument, taggedAnswer } from '../document.ts'
import type { ApiGroup } from '../groups.ts'
import { versionPath } from '../groups.ts'
import { openapiV2Document } from './v2.ts'
import { openapiV2Protobuf } from './v2-protobuf.ts'
import { openapiV3Document, openapiV3Index } from './v3.ts'
import type { ServerVersion } from '../version.ts'

/** The OpenAPI documents by path. All come as JSON; version 2 comes as protocol buffers too, which kubectl asks for. */
export function openapiEndpoints(
  groups: readonly ApiGroup[],
  { product }: ServerVersion,
): ReadonlyMap<string, DocumentEndpoint> {
  const versions = groups.flatMap((group) => group.versions)
  const parts = versions.map((version) => ({
    version,
    document: lazyDocument(() => openapiV3Document(version, product)),
  }))
  const index = lazyDocument(() =>
    openapiV3Index(parts.map(({ version, document }) => ({ version, hash: document().hash }))),
  )
  const endpoints = new Map<string, DocumentEndpoint>([
    ['/openapi/v2', versionTwoEndpoint(groups, product)],
    ['/openapi/v3', jsonEndpoint(index)],
  ])
  for (const { version, document } of parts)
    endpoints.set(`/openapi/v3${versionPath(version)}`, hashedEndpoint(document))
  return endpoints
}

const protobufSubtypes = [
  'com.github.proto-openapi.spec.v2@v1.0+protobuf',
  'com.github.proto-openapi.spec.v2.v1.0+protobuf',
]

function versionTwoEndpoint(groups: readonly ApiGroup[], title: string): DocumentEndpoint {
  const build = (): object => openapiV2Document(groups, { title, version: '' })
  const json = lazyDocument(build)
  const protobuf = lazyBytes(() => openapiV2Protobuf(build()))
  return ({ accept, ifNoneMatch }) => {
    for (const range of parseAccept(accept ?? '')) {
      if (includes(range, 'application/json')) return answer(json(), ifNoneMatch, {})
      if (range.type !== 'application' || !protobufSubtypes.includes(range.subtype)) continue
      const options = { ifNoneMatch, headers: { vary: 'Accept' } }
      return taggedAnswer(protobuf(), `application/${protobufSubtypes[1]}`, options)
    }
    return notAcceptable
  }
}

function jsonEndpoint(document: () => Document): DocumentEndpoint {
  return ({ accept, ifNoneMatch }) => (takesJson(accept) ? answer(document(), ifNoneMatch, {}) : notAcceptable)
}

/**
 * With the hash of this document in its address it never changes. With an older one kube-apiserver redirects, which its
 * aggregator turns into a 502: here the present document comes as it is.
 */
function hashedEndpoint(document: () => Document): DocumentEndpoint {
  return ({ accept, ifNoneMatch, hash }) => {
    if (!takesJson(accept)) return notAcceptable
    const isCurrent = hash === document().hash
    return answer(document(), ifNoneMatch, isCurrent ? { 'cache-control': 'public, immutable, max-age=31536000' } : {})
  }
}

function answer(
  document: Document,
  ifNoneMatch: string | undefined,
  headers: Readonly<Record<string, string>>,
): ApiResponse {
  return taggedAnswer(document, 'application/json', { ifNoneMatch, headers: { vary: 'Accept', ...headers } })
}

function takesJson(accept: string | undefined): boolean {
  return parseAccept(accept ?? '').some((range) => includes(range, 'application/json'))
}

/** No body: what the client would read is not there. */
const notAcceptable: ApiResponse = { type: 'bytes', code: 406, contentType: 'application/json', body: new Uint8Array() }
