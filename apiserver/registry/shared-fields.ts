import { isJsonObject } from '../../machinery/json/member.ts'
import type { JsonObject, JsonValue, KubeObject, ManagedFieldsEntry } from '../../machinery/object.ts'

/** Enough for every shape of objects in use; when there are more, sharing starts afresh. */
const knownCountMax = 4096

/**
 * managedFields take half of an object's room in memory, and most objects of a kind have the same: their equal parts
 * are kept once. What differs from object to object (references to owners) lies below metadata, so that is shared
 * member by member.
 */
export class SharedFields {
  readonly #known = new Map<string, JsonObject>()

  shared(object: KubeObject): KubeObject {
    const { managedFields } = object.metadata
    if (!Array.isArray(managedFields)) return object
    return { ...object, metadata: { ...object.metadata, managedFields: managedFields.map((entry) => this.#entry(entry)) } }
  }

  #entry(entry: ManagedFieldsEntry): ManagedFieldsEntry {
    const { fieldsV1 } = entry
    return isJsonObject(fieldsV1) ? { ...entry, fieldsV1: this.#members(fieldsV1) } : entry
  }

  #members(fields: JsonObject): JsonObject {
    const members = Object.entries(fields).map(([name, value]) => {
      const shared = name === 'f:metadata' && isJsonObject(value) ? this.#each(value) : this.#one(value)
      return [name, shared] as const
    })
    return Object.fromEntries(members)
  }

  #each(fields: JsonObject): JsonObject {
    return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, this.#one(value)]))
  }

  #one(value: JsonValue | undefined): JsonValue | undefined {
    if (!isJsonObject(value)) return value
    const text = JSON.stringify(value)
    const known = this.#known.get(text)
    if (known !== undefined) return known
    if (this.#known.size >= knownCountMax) this.#known.clear()
    this.#known.set(text, value)
    return value
  }
}
