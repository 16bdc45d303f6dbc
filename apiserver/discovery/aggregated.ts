import { parseAccept } from '../../machinery/media-type.ts'
import type { JsonObject } from '../../machinery/object.ts'
import type { KindDeclaration } from '../registry/kind.ts'
import type { ApiGroup, ApiVersion, AskedSubresource } from './groups.ts'
import { askedSubresources, resourceVerbs, reviewVerbs, singularOf, subresourceVerbs } from './groups.ts'

/** Discovery of all groups in one document (KEP-3352). kube-apiservers before 1.30 ask for v2beta1 alone. */
export const aggregatedVersions = ['v2', 'v2beta1'] as const
export type AggregatedVersion = (typeof aggregatedVersions)[number]

/** What a client wants of /api and /apis: one of the aggregated forms or the plain one; undefined is a 406. */
export function wantedForm(accept: string | undefined): AggregatedVersion | 'plain' | undefined {
  for (const { type, subtype, parameters } of parseAccept(accept ?? '')) {
    if (type !== '*' && type !== 'application') continue
    if (!parameters.has('as') && ['*', 'json', 'yaml'].includes(subtype)) return 'plain'
    if (subtype !== '*' && subtype !== 'json') continue
    if (parameters.get('as') !== 'APIGroupDiscoveryList' || parameters.get('g') !== 'apidiscovery.k8s.io') continue
    const version = aggregatedVersions.find((each) => each === parameters.get('v'))
    if (version !== undefined) return version
  }
  return undefined
}

/** Clients compare the parameters, in this spelling. */
export function aggregatedContentType(version: AggregatedVersion): string {
  return `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`
}

export function aggregatedDocument(groups: readonly ApiGroup[], version: AggregatedVersion): JsonObject {
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: groups.map((group) => ({
      metadata: { ...(group.name !== '' && { name: group.name }) },
      versions: group.versions.map(versionDiscovery),
    })),
  }
}

function versionDiscovery(version: ApiVersion): JsonObject {
  const resources = version.kinds.map((kind) => resourceDiscovery(kind, version))
  return { version: version.version, resources, freshness: 'Current' }
}

function resourceDiscovery(kind: KindDeclaration, apiVersion: ApiVersion): JsonObject {
  const { group, version } = apiVersion
  const { plural, shortNames, categories } = kind.names
  const responseKind = { group, version, kind: kind.names.kind }
  const subresources = [
    ...(kind.subresources ?? []).map((name) => ({ subresource: name, responseKind, verbs: subresourceVerbs[name] })),
    ...askedSubresources(apiVersion, kind).map(askedSubresource),
  ]
  return {
    resource: plural,
    responseKind,
    scope: kind.scope === 'namespaced' ? 'Namespaced' : 'Cluster',
    singularResource: singularOf(kind),
    verbs: kind.review === undefined ? resourceVerbs : reviewVerbs,
    ...(shortNames && { shortNames }),
    ...(categories && { categories }),
    ...(subresources.length > 0 && { subresources }),
  }
}

function askedSubresource({ asked, subresource }: AskedSubresource): JsonObject {
  const { group, names, storageVersion } = asked
  const responseKind = { group, version: storageVersion, kind: names.kind }
  return { subresource, responseKind, verbs: reviewVerbs }
}
