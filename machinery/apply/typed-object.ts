import type { ObjectType } from './types/object-type.ts'

/** An object with the type it has in one version. */
export interface TypedObject {
  readonly apiVersion: string
  readonly type: ObjectType
  /** JSON; undefined when nothing is left of it. */
  readonly value: unknown
}

/** The object in another version; undefined when there is no such version any more. */
export type ConvertTyped = (object: TypedObject, apiVersion: string) => TypedObject | undefined

/** Each object is converted to each version at most once. */
export function memoizedConvert(convert: ConvertTyped): ConvertTyped {
  let known: WeakMap<TypedObject, Map<string, TypedObject | undefined>> | undefined
  return (object, apiVersion) => {
    if (object.apiVersion === apiVersion) return object
    known ??= new WeakMap()
    const versions = known.get(object) ?? new Map<string, TypedObject | undefined>()
    known.set(object, versions)
    if (!versions.has(apiVersion)) versions.set(apiVersion, convert(object, apiVersion))
    return versions.get(apiVersion)
  }
}
