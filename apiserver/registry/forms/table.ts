import type { JsonObject, JsonValue, KubeObject } from '../../../machinery/object.ts'
import { parseTime } from '../../../machinery/time.ts'
import type { Column, KindDeclaration, LiveValues } from '../kind.ts'
import { humanAge } from './age.ts'

export interface TableOptions {
  readonly nowMs: number
  readonly live: LiveValues
}

const nameColumn: Column = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: 'The name of the object, unique in its namespace for its kind.',
  value: (object) => object.metadata.name,
}

const ageColumn: Column = {
  name: 'Age',
  type: 'date',
  description: 'How long ago the object was created.',
  value: (object) => object.metadata.creationTimestamp ?? undefined,
}

/** As for custom resources: the name, then the declared columns, or the age where none are declared. */
export function columnsOf(kind: KindDeclaration): readonly Column[] {
  const declared = kind.columns ?? [ageColumn]
  return declared.some(({ format }) => format === 'name') ? declared : [nameColumn, ...declared]
}

export function columnDefinitions(columns: readonly Column[]): readonly JsonObject[] {
  return columns.map(({ name, type, format = '', description, priority = 0 }) => {
    return { name, type, format, description, priority }
  })
}

/** `effective` is the object with its defaults filled in. */
export function cellsOf(
  columns: readonly Column[],
  effective: KubeObject,
  options: TableOptions,
): readonly JsonValue[] {
  return columns.map((column) => cellOf(column, column.value(effective, options.live), options.nowMs))
}

function cellOf(column: Column, value: JsonValue | undefined, nowMs: number): JsonValue {
  if (value === undefined || value === null) return null
  if (column.type === 'date') return ageOf(value, nowMs)
  return typeof value === 'object' ? JSON.stringify(value) : value
}

function ageOf(value: JsonValue, nowMs: number): string {
  const time = typeof value === 'string' ? parseTime(value) : undefined
  return time === undefined ? '<unknown>' : humanAge(nowMs - time)
}
