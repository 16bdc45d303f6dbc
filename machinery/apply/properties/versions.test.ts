import t from 'tap'
import { jsonEqual } from '../../json/equal.ts'
import type { JsonObject, KubeObject, ManagedFieldsEntry } from '../../object.ts'
import type { Schema } from '../../schema/schema.ts'
import { formatTime } from '../../time.ts'
import { createFieldManager } from '../field-manager.ts'
import type { FieldWrite } from '../field-write.ts'
import { difference, equalSets, type FieldSet, union } from '../fields/field-set.ts'
import { decodeFields } from '../fields/fields-v1.ts'
import { objectTypeOf } from '../types/object-type.ts'
import { expectedConflict } from './conflict-text.ts'
import {
  applyProblems,
  contestedBy,
  entriesOf,
  formProblems,
  otherProblems,
  ownEntry,
  refusalOf,
  setOf,
  updateProblems,
} from './ownership-problems.ts'
import { seeds } from './random-objects.ts'
import { converted, resetFields, Row, settled, v1, v1beta1, type Version } from './random-row.ts'

t.test('any row of writes in two versions and through two endpoints keeps ownership true', async (t) => {
  for (const seed of seeds) {
    const row = aRow(seed)
    let live = created(row, 'maker')
    for (let round = 0; round < 12; round += 1) {
      row.nowMs += row.generator.below(2) * 1000
      const write = row.write(2)
      const isTracked = entriesOf(live).length > 0
      const { next, problems } = row.generator.below(2) === 0 ? updated(row, live, write) : applied(row, live, write)
      for (const problem of isTracked ? problems : []) t.fail(`seed ${seed}, round ${round}: ${problem}`)
      for (const problem of formProblems(entriesOf(next))) t.fail(`seed ${seed}, round ${round}: ${problem}`)
      live = settled(live, next, write)
    }
  }
})

t.test('many writers end as ten entries at most, and nothing gets lost on the way', async (t) => {
  let joined = 0
  for (const seed of seeds.slice(0, 50)) {
    const row = aRow(seed)
    let live = created(row, 'maker')
    for (let round = 0; round < 30; round += 1) {
      row.nowMs += 1000
      const write = { ...row.write(30), subresource: '' }
      const before = converted(live, write.apiVersion)
      const next = row.manager.update(before, withFree(before, write.manager, `${round}`), write)
      const updates = entriesOf(next).filter(({ operation }) => operation === 'Update')
      if (updates.length > 10) t.fail(`seed ${seed}: ${updates.length} entries`)
      for (const version of [v1, v1beta1] as const) {
        const { written, removed } = row.change(live, next, { apiVersion: version, subresource: '' })
        const left = difference(difference(ownedIn(live, version), written), removed)
        const kept = difference(ownedIn(next, version), written)
        if (!equalSets(left, kept)) t.fail(`seed ${seed}: fields of ${version} changed hands by being joined`)
      }
      joined += updates.some(({ manager }) => manager === 'ancient-changes') ? 1 : 0
      live = settled(live, next, write)
    }
  }
  t.ok(joined > 0)
})

t.test('sets follow a version whose lists and maps became atomic, and no other version', async (t) => {
  for (const seed of seeds) {
    const row = aRow(seed)
    let live = created(row, 'maker')
    for (let round = 0; round < 6; round += 1) {
      const write = row.write(2)
      live = settled(live, updated(row, live, write).next, write)
    }
    if (entriesOf(live).length === 0) continue
    const kind = atomic(row.kind)
    const types = new Map([...row.types, [v1, objectTypeOf(kind)]])
    const clock = { now: () => row.nowMs, monotonic: () => 0, sleep: async () => {} }
    const manager = createFieldManager({ kind: 'Thing', types, resetFields, clock })
    const next = manager.update(live, live, { ...row.write(1), subresource: '', manager: 'nobody' })
    const wanted = entriesOf(live).map((entry) => (entry.apiVersion === v1 ? collapsed(entry, kind) : entry))
    if (!jsonEqual(entriesOf(next), wanted)) t.fail(`seed ${seed}: the sets are not those of the new types`)
  }
})

function aRow(seed: number): Row {
  return new Row(seed, () => void t.fail(`seed ${seed}: an update could not be tracked`))
}

function created(row: Row, manager: string): KubeObject {
  const write = { ...row.write(1), manager, subresource: '' }
  const { status: _, ...object } = row.object(write.apiVersion)
  return row.manager.update(undefined, object, write)
}

/** The object with one more free entry, or another value of it. */
function withFree(object: KubeObject, name: string, value: string): KubeObject {
  const spec = object.spec as { readonly free?: JsonObject } | undefined
  return { ...object, spec: { ...spec, free: { ...spec?.free, [name]: value } } }
}

interface Outcome {
  readonly next: KubeObject
  readonly problems: readonly string[]
}

function updated(row: Row, live: KubeObject, write: FieldWrite & { apiVersion: Version }): Outcome {
  const { managedFields } = live.metadata
  const sent = row.object(write.apiVersion)
  const before = converted(live, write.apiVersion)
  // Clients send managedFields back or leave them out; some change nothing at all.
  const metadata = { ...sent.metadata, ...(row.generator.below(2) === 0 && managedFields && { managedFields }) }
  const object = row.generator.below(4) === 0 ? before : { ...sent, metadata }
  const next = row.manager.update(before, object, write)
  const written = { live, next, own: ownEntry(write, 'Update') }
  const problems = [...otherProblems(row, written), ...updateProblems(row, written, formatTime(row.nowMs))]
  return { next, problems: jsonEqual(next.spec, object.spec) ? problems : ['an update changed the object'] }
}

function applied(row: Row, live: KubeObject, write: FieldWrite & { apiVersion: Version }): Outcome {
  const config = row.object(write.apiVersion)
  const before = converted(live, write.apiVersion)
  const own = ownEntry(write, 'Apply')
  const next = row.manager.apply(before, config, { ...write, force: true })
  const written = { live, next, own }
  const refusal = refusalOf(() => row.manager.apply(before, config, { ...write, force: false }))
  const contested = contestedBy(row, written)
  const wanted = contested.length === 0 ? undefined : expectedConflict(contested)
  const fields = refusal?.details?.causes?.map(({ field }) => field)
  const problems = [
    ...otherProblems(row, written),
    ...applyProblems(row, written, { config, now: formatTime(row.nowMs) }),
    ...(refusal?.message === wanted?.message ? [] : [`the conflict reads ${refusal?.message}, not ${wanted?.message}`]),
    ...(jsonEqual(fields, wanted?.fields) ? [] : ['the causes of the conflict are others']),
  ]
  return { next, problems }
}

function ownedIn(object: KubeObject, version: Version): FieldSet {
  const sets = entriesOf(object).filter(({ apiVersion }) => apiVersion === version)
  return sets.map(setOf).reduce(union, decodeFields({}))
}

/** Every list and every map of free entries is one value now. */
function atomic(schema: Schema): Schema {
  if (schema.items !== undefined) return { ...schema, 'x-kubernetes-list-type': 'atomic' }
  if (schema.additionalProperties !== undefined) return { ...schema, 'x-kubernetes-map-type': 'atomic' }
  const properties = Object.entries(schema.properties ?? {}).map(([name, member]) => [name, atomic(member)] as const)
  return schema.properties === undefined ? schema : { ...schema, properties: Object.fromEntries(properties) }
}

function collapsed(entry: ManagedFieldsEntry, kind: Schema): ManagedFieldsEntry {
  return { ...entry, fieldsV1: collapsedFields(entry.fieldsV1 ?? {}, kind) }
}

/** What was owned inside of what is one value now is the value. */
function collapsedFields(fields: JsonObject, schema: Schema): JsonObject {
  if (schema['x-kubernetes-map-type'] === 'atomic' || schema['x-kubernetes-list-type'] === 'atomic') return {}
  const members = Object.entries(fields).map(([key, below]) => {
    const member = schema.properties?.[key.slice(2)]
    return [key, member === undefined ? below : collapsedFields(below as JsonObject, member)] as const
  })
  return Object.fromEntries(members)
}
