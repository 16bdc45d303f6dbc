import { jsonEqual } from '../../json/equal.ts'
import { isJsonObject } from '../../json/member.ts'
import type { Schema } from '../schema.ts'
import type { RuleNode } from './rule-node.ts'

/** A value that the rules of a node are about. */
export interface Judgement {
  readonly node: RuleNode
  readonly path: string
  readonly value: unknown
  /** The value that it replaces; undefined when there is none, or none that is known to be the same thing. */
  readonly old: unknown
  /** The nearest value around it of which is known what it replaces. */
  readonly around?: Judgement | undefined
}

/** What lies below, in the order of the value. */
export function* parts(judgement: Judgement): Generator<Judgement> {
  const { value } = judgement
  if (Array.isArray(value)) yield* itemsOf(judgement, value)
  else if (isJsonObject(value)) yield* membersOf(judgement, value)
}

/** Rules on what a write did not touch only warn: what is stored stays writable when rules become stricter. */
export function isRatcheted({ value, old, around }: Judgement): boolean {
  if (old !== undefined) return jsonEqual(value, old)
  return around?.old !== undefined && jsonEqual(around.value, around.old)
}

function* membersOf(judgement: Judgement, members: Readonly<Record<string, unknown>>): Generator<Judgement> {
  const { node, path, old } = judgement
  const before = isJsonObject(old) ? old : undefined
  const around = nearest(judgement)
  for (const name of Object.keys(members)) {
    const property = node.properties.get(name)
    const part = property ?? node.additionalProperties
    const value = members[name]
    if (part === undefined || value === undefined) continue
    const place = property === undefined ? `${path}[${name}]` : path === '' ? name : `${path}.${name}`
    const previous = before !== undefined && Object.hasOwn(before, name) ? before[name] : undefined
    yield { node: part, path: place, value, old: previous, around }
  }
}

/** Only a list that is a map says which item was which. */
function* itemsOf(judgement: Judgement, items: readonly unknown[]): Generator<Judgement> {
  const { node, path, old } = judgement
  const part = node.items
  if (part === undefined) return
  const keyOf = keyReader(node.schema)
  const before = new Map<string, unknown>()
  if (keyOf !== undefined && Array.isArray(old)) for (const item of old) before.set(keyOf(item), item)
  const around = nearest(judgement)
  for (const [index, value] of items.entries()) {
    const previous = keyOf === undefined ? undefined : before.get(keyOf(value))
    yield { node: part, path: `${path}[${index}]`, value, old: previous, around }
  }
}

function nearest(judgement: Judgement): Judgement | undefined {
  return judgement.old === undefined ? judgement.around : judgement
}

function keyReader(schema: Schema): ((item: unknown) => string) | undefined {
  if (schema['x-kubernetes-list-type'] !== 'map') return undefined
  const keys = schema['x-kubernetes-list-map-keys'] ?? []
  return (item) => JSON.stringify(isJsonObject(item) ? keys.map((key) => item[key] ?? null) : item)
}
