import { jsonEqual } from '../json/equal.ts'
import { isJsonObject } from '../json/member.ts'
import type { JsonObject, JsonValue } from '../object.ts'
import { PatchError } from './errors.ts'

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
  const directive = patch.$patch
  if (directive === 'delete') return {}
  if (directive !== undefined && directive !== 'merge' && directive !== 'replace') {
    throw new PatchError('failed', 'an unknown $patch directive')
  }
  const result = new Map(Object.entries(directive === 'replace' ? {} : retained(original, patch.$retainKeys)))
  for (const [member, value] of Object.entries(patch)) {
    if (member.startsWith('$') || value === undefined) continue
    if (value === null) result.delete(member)
    else result.set(member, mergeValues(result.get(member), value, within(place, member)))
  }
  for (const [member, value] of Object.entries(patch)) directives(result, member, { value, place })
  return Object.fromEntries(result)
}

function retained(original: JsonObject, keys: JsonValue | undefined): JsonObject {
  if (!Array.isArray(keys)) return original
  return Object.fromEntries(Object.entries(original).filter(([member]) => keys.includes(member)))
}

function mergeValues(original: JsonValue | undefined, patch: JsonValue, place: Place): JsonValue {
  if (isJsonObject(patch)) return mergeObjects(isJsonObject(original) ? original : {}, patch, place)
  if (!isList(patch)) return patch
  const items = isList(original) ? original : []
  if (mergedSets.has(place.path)) return [...items, ...patch.filter((value) => !items.includes(value))]
  const key = Object.hasOwn(place.keys, place.path) ? place.keys[place.path] : undefined
  return key === undefined ? patch.filter((item) => !isDirective(item)) : mergeItems(items, patch, { ...place, key })
}

function mergeItems(
  original: readonly JsonValue[],
  patch: readonly JsonValue[],
  place: Place & { readonly key: string },
): readonly JsonValue[] {
  const isReplaced = patch.some(
    (item) => isJsonObject(item) && item.$patch === 'replace' && item[place.key] === undefined,
  )
  let items = isReplaced ? [] : [...original]
  for (const item of patch) {
    if (!isJsonObject(item) || isDirective(item)) continue
    const id = item[place.key]
    if (id === undefined) throw new PatchError('failed', 'an item of a merged list lacks its merge key')
    const index = items.findIndex((each) => isJsonObject(each) && jsonEqual(each[place.key], id))
    if (item.$patch === 'delete') items = items.filter((_, position) => position !== index)
    else if (index < 0) items.push(mergeObjects({}, item, place))
    else items[index] = mergeObjects(items[index] as JsonObject, item, place)
  }
  return items
}

function directives(
  result: Map<string, JsonValue | undefined>,
  member: string,
  { value, place }: { value: JsonValue | undefined; place: Place },
): void {
  if (!Array.isArray(value)) return
  const list = member.slice(member.indexOf('/') + 1)
  const items = result.get(list)
  if (!Array.isArray(items)) return
  if (member.startsWith(deleteFromPrefix))
    result.set(
      list,
      items.filter((item) => !value.includes(item)),
    )
  if (member.startsWith(orderPrefix)) result.set(list, ordered(items, value, within(place, list)))
}

/** The listed items in the order given, in the places that they have together; all others stay where they are. */
function ordered(
  items: readonly JsonValue[],
  order: readonly JsonValue[],
  { path, keys }: Place,
): readonly JsonValue[] {
  const key = Object.hasOwn(keys, path) ? keys[path] : undefined
  const rankOf = (item: JsonValue): number =>
    order.findIndex((each) => {
      if (key === undefined) return jsonEqual(each, item)
      return isJsonObject(each) && isJsonObject(item) && jsonEqual(each[key], item[key])
    })
  const listed = items.filter((item) => rankOf(item) >= 0).sort((left, right) => rankOf(left) - rankOf(right))
  return items.map((item) => (rankOf(item) < 0 ? item : (listed.shift() ?? item)))
}

function within({ path, keys }: Place, member: string): Place {
  return { path: path === '' ? member : `${path}.${member}`, keys }
}

function isDirective(item: JsonValue): boolean {
  return isJsonObject(item) && item.$patch !== undefined && Object.keys(item).length === 1
}

function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value)
}
