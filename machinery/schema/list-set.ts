import type { FieldError } from '../field-error.ts'
import { duplicateField } from '../field-error.ts'
import { isJsonObject } from '../json/member.ts'
import type { Schema } from './schema.ts'
import type { CurrentPath } from './current-path.ts'

/** Items that repeat an earlier one of a list that is a set, or the keys of one that is a map. */
export function duplicateItems(schema: Schema, items: readonly unknown[], path: CurrentPath): FieldError[] {
  const kind = schema['x-kubernetes-list-type']
  if (kind === undefined || kind === 'atomic' || items.length < 2) return []
  const keyOf = kind === 'set' ? canonicalText : mapKeyOf(schema['x-kubernetes-list-map-keys'] ?? [])
  const seen = new Set<string>()
  const errors: FieldError[] = []
  items.forEach((item, index) => {
    const key = keyOf(item)
    if (key === undefined) return
    if (seen.has(key)) errors.push(duplicateField(path.below(index), kind === 'set' ? item : JSON.parse(key)))
    seen.add(key)
  })
  return errors
}

/** The keys alone: nothing else of an item is repeated in an error. */
function mapKeyOf(names: readonly string[]): (item: unknown) => string | undefined {
  return (item) => {
    if (!isJsonObject(item)) return undefined
    return canonicalText(Object.fromEntries(names.map((name) => [name, item[name]])))
  }
}

function canonicalText(value: unknown): string {
  return JSON.stringify(sorted(value)) ?? 'null'
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isJsonObject(value)) return value
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((name) => [name, sorted(value[name])]),
  )
}
