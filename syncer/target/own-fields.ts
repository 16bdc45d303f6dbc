import type { Secret } from '../../kinds/core/secret/v1.ts'
import type { JsonObject, JsonValue } from '../../machinery/object.ts'

/**
 * The Secret without the labels and annotations that this field manager wrote: those that are still wanted are put on
 * again, the others go. What somebody else has written since is theirs.
 */
export function withoutOwnMetadata(secret: Secret, manager: string): Secret {
  const entries = secret.metadata.managedFields?.filter((entry) => entry.manager === manager) ?? []
  const metadata = entries.map(({ fieldsV1 }) => memberOf(fieldsV1, 'f:metadata'))
  const labels = new Set(metadata.flatMap((fields) => ownKeys(memberOf(fields, 'f:labels'))))
  const annotations = new Set(metadata.flatMap((fields) => ownKeys(memberOf(fields, 'f:annotations'))))
  return {
    ...secret,
    metadata: {
      ...secret.metadata,
      ...(secret.metadata.labels && { labels: without(secret.metadata.labels, labels) }),
      ...(secret.metadata.annotations && { annotations: without(secret.metadata.annotations, annotations) }),
    },
  }
}

function ownKeys(fields: JsonObject | undefined): string[] {
  return Object.keys(fields ?? {}).flatMap((key) => (key.startsWith('f:') ? [key.slice(2)] : []))
}

function memberOf(value: JsonObject | undefined, name: string): JsonObject | undefined {
  const member = value?.[name]
  return isObject(member) ? member : undefined
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function without(map: Readonly<Record<string, string>>, keys: ReadonlySet<string>): Record<string, string> {
  return Object.fromEntries(Object.entries(map).filter(([key]) => !keys.has(key)))
}
