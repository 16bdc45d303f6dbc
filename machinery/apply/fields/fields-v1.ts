import { LRUCache } from 'lru-cache'
import { isJsonObject, setMember } from '../../json/member.ts'
import type { JsonObject } from '../../object.ts'
import { ApplyError } from '../errors.ts'
import { type ChildSet, emptySet, type FieldSet } from './field-set.ts'
import { compareElements, type ElementText, parseElement, type PathElement } from './path-element.ts'
import { SetBuilder } from './set-builder.ts'

/**
 * A set as the `fieldsV1` of a managedFields entry. What was read comes out as the same object, so that entries nobody
 * touched need no work and no comparison.
 */
export function encodeFields(set: FieldSet): JsonObject {
  return sources.get(set) ?? encodedLevel(set, {})
}

/** Reads `fieldsV1`; missing is the empty set. Throws ApplyError. The object must not change any more. */
export function decodeFields(fields: JsonObject | null | undefined): FieldSet {
  if (fields === undefined || fields === null) return emptySet
  const text = JSON.stringify(fields)
  const known = recent.get(text)
  if (known !== undefined) {
    if (sources.has(known)) sources.set(known, fields)
    return known
  }
  const set = decodedLevel(fields) ?? emptySet
  // Whether encoding the set would give the same JSON again, order included.
  if (JSON.stringify(encodedLevel(set, {})) === text) sources.set(set, fields)
  if (text.length <= recentLengthMax) recent.set(text, set)
  return set
}

const sources = new WeakMap<FieldSet, JsonObject>()

/** A client writes its objects alike: the same few sets are read again with every write. */
const recentLengthMax = 16 * 1024
const recent = new LRUCache<string, FieldSet>({
  maxSize: 1024 * 1024,
  sizeCalculation: (_, text) => text.length,
})

const leaf: JsonObject = Object.freeze({})
const self = '.'

/** The set after the members that are there. */
function encodedLevel(set: FieldSet, fields: Record<string, unknown>): JsonObject {
  const { members, children } = set
  let m = 0
  let c = 0
  while (m < members.length || c < children.length) {
    const member = members[m]
    const child = children[c]
    const order = orderOf(member, child)
    if (order <= 0) m += 1
    if (order >= 0) c += 1
    if (order < 0 && member !== undefined) setMember(fields, member.text, leaf)
    else if (child !== undefined) setMember(fields, child.element.text, encodedChild(child, order === 0))
  }
  return fields as JsonObject
}

function orderOf(member: PathElement | undefined, child: ChildSet | undefined): number {
  if (member === undefined) return 1
  return child === undefined ? -1 : compareElements(member, child.element)
}

function encodedChild({ set }: ChildSet, isMember: boolean): JsonObject {
  return encodedLevel(set, isMember ? { [self]: leaf } : {})
}

function decodedLevel(fields: JsonObject): FieldSet | undefined {
  const builder = new SetBuilder()
  const seen = new Seen()
  for (const [text, value] of Object.entries(fields)) {
    if (text === self) continue
    const element = parseElement(text)
    if (!isJsonObject(value) && value !== null) throw new ApplyError('a field path is followed by no object')
    if (element === undefined) continue
    const child = value === null ? undefined : decodedLevel(value)
    const isMember = child === undefined || Object.hasOwn(value ?? {}, self)
    seen.add({ element, child, isMember })
  }
  seen.into(builder)
  return builder.build()
}

interface Decoded {
  readonly element: PathElement
  readonly child: FieldSet | undefined
  readonly isMember: boolean
}

/** Two texts can mean one element (`v:1`, `v:1.0`): membership adds up, of what is below them the last one counts. */
class Seen {
  readonly #entries = new Map<ElementText, Decoded>()

  add(entry: Decoded): void {
    const before = this.#entries.get(entry.element.text)
    const isMember = entry.isMember || before?.isMember === true
    this.#entries.set(entry.element.text, { ...entry, child: entry.child ?? before?.child, isMember })
  }

  into(builder: SetBuilder): void {
    for (const { element, child, isMember } of this.#entries.values()) {
      if (isMember) builder.member(element)
      builder.child(element, child)
    }
  }
}
