import { isJsonObject } from '../../machinery/json/member.ts'
import type { JsonObject, JsonValue } from '../../machinery/object.ts'

/** The cases that a vector file lists at a path; none when the file is of another form. `T` is the file's promise. */
export function caseList<T>(file: JsonObject, ...path: readonly string[]): readonly T[] {
  let value: JsonValue | undefined = file
  for (const member of path) value = isJsonObject(value) ? value[member] : undefined
  return Array.isArray(value) ? (value as readonly T[]) : []
}
