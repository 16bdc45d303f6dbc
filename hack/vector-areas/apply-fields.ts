import { elementMessage, compareElements, parseElement } from '../../machinery/apply/fields/path-element.ts'
import {
  difference,
  equalSets,
  type FieldSet,
  intersection,
  isEmptySet,
  leaves,
  pathsOf,
  recursiveDifference,
  union,
} from '../../machinery/apply/fields/field-set.ts'
import { decodeFields, encodeFields } from '../../machinery/apply/fields/fields-v1.ts'
import { pathMessage } from '../../machinery/apply/conflicts.ts'
import { decodeManagedFields } from '../../machinery/apply/managed-fields.ts'
import { isJsonObject } from '../../machinery/json/member.ts'
import type { JsonObject, ManagedFieldsEntry } from '../../machinery/object.ts'
import type { VectorArea, VectorOutcome } from './area.ts'
import { caseList } from './case-list.ts'
import { errorText, thrownBy } from './error-text.ts'

/** Level 0 of server-side apply: path elements, field sets, FieldsV1. */
export const fieldAreas: readonly VectorArea[] = [
  {
    name: 'fields.decodeManagedFields',
    cases: (file) =>
      caseList<DecodeCase>(file, 'fields', 'decodeManagedFields').map((one, index) => ({
        name: `${index}`,
        run: () => decoded(one),
      })),
  },
  {
    name: 'fields.pathElementOrder',
    cases: (file) => {
      const expected = caseList<string>(file, 'fields', 'pathElementOrder')
      return expected.length === 0 ? [] : [{ name: 'all', run: () => ({ expected, actual: inOrder(expected) }) }]
    },
  },
  {
    name: 'fields.pathElements',
    cases: (file) =>
      caseList<ElementCase>(file, 'fields', 'pathElements').map((one) => ({ name: one.in, run: () => element(one) })),
  },
  {
    name: 'fields.roundtrip',
    cases: (file) =>
      caseList<RoundtripCase>(file, 'fields', 'roundtrip').map((one) => ({ name: one.in, run: () => roundtrip(one) })),
  },
  {
    name: 'fields.setOps',
    cases: (file) =>
      caseList<SetCase>(file, 'fields', 'setOps').map((one) => ({ name: `${one.a} ${one.b}`, run: () => setOps(one) })),
  },
]

interface DecodeCase {
  readonly in: readonly ManagedFieldsEntry[]
  readonly identifiers?: readonly string[]
  readonly error?: string
}

function decoded(one: DecodeCase): VectorOutcome {
  if (one.error !== undefined) {
    const actual = thrownBy(() => decodeManagedFields(one.in))
    return { expected: errorText(one.error), actual: errorText(actual ?? 'no error') }
  }
  return { expected: one.identifiers?.toSorted(), actual: [...decodeManagedFields(one.in).managers.keys()].toSorted() }
}

/** From an order that is surely another one. */
function inOrder(texts: readonly string[]): readonly (string | undefined)[] {
  const elements = texts.toReversed().flatMap((text) => parseElement(text) ?? [])
  return elements.toSorted(compareElements).map(({ text }) => text)
}

interface ElementCase {
  readonly in: string
  readonly out?: string
  readonly string?: string
  readonly error?: string
}

function element(one: ElementCase): VectorOutcome {
  if (one.error !== undefined) return { expected: 'an error', actual: elementError(one.in) }
  const parsed = parseElement(one.in)
  const expected = { out: one.out, string: one.string }
  return { expected, actual: parsed && { out: parsed.text, string: elementMessage(parsed) } }
}

/** A kind that nobody knows is dropped where sets are read, so parseElement has no error for it. */
function elementError(text: string): string | undefined {
  return thrownBy(() => parseElement(text)) !== undefined || parseElement(text) === undefined ? 'an error' : undefined
}

interface RoundtripCase {
  readonly in: string
  readonly out?: string
  readonly leaves?: string
  readonly paths?: readonly string[]
  readonly size?: number
  readonly error?: string
}

function roundtrip(one: RoundtripCase): VectorOutcome {
  if (one.error !== undefined) {
    return { expected: 'an error', actual: thrownBy(() => setOf(one.in)) === undefined ? 'none' : 'an error' }
  }
  const { in: _, ...expected } = one
  const set = setOf(one.in)
  const paths = [...pathsOf(set)].map(pathMessage)
  return { expected, actual: { out: textOf(set), leaves: textOf(leaves(set)), paths, size: paths.length } }
}

interface SetCase {
  readonly a: string
  readonly b: string
}

function setOps({ a: left, b: right, ...expected }: SetCase): VectorOutcome {
  const a = setOf(left)
  const b = setOf(right)
  const actual = {
    aEmpty: isEmptySet(a),
    equals: equalSets(a, b),
    union: textOf(union(a, b)),
    intersection: textOf(intersection(a, b)),
    difference: textOf(difference(a, b)),
    recursiveDifference: textOf(recursiveDifference(a, b)),
  }
  return { expected, actual }
}

function setOf(text: string): FieldSet {
  const fields: unknown = JSON.parse(text)
  if (!isJsonObject(fields)) throw new Error('no object')
  return decodeFields(fields as JsonObject)
}

function textOf(set: FieldSet): string {
  return JSON.stringify(encodeFields(set))
}
