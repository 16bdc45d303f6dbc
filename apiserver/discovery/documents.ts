import { negotiate } from '../../machinery/media-type.ts'
import type { JsonObject } from '../../machinery/object.ts'
import { notAcceptable, statusOf } from '../../machinery/status-errors.ts'
import type { ApiResponse } from '../endpoints/endpoint.ts'
import type { KindDeclaration } from '../registry/kind.ts'
import type { AggregatedVersion } from './aggregated.ts'
import { aggregatedContentType, aggregatedDocument, aggregatedVersions, wantedForm } from './aggregated.ts'
import type { DocumentEndpoint } from './document.ts'
import { lazyBytes, lazyDocument, plainAnswer, taggedAnswer } from './document.ts'
import type { ApiGroup } from './groups.ts'
import {
  coreVersionsDocument,
  groupDocument,
  groupListDocument,
  groupsOf,
  resourceListDocument,
  versionPath,
} from './groups.ts'
import { openapiEndpoints } from './openapi/endpoints.ts'
import type { ServerVersion } from './version.ts'
import { versionDocument } from './version.ts'

/**
 * What the server says about itself, by path without a trailing slash. Nothing here touches the store or depends on who
 * asks: an aggregated server whose discovery fails stalls the deletion of every namespace of its cluster. Documents are
 * built on first use and kept as bytes; endpoints take the headers as they are and answer 304 and 406 themselves.
 */
export function discoveryDocuments(
  kinds: readonly KindDeclaration[],
  version: ServerVersion,
): ReadonlyMap<string, DocumentEndpoint> {
  const groups = groupsOf(kinds)
  const core = groups.filter((group) => group.name === '')
  const named = groups.filter((group) => group.name !== '')
  const endpoints = new Map<string, DocumentEndpoint>([['/version', versionEndpoint(version)]])
  endpoints.set(
    '/apis',
    discoveryEndpoint(named, () => groupListDocument(named)),
  )
  for (const group of core)
    endpoints.set(
      '/api',
      discoveryEndpoint(core, () => coreVersionsDocument(group)),
    )
  for (const group of named)
    endpoints.set(
      `/apis/${group.name}`,
      plainEndpoint(() => groupDocument(group)),
    )
  for (const each of groups.flatMap((group) => group.versions)) {
    endpoints.set(
      versionPath(each),
      plainEndpoint(() => resourceListDocument(each)),
    )
  }
  for (const [path, endpoint] of openapiEndpoints(groups, version)) endpoints.set(path, endpoint)
  return endpoints
}

/** For people, and for all of them alike: indented JSON whatever is accepted. */
function versionEndpoint(version: ServerVersion): DocumentEndpoint {
  const document = lazyBytes(() => Buffer.from(JSON.stringify(versionDocument(version), null, 2)))
  return () => plainAnswer(document())
}

function plainEndpoint(build: () => JsonObject): DocumentEndpoint {
  const document = lazyDocument(build)
  return ({ accept }) => {
    const mediaType = negotiate(accept)?.mediaType
    if (mediaType === undefined) return refusal([])
    return mediaType === 'application/yaml' ? { type: 'object', code: 200, object: build() } : plainAnswer(document())
  }
}

function discoveryEndpoint(groups: readonly ApiGroup[], buildPlain: () => JsonObject): DocumentEndpoint {
  const plain = plainEndpoint(buildPlain)
  const aggregated = new Map(aggregatedVersions.map((version) => [version, aggregatedEndpoint(groups, version)]))
  return (request) => {
    const form = wantedForm(request.accept)
    if (form === undefined) return refusal(aggregatedVersions.map(aggregatedContentType))
    return (form === 'plain' ? plain : (aggregated.get(form) ?? plain))(request)
  }
}

function aggregatedEndpoint(groups: readonly ApiGroup[], version: AggregatedVersion): DocumentEndpoint {
  const document = lazyDocument(() => aggregatedDocument(groups, version))
  const headers = { vary: 'Accept', 'cache-control': 'public' }
  return ({ ifNoneMatch }) => taggedAnswer(document(), aggregatedContentType(version), { ifNoneMatch, headers })
}

function refusal(others: readonly string[]): ApiResponse {
  const accepted = ['application/json', 'application/yaml', ...others]
  return { type: 'object', code: 406, object: statusOf(notAcceptable(accepted)) }
}
