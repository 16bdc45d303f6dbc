import { jsonEqual } from '../../json/equal.ts'
import type { KubeObject, ManagedFieldsEntry } from '../../object.ts'
import { StatusError } from '../../status.ts'
import type { FieldWrite } from '../field-write.ts'
import {
  difference,
  equalSets,
  type FieldSet,
  intersection,
  isEmptySet,
  recursiveDifference,
  union,
} from '../fields/field-set.ts'
import { decodeFields, encodeFields } from '../fields/fields-v1.ts'
import { toFieldSet } from '../typed/to-field-set.ts'
import { bare, converted, resetFields, type Row, type Version } from './random-row.ts'

type Entries = readonly ManagedFieldsEntry[]
export const entriesOf = (object: KubeObject): Entries => object.metadata.managedFields ?? []
export const setOf = (entry: ManagedFieldsEntry | undefined): FieldSet => decodeFields(entry?.fieldsV1)

function isSame(left: ManagedFieldsEntry, right: ManagedFieldsEntry): boolean {
  const isOneVersion = left.operation === 'Apply' || left.apiVersion === right.apiVersion
  const members = ['manager', 'operation', 'subresource'] as const
  return isOneVersion && members.every((member) => left[member] === right[member])
}

export function ownEntry(
  { manager, apiVersion, subresource }: FieldWrite,
  operation: 'Apply' | 'Update',
): ManagedFieldsEntry {
  return { manager, operation, apiVersion, ...(subresource !== '' && { subresource }) }
}

interface Written {
  readonly live: KubeObject
  readonly next: KubeObject
  readonly own: ManagedFieldsEntry
}

/** What everybody else has after a write is what they had, without what it wrote and what it removed. */
export function otherProblems(row: Row, { live, next, own }: Written): readonly string[] {
  const others = entriesOf(live).filter((entry) => !isSame(entry, own))
  const problems = others.flatMap((entry) => {
    const { written, removed } = row.change(live, next, viewOf(entry, own))
    const left = difference(difference(setOf(entry), intersection(setOf(entry), written)), removed)
    const now = entriesOf(next).find((each) => isSame(each, entry))
    if (!equalSets(setOf(now), left)) return [`${entry.manager} should have been left other fields`]
    return now !== undefined && now.time !== entry.time ? [`the time of ${entry.manager} changed`] : []
  })
  const strangers = entriesOf(next).filter(
    (entry) => !isSame(entry, own) && !others.some((each) => isSame(each, entry)),
  )
  return [...problems, ...strangers.map(({ manager }) => `${manager} came from nowhere`)]
}

/** In the version of one entry, without what the endpoint of another does not let its writer change. */
function viewOf({ apiVersion = '' }: ManagedFieldsEntry, { subresource = '' }: ManagedFieldsEntry) {
  return { apiVersion, subresource }
}

export function formProblems(entries: Entries): readonly string[] {
  const orders = entries.map(({ operation, time = '', manager, apiVersion, subresource = '' }) =>
    [operation, time, manager, apiVersion, subresource].join('\0'),
  )
  const strays = entries.filter(({ subresource, fieldsV1 = {} }) =>
    Object.keys(fieldsV1).some((key) => (key === 'f:status') !== (subresource === 'status')),
  )
  return [
    ...(orders.join() === orders.toSorted().join() ? [] : ['the entries are not in order']),
    ...strays.map(({ manager }) => `${manager} owns what its endpoint does not write`),
    ...entries.filter((entry) => isEmptySet(setOf(entry))).map(({ manager }) => `${manager} owns nothing`),
  ]
}

export function updateProblems(row: Row, { live, next, own }: Written, now: string): readonly string[] {
  const before = entriesOf(live).find((entry) => isSame(entry, own))
  const after = entriesOf(next).find((entry) => isSame(entry, own))
  const { written, removed } = row.change(live, next, viewOf(own, own))
  const wanted = union(difference(setOf(before), removed), written)
  if (!equalSets(setOf(after), wanted)) return ['the writer does not own exactly what it changed']
  const time = isEmptySet(written) ? before?.time : now
  return after !== undefined && after.time !== time ? ['the time of the writer is wrong'] : []
}

export function applyProblems(row: Row, { live, next, own }: Written, applied: { config: KubeObject; now: string }) {
  const before = entriesOf(live).find((entry) => isSame(entry, own))
  const after = entriesOf(next).find((entry) => isSame(entry, own))
  const type = row.types.get(own.apiVersion ?? '')
  if (type === undefined) throw new Error('no such version')
  const reset = decodeFields(resetFields(own.subresource ?? ''))
  const said = { spec: applied.config.spec, status: applied.config.status }
  if (!equalSets(setOf(after), recursiveDifference(toFieldSet(type, said), reset)))
    return ['the applier does not own exactly what it said']
  const isSameObject = jsonEqual(bare(next), bare(converted(live, own.apiVersion as Version)))
  const time = isSameObject ? before?.time : applied.now
  return after !== undefined && after.time !== time ? ['the time of the applier is wrong'] : []
}

/** Whose fields a forced apply takes, which is what one without force is refused for. */
export function contestedBy(row: Row, { live, next, own }: Written) {
  return entriesOf(live)
    .filter((entry) => !isSame(entry, own))
    .map((entry) => ({ entry, set: intersection(setOf(entry), row.change(live, next, viewOf(entry, own)).written) }))
    .filter(({ set }) => !isEmptySet(set))
    .map(({ entry, set }) => ({ id: identityOf(entry), manager: textOf(entry), fields: encodeFields(set) }))
    .toSorted((left, right) => (left.id < right.id ? -1 : 1))
}

function identityOf({ manager, operation, apiVersion, subresource }: ManagedFieldsEntry): string {
  return JSON.stringify({ manager, operation, ...(operation === 'Update' && { apiVersion }), subresource })
}

function textOf({ manager, operation, apiVersion, subresource }: ManagedFieldsEntry): string {
  const where = subresource === undefined ? '' : ` with subresource "${subresource}"`
  return `"${manager}"${where}${operation === 'Update' ? ` using ${apiVersion}` : ''}`
}

export function refusalOf(run: () => KubeObject): StatusError | undefined {
  try {
    run()
  } catch (error) {
    if (error instanceof StatusError && error.code === 409) return error
    throw error
  }
  return undefined
}
