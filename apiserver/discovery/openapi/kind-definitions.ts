import type { JsonObject } from '../../../machinery/object.ts'
import type { Schema } from '../../../machinery/schema/schema.ts'
import type { OpenapiForm } from '../../../machinery/schema/to-openapi.ts'
import { toOpenapi } from '../../../machinery/schema/to-openapi.ts'
import type { KindDeclaration } from '../../registry/kind.ts'
import { kindDefinition, metaDefinition } from './definition-names.ts'
import type { ApiVersion } from '../groups.ts'

/** The definitions of everything that a version speaks of: its kinds, and those that are asked at their objects. */
export function versionDefinitions(version: ApiVersion, form: OpenapiForm['version']): readonly JsonObject[] {
  const asked = version.asked.map((kind) =>
    kindDefinitions(kind, { group: kind.group, version: kind.storageVersion }, form),
  )
  return [...version.kinds.map((kind) => kindDefinitions(kind, version, form)), ...asked]
}

/** Of a kind and of its list, by name. */
function kindDefinitions(
  kind: KindDeclaration,
  { group, version }: Pick<ApiVersion, 'group' | 'version'>,
  form: OpenapiForm['version'],
): JsonObject {
  const name = kindDefinition({ group, version, kind: kind.names.kind })
  const groupVersionKind = { group, version, kind: kind.names.kind }
  const own = { ...objectDefinition(kind, version, form), 'x-kubernetes-group-version-kind': [groupVersionKind] }
  if (kind.review !== undefined) return { [name]: own }
  return {
    [name]: own,
    [`${name}List`]: {
      ...listDefinition(kind, name),
      'x-kubernetes-group-version-kind': [{ ...groupVersionKind, kind: listKindOf(kind) }],
    },
  }
}

function listKindOf(kind: KindDeclaration): string {
  return kind.names.listKind ?? `${kind.names.kind}List`
}

const apiVersion = {
  description: 'The group and version of the API that the object is written in, which may differ from the stored one.',
  type: 'string',
}

function objectDefinition(kind: KindDeclaration, version: string, form: OpenapiForm['version']): JsonObject {
  const schema = kind.versions[version]?.schema ?? {}
  const merging = withMergeKeys(
    toOpenapi(schema, { version: form, defaults: kind.defaults }),
    kind.strategicMergeKeys ?? {},
  )
  const selectable = kind.selectableFields?.map(({ path }) => ({ fieldPath: path }))
  return {
    ...merging,
    type: 'object',
    properties: {
      apiVersion,
      kind: { description: `The kind of the object: ${kind.names.kind}.`, type: 'string' },
      metadata: {
        description: 'The name of the object, its identity and what others attach to it.',
        $ref: metaDefinition('ObjectMeta'),
      },
      ...membersOf(merging),
    },
    ...(selectable && selectable.length > 0 && { 'x-kubernetes-selectable-fields': selectable }),
  }
}

function listDefinition(kind: KindDeclaration, itemName: string): JsonObject {
  return {
    description: `A list of ${kind.names.kind} objects.`,
    type: 'object',
    required: ['items'],
    properties: {
      apiVersion,
      items: { description: 'The objects, in the order of their names.', type: 'array', items: { $ref: itemName } },
      kind: { description: `The kind of the list: ${listKindOf(kind)}.`, type: 'string' },
      metadata: { description: 'The state that the list shows.', $ref: metaDefinition('ListMeta') },
    },
  }
}

function membersOf(definition: JsonObject): JsonObject {
  return isObject(definition.properties) ? definition.properties : {}
}

/** Lists that strategic merge patches merge say by which member. */
function withMergeKeys(definition: JsonObject, keys: NonNullable<KindDeclaration['strategicMergeKeys']>): JsonObject {
  let merged = definition
  for (const [path, key] of Object.entries(keys)) merged = withMergeKey(merged, path.split('.'), key)
  return merged
}

function withMergeKey(definition: JsonObject, path: readonly string[], key: string): JsonObject {
  const [name, ...rest] = path
  if (name === undefined) {
    return { ...definition, 'x-kubernetes-patch-merge-key': key, 'x-kubernetes-patch-strategy': 'merge' }
  }
  const properties = membersOf(definition)
  const member = properties[name]
  if (!isObject(member)) return definition
  return { ...definition, properties: { ...properties, [name]: withMergeKey(member, rest, key) } }
}

function isObject(value: JsonObject[string] | Schema): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
