import type { Schema } from '../../schema/schema.ts'
import { ApplyError } from '../errors.ts'
import { fieldElement } from '../fields/path-element.ts'
import { schemaFromOpenApi } from './from-openapi.ts'
import { type FieldNode, type ListNode, type MapNode, type TypeNode, TypeReference } from './type-node.ts'
import {
  type Atom,
  builtInTypes,
  type ListType,
  type MapType,
  type StructField,
  type TypeRef,
  type TypeSchema,
  untypedDeduced,
} from './type-schema.ts'

/** What field ownership has to know of an object's type: which lists and maps are owned as one, and by which keys. */
export type ObjectType = TypeReference

/** Of a whole object: its schema has apiVersion, kind and metadata. Made when a walk first comes by. */
export function objectTypeOf(schema: Schema): ObjectType {
  return new TypeReference('Object', () => typeOf(schemaFromOpenApi({ Object: schema }), 'Object').node)
}

/** Throws ApplyError when the schema has no type of this name. */
export function typeOf(schema: TypeSchema, name: string): ObjectType {
  const type = new Types(schema).reference({ namedType: name })
  if (type.node === undefined) throw new ApplyError(`schema error: no type found matching: ${name}`)
  return type
}

/** Named types are made once each, and once per relationship that overrides theirs. */
class Types {
  readonly #atoms: ReadonlyMap<string, Atom>
  readonly #references = new Map<string, TypeReference>()

  constructor(schema: TypeSchema) {
    this.#atoms = new Map([...builtInTypes, ...schema.types].map((type) => [type.name, type]))
  }

  reference(ref: TypeRef): TypeReference {
    const { namedType, elementRelationship } = ref
    if (namedType === undefined) return new TypeReference('inlined type', () => this.#node(ref, elementRelationship))
    const key = `${elementRelationship ?? ''} ${namedType}`
    const known = this.#references.get(key)
    if (known !== undefined) return known
    const made = new TypeReference(namedType, () => this.#node(this.#atoms.get(namedType), elementRelationship))
    this.#references.set(key, made)
    return made
  }

  /** The override goes to the map, else to the list; a type that has neither cannot be overridden. */
  #node(atom: Atom | undefined, override: TypeRef['elementRelationship']): TypeNode | undefined {
    if (atom === undefined || (override !== undefined && !atom.map && !atom.list)) return undefined
    const { scalar, list, map } = atom
    // All three members in each: walks meet one shape.
    return { scalar, list: list && this.#list(list, map ? undefined : override), map: map && this.#map(map, override) }
  }

  #list(list: ListType, override: TypeRef['elementRelationship']): ListNode {
    return {
      items: this.reference(list.elementType),
      isAtomic: (override ?? list.elementRelationship) === 'atomic',
      keys: list.keys ?? [],
    }
  }

  #map(map: MapType, override: TypeRef['elementRelationship']): MapNode {
    const { fields = [], elementType } = map
    return {
      fields: new Map(fields.map((field) => [field.name, this.#field(field)])),
      others: elementType && this.reference(elementType),
      isAtomic: (override ?? map.elementRelationship) === 'atomic',
      isFreeForm:
        fields.length === 0 && (elementType?.namedType === untypedDeduced || elementType?.scalar === 'untyped'),
    }
  }

  #field(field: StructField): FieldNode {
    return { element: fieldElement(field.name), type: this.reference(field.type), default: field.default }
  }
}

/** Of objects without a schema: maps are granular, every list is owned as one. */
export const deducedType: ObjectType = typeOf({ types: [] }, untypedDeduced)
