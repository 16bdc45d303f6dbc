import { isJsonObject, setMember } from '../json/member.ts'
import type { Schema } from './schema.ts'
import { CurrentPath } from './current-path.ts'

export interface Pruned<T> {
  readonly value: T
  /** Paths of what the schema does not know, `spec.foo`, in order. */
  readonly unknown: readonly string[]
}

/**
 * `value` without the members that the schema does not know, and without nulls where null is not allowed (those are
 * dropped in silence, as apiextensions-apiserver does before defaulting). The same object when nothing is dropped.
 * `schema` describes the whole value: see object-schema.ts for objects with apiVersion, kind and metadata.
 */
export function prune<T>(schema: Schema, value: T): Pruned<T> {
  const unknown: string[] = []
  const next = pruner(schema)(value, new CurrentPath(''), unknown)
  return { value: next as T, unknown }
}

type Pruner = (value: unknown, path: CurrentPath, unknown: string[]) => unknown
type Members = Readonly<Record<string, unknown>>

const compiled = new WeakMap<Schema, Pruner>()

function pruner(schema: Schema): Pruner {
  const known = compiled.get(schema)
  if (known !== undefined) return known
  const compiledNow = compile(schema)
  compiled.set(schema, compiledNow)
  return compiledNow
}

/** By the type of the value, not of the schema: an object where a list belongs is all unknown members. */
function compile(schema: Schema): Pruner {
  const array = arrayPruner(schema)
  const object = objectPruner(schema)
  return (value, path, unknown) => {
    if (Array.isArray(value)) return array(value, path, unknown)
    return isJsonObject(value) ? object(value, path, unknown) : value
  }
}

function arrayPruner(
  schema: Schema,
): (items: readonly unknown[], path: CurrentPath, unknown: string[]) => readonly unknown[] {
  const keepsAll = schema['x-kubernetes-preserve-unknown-fields'] === true && schema.items === undefined
  const known = schema.items && pruner(schema.items)
  return (items, path, unknown) => {
    if (keepsAll) return items
    const item = known ?? pruner(nothingKnown)
    let copy: unknown[] | undefined
    for (let index = 0; index < items.length; index += 1) {
      const before = items[index]
      if (typeof before !== 'object' || before === null) continue
      path.enter(index)
      const after = item(before, path, unknown)
      path.leave()
      if (after === before) continue
      copy ??= [...items]
      copy[index] = after
    }
    return copy ?? items
  }
}

function objectPruner(schema: Schema): (value: Members, path: CurrentPath, unknown: string[]) => Members {
  const members = new Map(Object.entries(schema.properties ?? {}).map(([name, part]) => [name, memberOf(part)]))
  const isEmbedded = schema['x-kubernetes-embedded-resource'] === true
  const others = schema.additionalProperties && pruner(schema.additionalProperties)
  const keepsAll = schema['x-kubernetes-preserve-unknown-fields'] === true
  return (value, path, unknown) => {
    // Most levels of most objects stay as they are: nothing is built for those.
    let changes: Map<string, unknown> | undefined
    for (const name in value) {
      const before = value[name]
      const member = members.get(name)
      let after = before
      if (member === undefined && others === undefined) {
        if (keepsAll || (isEmbedded && embeddedMembers.has(name))) continue
        unknown.push(path.below(name))
        after = undefined
      } else if (before === null) {
        if (member?.dropsNull === true) after = undefined
      } else if (typeof before === 'object') {
        path.enter(name)
        after = (member?.prune ?? others)?.(before, path, unknown)
        path.leave()
      }
      if (after !== before) (changes ??= new Map()).set(name, after)
    }
    return changes === undefined ? value : changed(value, changes)
  }
}

interface Member {
  readonly prune: Pruner
  readonly dropsNull: boolean
}

function memberOf(schema: Schema): Member {
  const allowsNull = schema.nullable === true || (schema.type === undefined && !schema['x-kubernetes-int-or-string'])
  return { prune: pruner(schema), dropsNull: !allowsNull }
}

const embeddedMembers: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata'])
const nothingKnown: Schema = {}

function changed(value: Members, changes: ReadonlyMap<string, unknown>): Members {
  const copy: Record<string, unknown> = {}
  for (const name of Object.keys(value)) {
    const member = changes.has(name) ? changes.get(name) : value[name]
    if (member !== undefined) setMember(copy, name, member)
  }
  return copy
}
