import { createHash } from 'node:crypto'
import { compareVersions, formatApiVersion } from '../../machinery/group-version.ts'
import type { JsonObject } from '../../machinery/object.ts'
import type { KindDeclaration, Subresource } from '../registry/kind.ts'

/** The kinds as discovery shows them: by group, the versions of a group from the preferred one on. */
export interface ApiGroup {
  /** Empty for the core group. */
  readonly name: string
  readonly versions: readonly ApiVersion[]
}

export interface ApiVersion {
  readonly group: string
  readonly version: string
  /** In alphabetical order of the resource. */
  readonly kinds: readonly KindDeclaration[]
  /** Kinds that are asked at the objects of this version; their own group may be another one. */
  readonly asked: readonly KindDeclaration[]
}

export const resourceVerbs = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
] as const
export const reviewVerbs = ['create'] as const
export const subresourceVerbs: Readonly<Record<Subresource, readonly string[]>> = {
  status: ['get', 'patch', 'update'],
  effective: ['get'],
}

export function groupsOf(kinds: readonly KindDeclaration[]): readonly ApiGroup[] {
  const own = kinds.filter((kind) => kind.review?.at === undefined)
  const names = [...new Set(own.map((kind) => kind.group))].sort()
  return names.map((name) => {
    const members = own.filter((kind) => kind.group === name).sort(byResource)
    const versions = [...new Set(members.flatMap((kind) => Object.keys(kind.versions)))].sort(compareVersions)
    return {
      name,
      versions: versions.map((version) => ({
        ...versionOf(name, version, members),
        asked: askedAt(kinds, name, version),
      })),
    }
  })
}

function askedAt(kinds: readonly KindDeclaration[], group: string, version: string): readonly KindDeclaration[] {
  return kinds.filter(({ review }) => review?.at?.some((at) => at.group === group && at.version === version) ?? false)
}

export interface AskedSubresource {
  readonly asked: KindDeclaration
  readonly subresource: string
}

/** What is asked at the objects of one kind. */
export function askedSubresources(
  { group, version, asked }: ApiVersion,
  { names }: KindDeclaration,
): readonly AskedSubresource[] {
  return asked.flatMap((each) =>
    (each.review?.at ?? [])
      .filter((at) => at.group === group && at.version === version && at.resource === names.plural)
      .map(({ subresource }) => ({ asked: each, subresource })),
  )
}

function versionOf(group: string, version: string, members: readonly KindDeclaration[]): Omit<ApiVersion, 'asked'> {
  return { group, version, kinds: members.filter((kind) => Object.hasOwn(kind.versions, version)) }
}

function byResource(left: KindDeclaration, right: KindDeclaration): number {
  return left.names.plural < right.names.plural ? -1 : 1
}

/** `/apis/example.com/v1`, `/api/v1`. */
export function versionPath({ group, version }: ApiVersion): string {
  return group === '' ? `/api/${version}` : `/apis/${group}/${version}`
}

export function singularOf(kind: KindDeclaration): string {
  return kind.names.singular ?? kind.names.kind.toLowerCase()
}

/** `/apis` for clients without aggregated discovery; the core group stands under /api alone. */
export function groupListDocument(groups: readonly ApiGroup[]): JsonObject {
  const named = groups.filter((group) => group.name !== '')
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: named.map(groupMembers) }
}

/** `/apis/<group>`. */
export function groupDocument(group: ApiGroup): JsonObject {
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupMembers(group) }
}

/** `/api`. */
export function coreVersionsDocument(group: ApiGroup): JsonObject {
  const versions = group.versions.map(({ version }) => version)
  return { kind: 'APIVersions', versions, serverAddressByClientCIDRs: [] }
}

/** `/apis/<group>/<version>`, `/api/v1`. */
export function resourceListDocument(version: ApiVersion): JsonObject {
  const resources = version.kinds.flatMap((kind) => [
    resource(kind),
    ...(kind.subresources ?? []).map((name) => subresource(kind, name)),
    ...askedSubresources(version, kind).map((asked) => askedResource(asked, kind)),
  ])
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: formatApiVersion(version), resources }
}

function groupMembers(group: ApiGroup): JsonObject {
  const versions = group.versions.map((each) => ({ groupVersion: formatApiVersion(each), version: each.version }))
  return { name: group.name, versions, ...(versions[0] && { preferredVersion: versions[0] }) }
}

function resource(kind: KindDeclaration): JsonObject {
  const { plural, shortNames, categories } = kind.names
  return {
    name: plural,
    singularName: singularOf(kind),
    namespaced: kind.scope === 'namespaced',
    kind: kind.names.kind,
    verbs: kind.review === undefined ? resourceVerbs : reviewVerbs,
    ...(shortNames && { shortNames }),
    ...(categories && { categories }),
    ...(kind.review === undefined && { storageVersionHash: storageVersionHash(kind) }),
  }
}

function subresource(kind: KindDeclaration, name: Subresource): JsonObject {
  return {
    name: `${kind.names.plural}/${name}`,
    singularName: '',
    namespaced: kind.scope === 'namespaced',
    kind: kind.names.kind,
    verbs: subresourceVerbs[name],
  }
}

/** `serviceaccounts/token`, whose objects are of another group. */
function askedResource({ asked, subresource }: AskedSubresource, of: KindDeclaration): JsonObject {
  const { group, names, storageVersion: version } = asked
  const name = `${of.names.plural}/${subresource}`
  const namespaced = of.scope === 'namespaced'
  return { name, singularName: '', namespaced, group, version, kind: names.kind, verbs: reviewVerbs }
}

/** By its change the storage version migrator sees that objects are to be written again. */
function storageVersionHash({ group, storageVersion, names }: KindDeclaration): string {
  const digest = createHash('sha256').update(`${group}/${storageVersion}/${names.kind}`).digest()
  return digest.subarray(0, 8).toString('base64')
}
