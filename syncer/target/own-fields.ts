import { isJsonObject } from '../../machinery/json/member.ts'
import type { JsonObject, KubeObject, ManagedFieldsEntry } from '../../machinery/object.ts'

/**
 * The object without the keys of its data, labels and annotations that this field manager wrote, by Update or by Apply:
 * those that are still wanted are put on again, the others go. What somebody else has written since, or holds as well,
 * is theirs.
 */
export function withoutOwnFields<T extends KubeObject>(object: T, manager: string): T {
  const own = (path: readonly string[]): ReadonlySet<string> => ownKeys(object, manager, path)
  const { metadata } = object
  const data: unknown = object['data']
  return {
    ...object,
    ...(isJsonObject(data) && { data: without(data, own(['f:data'])) }),
    metadata: {
      ...metadata,
      ...(metadata.labels && { labels: without(metadata.labels, own(['f:metadata', 'f:labels'])) }),
      ...(metadata.annotations && { annotations: without(metadata.annotations, own(['f:metadata', 'f:annotations'])) }),
    },
  }
}

/** Whether the manager has written anything of the object. */
export function hasWritten({ metadata }: KubeObject, manager: string): boolean {
  return metadata.managedFields?.some((entry) => entry.manager === manager) ?? false
}

function ownKeys({ metadata: { managedFields = [] } }: KubeObject, manager: string, path: readonly string[]) {
  const keysOf = (entries: readonly ManagedFieldsEntry[]): string[] =>
    entries.flatMap(({ fieldsV1 }) => namesIn(memberAt(fieldsV1, path)))
  const keys = new Set(keysOf(managedFields.filter((entry) => entry.manager === manager)))
  for (const key of keysOf(managedFields.filter((entry) => entry.manager !== manager))) keys.delete(key)
  return keys
}

function namesIn(fields: JsonObject | undefined): string[] {
  return Object.keys(fields ?? {}).flatMap((key) => (key.startsWith('f:') ? [key.slice(2)] : []))
}

function memberAt(value: JsonObject | undefined, path: readonly string[]): JsonObject | undefined {
  return path.reduce<JsonObject | undefined>((parent, name) => {
    const member = parent?.[name]
    return isJsonObject(member) ? member : undefined
  }, value)
}

function without<V>(map: Readonly<Record<string, V>>, keys: ReadonlySet<string>): Record<string, V> {
  return Object.fromEntries(Object.entries(map).filter(([key]) => !keys.has(key)))
}
