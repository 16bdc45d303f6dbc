import type { KindDeclaration } from '../registry/kind.ts'
import type { ResourcePath } from '../request-info.ts'
import { type ApiVersion, askedSubresources, groupsOf } from './groups.ts'

/** All that discovery names. */
export function servedResources(kinds: readonly KindDeclaration[]): readonly ResourcePath[] {
  return groupsOf(kinds)
    .flatMap(({ versions }) => versions)
    .flatMap((version) => version.kinds.flatMap((kind) => resourcesOf(version, kind)))
}

function resourcesOf(at: ApiVersion, kind: KindDeclaration): readonly ResourcePath[] {
  const asked = askedSubresources(at, kind).map(({ subresource }) => subresource)
  const { group, version } = at
  return ['', ...(kind.subresources ?? []), ...asked].map((subresource) => {
    return { group, version, resource: kind.names.plural, subresource }
  })
}
