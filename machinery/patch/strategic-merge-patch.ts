import { jsonEqual } from '../json/equal.ts'
import { isJsonObject } from '../json/member.ts'
import type { JsonObject, JsonValue } from '../object.ts'
import { PatchError } from './errors.ts'
import { inOrder } from './list-order.ts'

/** The merge key of each list of objects, by the list's path, `spec.ports`. Other lists are replaced. */
export type MergeKeys = Readonly<Record<string, string>>

const metadataKeys: MergeKeys = { 'metadata.ownerReferences': 'uid' }
/** Lists of plain values that are merged as sets. */
const mergedSets: ReadonlySet<string> = new Set(['metadata.finalizers'])

const deleteFromPrefix = '$deleteFromPrimitiveList/'
const orderPrefix = '$setElementOrder/'

/** The document after the patch (k8s.io/apimachinery/pkg/util/strategicpatch), for kinds with few lists. */
export function applyStrategicMergePatch(document: JsonValue, patch: JsonValue, mergeKeys: MergeKeys): JsonValue {
  if (!isJsonObject(patch)) throw new PatchError('not-a-patch', 'a strategic merge patch is an object')
  const keys = { ...metadataKeys, ...mergeKeys }
  return mergeObjects(isJsonObject(document) ? document : {}, patch, { path: '', keys })
}

interface Place {
  readonly path: string
  readonly keys: MergeKeys
}

function mergeObjects(original: JsonObject, patch: JsonObject, place: Place): JsonObject {
  switch (patch.$patch) {
    case 'delete':
      return {}
    case 'replace':
      return newMembers(patch)
    case 'merge':
    case undefined:
      return mergeMembers(original, patch, place)
    default:
      throw new PatchError('failed', 'an unknown $patch directive')
  }
}

function mergeMembers(original: JsonObject, patch: JsonObject, place: Place): JsonObject {
  const result = new Map(Object.entries(retained(original, patch)))
  for (const [member, value] of Object.entries(patch)) {
    if (isDirective(member) || value === undefined) continue
    const merged = value === null ? undefined : mergeValues(result.get(member), value, within(place, member))
    if (merged === undefined) result.delete(member)
    else result.set(member, merged)
  }
  for (const [member, value] of Object.entries(patch)) directList(result, member, { original, value, place })
  return Object.fromEntries(result)
}

/** `$retainKeys` names every member that may remain, those of the patch among them. */
function retained(original: JsonObject, patch: JsonObject): JsonObject {
  const { $retainKeys: keys } = patch
  if (keys === undefined) return original
  const isWhole = Object.entries(patch).every(([member, value]) => value === null || isKept(keys, member))
  if (!Array.isArray(keys) || !isWhole)
    throw new PatchError('not-a-patch', '$retainKeys does not name all that is kept')
  return Object.fromEntries(Object.entries(original).filter(([member]) => keys.includes(member)))
}

function isKept(keys: JsonValue, member: string): boolean {
  return isDirective(member) || (Array.isArray(keys) && keys.includes(member))
}

/** What is of another sort than before, or new, is taken as it is; undefined when it is a directive itself. */
function mergeValues(original: JsonValue | undefined, patch: JsonValue, place: Place): JsonValue | undefined {
  if (isJsonObject(patch)) return isJsonObject(original) ? mergeObjects(original, patch, place) : newValue(patch)
  if (!isList(patch) || !isList(original)) return newValue(patch)
  if (mergedSets.has(place.path)) return inOrder([...new Set([...original, ...patch])], { order: patch, original })
  const key = keyAt(place)
  return key === undefined ? newValue(patch) : mergeItems(original, patch, { ...place, key })
}

function newValue(value: JsonValue): JsonValue | undefined {
  if (isList(value)) return value.flatMap((item) => newValue(item) ?? [])
  if (!isJsonObject(value)) return value
  return value.$patch === undefined ? newMembers(value) : undefined
}

function newMembers(patch: JsonObject): JsonObject {
  const members = Object.entries(patch).flatMap(([member, value]) => {
    if (isDirective(member) || value === undefined || value === null) return []
    const kept = newValue(value)
    return kept === undefined ? [] : [[member, kept] as const]
  })
  return Object.fromEntries(members)
}

interface ListPlace extends Place {
  readonly key: string
}

function mergeItems(before: readonly JsonValue[], patch: readonly JsonValue[], place: ListPlace): JsonValue {
  const plain = patch.filter((item) => !isJsonObject(item) || item.$patch === undefined)
  const original = remaining(before, patch, place)
  const items = [...original]
  for (const item of plain) {
    const id = idOf(item, place)
    const index = items.findIndex((each) => isJsonObject(each) && jsonEqual(each[place.key], id))
    const found = items[index]
    if (isJsonObject(found))
      items[index] = mergeObjects(found, item as JsonObject, { ...place, path: `${place.path}[]` })
    else items.push(...[newValue(item)].filter((each) => each !== undefined))
  }
  return inOrder(items, { order: plain, original, key: place.key })
}

/** Without what `$patch: delete` names; nothing at all where one says `$patch: replace`. */
function remaining(
  original: readonly JsonValue[],
  patch: readonly JsonValue[],
  place: ListPlace,
): readonly JsonValue[] {
  let items = original
  let isReplaced = false
  for (const item of patch) {
    if (!isJsonObject(item) || item.$patch === undefined) continue
    if (item.$patch === 'replace') isReplaced = true
    else if (item.$patch !== 'delete') throw new PatchError('failed', 'an unknown $patch directive in a list')
    else {
      const id = idOf(item, place)
      items = items.filter((each) => !isJsonObject(each) || !jsonEqual(each[place.key], id))
    }
  }
  return isReplaced ? [] : items
}

function idOf(item: JsonValue, { key }: ListPlace): JsonValue {
  const id = isJsonObject(item) ? item[key] : undefined
  if (id === undefined) throw new PatchError('failed', 'an item of a merged list lacks its merge key')
  return id
}

interface ListDirective {
  readonly original: JsonObject
  readonly value: JsonValue | undefined
  readonly place: Place
}

/** `$deleteFromPrimitiveList/NAME` and `$setElementOrder/NAME`, behind everything else. */
function directList(result: Map<string, JsonValue | undefined>, member: string, directive: ListDirective): void {
  const isOrder = member.startsWith(orderPrefix)
  if (!isOrder && !member.startsWith(deleteFromPrefix)) return
  const { value, place } = directive
  if (!isList(value)) throw new PatchError('not-a-patch', 'a directive for a list is not a list')
  const name = member.slice(member.indexOf('/') + 1)
  const items = result.get(name)
  if (!isList(items)) return
  if (!isOrder) {
    result.set(
      name,
      items.filter((item) => !value.includes(item)),
    )
    return
  }
  const before = directive.original[name]
  const key = keyAt(within(place, name))
  const original = isList(before) ? before : []
  result.set(name, inOrder(items, { order: value, original, ...(key !== undefined && { key }) }))
}

function keyAt({ path, keys }: Place): string | undefined {
  return Object.hasOwn(keys, path) ? keys[path] : undefined
}

function within({ path, keys }: Place, member: string): Place {
  return { path: path === '' ? member : `${path}.${member}`, keys }
}

function isDirective(member: string): boolean {
  return (
    member === '$patch' ||
    member === '$retainKeys' ||
    member.startsWith(deleteFromPrefix) ||
    member.startsWith(orderPrefix)
  )
}

function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value)
}
