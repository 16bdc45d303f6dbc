import { isJsonObject } from '../../json/member.ts'
import type { JsonValue } from '../../object.ts'
import { ApplyError } from '../errors.ts'
import {
  type Atom,
  builtInTypes,
  type ListType,
  type MapType,
  type NamedType,
  type TypeRef,
  type TypeSchema,
  untypedAtomic,
  untypedDeduced,
} from './type-schema.ts'

/** A schema of an OpenAPI v3 document or our own Schema, which is one. Read member by member: it may be anybody's. */
type OpenApi = Readonly<Record<string, unknown>>

/** The types of `components.schemas`. Throws ApplyError, `<where>: <what>`. */
export function schemaFromOpenApi(components: Readonly<Record<string, object>>): TypeSchema {
  const types = Object.entries(components).flatMap(([name, schema]): readonly NamedType[] => {
    const openApi: OpenApi = { ...schema }
    if (referenceOf(openApi) !== undefined) return []
    return [{ name, ...(hardCoded[name] ?? atomOf(openApi, { where: name, preserves: false })) }]
  })
  return { types: [...types, ...builtInTypes] }
}

const hardCoded: Readonly<Record<string, Atom>> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': { scalar: 'untyped' },
  'io.k8s.apimachinery.pkg.runtime.RawExtension': atomOfBuiltIn(untypedAtomic),
}

interface Place {
  readonly where: string
  /** x-kubernetes-preserve-unknown-fields holds for all inlined schemas below as well. */
  readonly preserves: boolean
}

function atomOf(schema: OpenApi, outer: Place): Atom {
  const place = { ...outer, preserves: outer.preserves || schema['x-kubernetes-preserve-unknown-fields'] === true }
  const { type } = schema
  switch (type) {
    case undefined:
    case '':
      return { scalar: 'untyped', list: untypedList(schema, place), map: mapOf(schema, place) }
    case 'integer':
    case 'number':
      return { scalar: 'numeric' }
    case 'boolean':
      return { scalar: 'boolean' }
    case 'string':
      return { scalar: isPlainText(schema.format) ? 'string' : 'untyped' }
    case 'object':
      return { map: mapOf(schema, place) }
    case 'array':
      return { list: listOf(schema, place) }
    default:
      throw failure(place, `unrecognized type: '${String(type)}'`)
  }
}

/** Other formats (date-time, int-or-string) may be written as more than one type. */
function isPlainText(format: unknown): boolean {
  return format === undefined || format === '' || format === 'byte'
}

function mapOf(schema: OpenApi, place: Place): MapType {
  const { 'x-kubernetes-map-type': relationship } = schema
  const properties = isJsonObject(schema.properties) ? Object.entries(schema.properties) : []
  const fields = properties.map(([name, property]) => fieldOf(name, property, place))
  const elementType = othersOf(schema, place)
  return {
    ...(fields.length > 0 && { fields }),
    ...(elementType && { elementType }),
    ...(relationship !== undefined && { elementRelationship: mapRelationship(relationship, place) }),
  }
}

function fieldOf(name: string, property: unknown, place: Place): NonNullable<MapType['fields']>[number] {
  const schema = isJsonObject(property) ? property : {}
  const type = refOf(schema, place)
  return { name, type, ...(schema.default !== undefined && { default: schema.default as JsonValue }) }
}

/** The type of members that are not declared. */
function othersOf(schema: OpenApi, place: Place): TypeRef | undefined {
  const { additionalProperties: others } = schema
  if (isJsonObject(others)) return refOf(others, place)
  if (others === false) return undefined
  const isOpen = others === true || place.preserves
  const hasFields = isJsonObject(schema.properties) && Object.keys(schema.properties).length > 0
  return isOpen || !hasFields ? { namedType: untypedDeduced } : undefined
}

function mapRelationship(type: unknown, place: Place): 'separable' | 'atomic' {
  if (type === 'granular') return 'separable'
  if (type === 'atomic') return 'atomic'
  throw failure(place, `unknown map type ${String(type)}`)
}

function untypedList(schema: OpenApi, place: Place): ListType {
  return listTypeOf(schema, { namedType: untypedAtomic }, place)
}

function listOf(schema: OpenApi, place: Place): ListType {
  if (!isJsonObject(schema.items)) throw failure(place, '`items` must be specified on arrays')
  return listTypeOf(schema, refOf(schema.items, place), place)
}

function listTypeOf(schema: OpenApi, elementType: TypeRef, place: Place): ListType {
  const { 'x-kubernetes-list-type': type, 'x-kubernetes-patch-strategy': strategy } = schema
  if (type !== undefined) return { elementType, ...listRelationship(schema, place) }
  if (strategy !== undefined) return { elementType, ...patchRelationship(schema, place) }
  return { elementType, elementRelationship: 'atomic' }
}

type Relationship = Omit<ListType, 'elementType'>

function listRelationship(schema: OpenApi, place: Place): Relationship {
  const { 'x-kubernetes-list-type': type, 'x-kubernetes-list-map-keys': keys } = schema
  if (type === 'atomic') return { elementRelationship: 'atomic' }
  if (type === 'set') return { elementRelationship: 'associative' }
  if (type !== 'map') throw failure(place, `unknown list type ${String(type)}`)
  if (!Array.isArray(keys)) throw failure(place, 'missing map keys')
  return { elementRelationship: 'associative', keys: keys.map(String) }
}

function patchRelationship(schema: OpenApi, place: Place): Relationship {
  const { 'x-kubernetes-patch-strategy': strategy, 'x-kubernetes-patch-merge-key': key } = schema
  if (strategy === 'retainKeys') return { elementRelationship: 'atomic' }
  if (strategy !== 'merge' && strategy !== 'merge,retainKeys') {
    throw failure(place, `unknown patch strategy ${String(strategy)}`)
  }
  return { elementRelationship: 'associative', ...(typeof key === 'string' && { keys: [key] }) }
}

/** A reference may have a map type beside it, which overrides; a list type there is ignored. */
function refOf(schema: OpenApi, place: Place): TypeRef {
  const namedType = referenceOf(schema)
  if (namedType === undefined) return atomOf(schema, { ...place, where: `inlined in ${place.where}` })
  const { 'x-kubernetes-map-type': relationship } = schema
  return { namedType, ...(relationship !== undefined && { elementRelationship: mapRelationship(relationship, place) }) }
}

/** The component that the schema refers to, directly or as the only part of an `allOf`. */
function referenceOf(schema: OpenApi): string | undefined {
  const { $ref, allOf } = schema
  if (typeof $ref === 'string') return $ref.slice($ref.lastIndexOf('/') + 1)
  if (!Array.isArray(allOf) || allOf.length !== 1) return undefined
  const only: unknown = allOf[0]
  return isJsonObject(only) && typeof only.$ref === 'string' ? referenceOf(only) : undefined
}

function atomOfBuiltIn(name: string): Atom {
  const { name: _, ...atom } = builtInTypes.find((type) => type.name === name) ?? { name }
  return atom
}

function failure({ where }: Place, what: string): ApplyError {
  return new ApplyError(`${where}: ${what}`)
}
