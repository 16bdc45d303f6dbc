import type { KindDeclaration, ReviewPlace } from '../../apiserver/registry/kind.ts'

/** Verbs are asked at objects of v1: older versions get nothing new. */
export function placeOn(
  resource: string,
  subresource: string,
  scope: KindDeclaration['scope'] = 'namespaced',
): ReviewPlace {
  return { group: 'external-secrets.io', version: 'v1', resource, subresource, scope }
}

/** On both kinds of stores. */
export function placesOnStores(subresource: string): readonly ReviewPlace[] {
  return [placeOn('secretstores', subresource), placeOn('clustersecretstores', subresource, 'cluster')]
}
