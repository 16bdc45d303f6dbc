import { isJsonObject, setMember, withMembers } from '../json/member.ts'
import type { JsonValue } from '../object.ts'
import type { Schema } from './schema.ts'

/**
 * `value` with the schema's defaults filled in (apiextensions-apiserver pkg/apiserver/schema/defaulting); the same
 * object when there is nothing to fill in, otherwise a copy that shares what is unchanged.
 */
export function withDefaults<T>(schema: Schema, value: T): T {
  return (defaulter(schema)?.(value) ?? value) as T
}

type Defaulter = (value: unknown) => unknown

/** undefined: the schema has no defaults. */
const compiled = new WeakMap<Schema, Defaulter | null>()

function defaulter(schema: Schema): Defaulter | undefined {
  const known = compiled.get(schema)
  if (known !== undefined) return known ?? undefined
  const compiledNow = compile(schema)
  compiled.set(schema, compiledNow ?? null)
  return compiledNow
}

function compile(schema: Schema): Defaulter | undefined {
  const object = objectDefaulter(schema)
  const array = arrayDefaulter(schema.items)
  if (object === undefined && array === undefined) return undefined
  return (value) => {
    if (Array.isArray(value)) return array === undefined ? value : array(value)
    return object !== undefined && isJsonObject(value) ? object(value) : value
  }
}

interface Member {
  readonly name: string
  /** Itself with defaults. */
  readonly default: JsonValue | undefined
  readonly isNullable: boolean
  readonly fill: Defaulter | undefined
}

type Members = Readonly<Record<string, unknown>>
type Changes = Record<string, unknown>

function objectDefaulter(schema: Schema): ((value: Members) => Members) | undefined {
  const members = Object.entries(schema.properties ?? {})
    .map(memberOf)
    .filter((each) => each.default !== undefined || each.fill)
  const fillOthers = schema.additionalProperties && defaulter(schema.additionalProperties)
  if (members.length === 0 && fillOthers === undefined) return undefined
  return (value) => {
    let changes: Changes | undefined
    for (const member of members) {
      const before = Object.hasOwn(value, member.name) ? value[member.name] : undefined
      const after = filled(member, before)
      if (after !== before) setMember((changes ??= {}), member.name, after)
    }
    if (fillOthers !== undefined) changes = fillFree(fillOthers, value, changes)
    return changes === undefined ? value : withMembers(value, changes)
  }
}

function memberOf([name, schema]: [string, Schema]): Member {
  const fill = defaulter(schema)
  const own = schema.default
  const value = own !== undefined && fill !== undefined ? withDefaults(schema, own) : own
  return { name, default: value, isNullable: schema.nullable === true, fill }
}

/** null counts as absent where it is not allowed and there is a default. */
function filled(member: Member, value: unknown): unknown {
  if (value === undefined || (value === null && !member.isNullable && member.default !== undefined))
    return member.default
  return member.fill === undefined ? value : member.fill(value)
}

function fillFree(fill: Defaulter, value: Members, before: Changes | undefined): Changes | undefined {
  let changes = before
  for (const name in value) {
    const after = fill(value[name])
    if (after !== value[name]) setMember((changes ??= {}), name, after)
  }
  return changes
}

function arrayDefaulter(items: Schema | undefined): ((value: readonly unknown[]) => readonly unknown[]) | undefined {
  if (items === undefined) return undefined
  const fill = defaulter(items)
  const fallback = items.nullable === true ? undefined : items.default
  if (fill === undefined && fallback === undefined) return undefined
  return (value) => {
    let copy: unknown[] | undefined
    for (let index = 0; index < value.length; index += 1) {
      const item = value[index]
      const after = item === null && fallback !== undefined ? fallback : (fill?.(item) ?? item)
      if (after !== item) (copy ??= [...value])[index] = after
    }
    return copy ?? value
  }
}
