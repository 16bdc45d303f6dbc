import { isJsonObject, setMember } from '../../json/member.ts'
import { ApplyError } from '../errors.ts'
import { elementMessage, type ElementText } from '../fields/path-element.ts'
import { kindOf, type ListNode, type MapNode, memberType, type TypeReference } from '../types/type-node.ts'
import { itemElement, memberOf } from './list-items.ts'

/**
 * The live object with what the configuration says. Nothing is ever removed, and what the configuration does not speak
 * of is the live object's own. Absent is undefined.
 */
export function merge(type: TypeReference, live: unknown, config: unknown): unknown {
  const { node } = type
  if (config === undefined || live === config || node === undefined) return live
  if (live === undefined) return config
  const kind = kindOf(node, config)
  if (kind !== kindOf(node, live)) return config
  if (kind === 'map' && node.map !== undefined) return mergeMaps(node.map, live, config)
  if (kind === 'list' && node.list !== undefined) return mergeLists(node.list, live, config)
  return config
}

/** null has no entries: it changes nothing of a map or list that has some. */
function mergeMaps(map: MapNode, live: unknown, config: unknown): unknown {
  const before = isJsonObject(live) ? live : {}
  const wanted = isJsonObject(config) ? config : {}
  const names = Object.keys(before)
  const wantedNames = Object.keys(wanted)
  if (map.isAtomic || (names.length === 0 && wantedNames.length === 0)) return config
  let merged: Record<string, unknown> | undefined
  for (const name of wantedNames) {
    const type = memberType(map, name)
    const was = memberOf(before, name)
    const is = type === undefined ? was : merge(type, was, wanted[name])
    if (is === was) continue
    merged ??= { ...before }
    setMember(merged, name, is)
  }
  return merged ?? live
}

function mergeLists(list: ListNode, live: unknown, config: unknown): unknown {
  const before = Array.isArray(live) ? live : []
  const wanted = Array.isArray(config) ? config : []
  if (list.isAtomic || (before.length === 0 && wanted.length === 0)) return config
  if (wanted.length === 0) return live
  const merged = mergedItems(list, before, wanted)
  return isSameList(before, merged) ? live : merged
}

interface Indexed {
  readonly text: ElementText
  readonly item: unknown
}

/** The live items by element; undefined for those that share one. */
function indexLive(items: readonly Indexed[]): ReadonlyMap<ElementText, unknown> {
  const index = new Map<ElementText, unknown>()
  for (const { text, item } of items) index.set(text, index.has(text) ? null : item)
  return index
}

function indexWanted(
  list: ListNode,
  items: readonly unknown[],
): { inOrder: Indexed[]; byText: Map<ElementText, unknown> } {
  const byText = new Map<ElementText, unknown>()
  const inOrder = items.map((item) => {
    const element = itemElement(list, item)
    if (byText.has(element.text)) throw new ApplyError(`duplicate entries for key ${elementMessage(element)}`)
    byText.set(element.text, item)
    return { text: element.text, item }
  })
  return { inOrder, byText }
}

/**
 * The configuration's items in its order; items that only the live list has keep their place relative to those that
 * both have. Items of the live list that share an element survive unless the configuration has the element.
 */
function mergedItems(list: ListNode, live: readonly unknown[], config: readonly unknown[]): readonly unknown[] {
  const before: readonly Indexed[] = live.map((item) => ({ text: itemElement(list, item).text, item }))
  const liveItems = indexLive(before)
  const { inOrder: wanted, byText } = indexWanted(list, config)
  const shared = wanted.filter(({ text }) => liveItems.has(text)).map(({ text }) => text)
  const merged: unknown[] = []
  const done = new Set<ElementText>()
  const emit = ({ text, item }: Indexed): void => {
    merged.push(merge(list.items, liveItems.get(text), item))
    done.add(text)
  }
  let next = 0
  let l = 0
  let r = 0
  while (l < before.length || r < wanted.length) {
    const left = before[l]
    const right = wanted[r]
    if (left !== undefined && right !== undefined) {
      if (left.text === right.text) {
        emit(right)
        l += 1
        r += 1
        next += 1
        continue
      }
      // Its turn comes where the configuration has it.
      if (byText.has(left.text) && shared[next] !== undefined && shared[next] !== left.text) {
        l += 1
        continue
      }
    }
    if (left !== undefined) {
      if (!byText.has(left.text)) {
        merged.push(left.item)
        l += 1
        continue
      }
      if (done.has(left.text)) l += 1
    }
    if (right !== undefined) {
      emit(right)
      r += 1
      if (shared[next] === right.text) next += 1
    }
  }
  return merged
}

function isSameList(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index])
}
