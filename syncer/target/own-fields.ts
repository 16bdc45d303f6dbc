import type { Secret } from '../../kinds/core/secret/v1.ts'
import type { JsonObject, JsonValue, ManagedFieldsEntry } from '../../machinery/object.ts'

/**
 * The Secret without the keys, labels and annotations that this field manager wrote, by Update or by Apply: those that
 * are still wanted are put on again, the others go. What somebody else has written since, or holds as well, is theirs.
 */
export function withoutOwnFields(secret: Secret, manager: string): Secret {
  const own = (path: readonly string[]): ReadonlySet<string> => ownKeys(secret, manager, path)
  const { data, metadata } = secret
  return {
    ...secret,
    ...(data && { data: without(data, own(['f:data'])) }),
    metadata: {
      ...metadata,
      ...(metadata.labels && { labels: without(metadata.labels, own(['f:metadata', 'f:labels'])) }),
      ...(metadata.annotations && { annotations: without(metadata.annotations, own(['f:metadata', 'f:annotations'])) }),
    },
  }
}

/** Whether the manager has written anything of the Secret. */
export function hasWritten({ metadata }: Secret, manager: string): boolean {
  return metadata.managedFields?.some((entry) => entry.manager === manager) ?? false
}

function ownKeys({ metadata: { managedFields = [] } }: Secret, manager: string, path: readonly string[]) {
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
    return isObject(member) ? member : undefined
  }, value)
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function without(map: Readonly<Record<string, string>>, keys: ReadonlySet<string>): Record<string, string> {
  return Object.fromEntries(Object.entries(map).filter(([key]) => !keys.has(key)))
}
