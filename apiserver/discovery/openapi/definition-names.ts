/** Names of definitions in OpenAPI documents. */

/**
 * Reversed group, version, kind, as kube-apiserver names custom resources and built-in kinds: clients that look for
 * `io.k8s.api.core.v1.Namespace` find it.
 */
export function kindDefinition(of: {
  readonly group: string
  readonly version: string
  readonly kind: string
}): string {
  return `${reversedGroup(of.group)}.${of.version}.${of.kind}`
}

/**
 * Of the types that every API shares. Our texts differ from those of kube-apiserver, whose aggregator would rename a
 * definition of the same name and another content: so they have a name of their own.
 */
export function metaDefinition(name: MetaDefinition): string {
  return `apiserver.meta.v1.${name}`
}

export type MetaDefinition =
  | 'DeleteOptions'
  | 'ListMeta'
  | 'ManagedFieldsEntry'
  | 'ObjectMeta'
  | 'OwnerReference'
  | 'Patch'
  | 'Preconditions'
  | 'Status'
  | 'StatusCause'
  | 'StatusDetails'

/** `ExampleComV1`: the part of an operation's id that makes it unique over groups and versions. */
export function operationGroup({ group, version }: { readonly group: string; readonly version: string }): string {
  return capitalized(groupWords(group).map(capitalized).join('')) + capitalized(version)
}

/** `exampleCom_v1`. */
export function operationTag({ group, version }: { readonly group: string; readonly version: string }): string {
  const [first = '', ...rest] = groupWords(group)
  return `${first}${rest.map(capitalized).join('')}_${version}`
}

function reversedGroup(group: string): string {
  if (isBuiltIn(group)) return `io.k8s.api.${groupWords(group)[0]}`
  return group.split('.').reverse().join('.')
}

function isBuiltIn(group: string): boolean {
  return group === '' || group.endsWith('.k8s.io') || !group.includes('.')
}

function groupWords(group: string): readonly string[] {
  if (group === '') return ['core']
  return group.replace(/\.k8s\.io$/, '').split(/[.-]/)
}

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}
