import t from 'tap'
import { jsonEqual } from '../../json/equal.ts'
import type { JsonObject, KubeObject } from '../../object.ts'
import { StatusError } from '../../status.ts'
import { createFieldManager } from '../field-manager.ts'
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
import { compare } from '../typed/compare.ts'
import { merge } from '../typed/merge.ts'
import { withNamedFields } from '../typed/named-fields.ts'
import { removeItems } from '../typed/remove-items.ts'
import { toFieldSet } from '../typed/to-field-set.ts'
import { objectTypeOf } from '../types/object-type.ts'
import { aKind, anObject, apiVersion, Generator, seeds } from './random-objects.ts'

function aSet(generator: Generator): FieldSet {
  const kind = aKind(generator)
  return toFieldSet(objectTypeOf(kind), anObject(generator, kind))
}

t.test('sets obey the laws of sets and survive FieldsV1', async (t) => {
  for (const seed of seeds) {
    const generator = new Generator(seed)
    const [a, b] = [aSet(generator), aSet(generator)]
    const parts = union(difference(a, b), intersection(a, b))
    if (!equalSets(parts, a)) t.fail(`seed ${seed}: a is not (a - b) + (a & b)`)
    if (!equalSets(union(a, b), union(b, a))) t.fail(`seed ${seed}: union depends on the order`)
    if (!isEmptySet(recursiveDifference(a, a))) t.fail(`seed ${seed}: a - a is not empty`)
    const again = decodeFields(JSON.parse(JSON.stringify(encodeFields(a))) as JsonObject)
    if (!equalSets(a, again)) t.fail(`seed ${seed}: FieldsV1 changed the set`)
  }
})

t.test('a set that nothing is taken from or added to stays the same set', async (t) => {
  for (const seed of seeds) {
    const generator = new Generator(seed)
    const [a, b] = [aSet(generator), aSet(generator)]
    const sets = {
      union: union(a, intersection(a, b)),
      intersection: intersection(a, union(b, a)),
      difference: difference(a, difference(b, a)),
      recursiveDifference: recursiveDifference(a, decodeFields({ 'f:spec': { 'f:another': {} }, 'f:status': {} })),
    }
    for (const [name, set] of Object.entries(sets)) if (set !== a) t.fail(`seed ${seed}: ${name} is a copy`)
  }
})

t.test('a comparison adds and removes what only one side has, walked alone', async (t) => {
  for (const seed of seeds) {
    const generator = new Generator(seed)
    const kind = aKind(generator)
    const type = objectTypeOf(kind)
    const [a, b] = [anObject(generator, kind), anObject(generator, kind)]
    const [allOfA, allOfB] = [compare(type, undefined, a).added, compare(type, b, undefined).removed]
    const named = withNamedFields(type, toFieldSet(type, a))
    if (!isEmptySet(difference(named, allOfA))) t.fail(`seed ${seed}: not all of a came`)
    const { added, modified, removed } = compare(type, a, b)
    if (!equalSets(added, difference(allOfB, allOfA))) t.fail(`seed ${seed}: added is not b - a`)
    if (!equalSets(removed, difference(allOfA, allOfB))) t.fail(`seed ${seed}: removed is not a - b`)
    if (!isEmptySet(difference(modified, intersection(allOfA, allOfB)))) t.fail(`seed ${seed}: modified is not in both`)
  }
})

t.test('what one direction of a comparison adds the other removes, and merging is idempotent', async (t) => {
  for (const seed of seeds) {
    const generator = new Generator(seed)
    const kind = aKind(generator)
    const type = objectTypeOf(kind)
    const [a, b] = [anObject(generator, kind), anObject(generator, kind)]
    const [there, back] = [compare(type, a, b), compare(type, b, a)]
    const isMirrored = equalSets(there.added, back.removed) && equalSets(there.modified, back.modified)
    if (!isMirrored) t.fail(`seed ${seed}: a comparison is not its mirror image`)
    const merged = merge(type, a, b)
    if (!jsonEqual(merge(type, merged, b), merged)) t.fail(`seed ${seed}: merging twice is not merging once`)
    const { added, modified } = compare(type, merged, b)
    if (!isEmptySet(union(added, modified))) t.fail(`seed ${seed}: the configuration is not in what was merged`)
    const rest = removeItems(type, merged, toFieldSet(type, b))
    const kept = intersection(toFieldSet(type, rest), toFieldSet(type, b))
    if (!equalSets(kept, intersection(kept, nullsOf(type, rest))))
      t.fail(`seed ${seed}: something removed is still there`)
  }
})

/** Members that lost all below them stay as null. */
function nullsOf(type: ReturnType<typeof objectTypeOf>, value: unknown): FieldSet {
  return difference(toFieldSet(type, value), toFieldSet(type, withoutNulls(value)))
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).filter(([, member]) => member !== null)
  return Object.fromEntries(members.map(([name, member]) => [name, withoutNulls(member)]))
}

t.test('any row of writes keeps ownership true', async (t) => {
  for (const seed of seeds) {
    const generator = new Generator(seed)
    const kind = aKind(generator)
    const manager = createFieldManager({
      kind: 'Thing',
      types: new Map([[apiVersion, objectTypeOf(kind)]]),
      resetFields: () => ({}),
      clock: { now: () => seed * 1000, monotonic: () => 0, sleep: async () => {} },
      onUntracked: () => t.fail(`seed ${seed}: an update could not be tracked`),
    })
    let live: KubeObject | undefined
    for (let round = 0; round < 8; round += 1) {
      const write = {
        manager: `m${generator.below(3)}`,
        apiVersion,
        subresource: '',
        convert: (same: KubeObject) => same,
      }
      const sent = anObject(generator, kind)
      if (generator.below(2) === 0) {
        live = manager.update(live, sent, write)
        if (!jsonEqual(live.spec, sent.spec)) t.fail(`seed ${seed}: an update changed the object`)
        continue
      }
      const force = generator.below(2) === 0
      const next = applied(() => manager.apply(live, sent, { ...write, force }))
      if (next === undefined) {
        if (force) t.fail(`seed ${seed}: a forced apply had conflicts`)
        continue
      }
      const fields = next.metadata.managedFields?.find(
        (entry) => entry.operation === 'Apply' && entry.manager === write.manager,
      )
      const owned = decodeFields(fields?.fieldsV1)
      const wanted = toFieldSet(objectTypeOf(kind), { spec: sent.spec })
      if (!equalSets(owned, wanted)) t.fail(`seed ${seed}: the applier does not own what it applied`)
      // A map or list that the configuration empties goes with its last entry and comes back empty once.
      const settled = manager.apply(next, sent, { ...write, force: true })
      const again = manager.apply(settled, sent, { ...write, force: false })
      if (again !== settled) t.fail(`seed ${seed}: the same apply again is a change`)
      live = next
    }
  }
})

function applied(run: () => KubeObject): KubeObject | undefined {
  try {
    return run()
  } catch (error) {
    if (error instanceof StatusError && error.code === 409) return undefined
    throw error
  }
}
