import { isJsonObject } from '../../json/member.ts'
import type { JsonObject, KubeObject } from '../../object.ts'
import type { Schema } from '../../schema/schema.ts'
import { createFieldManager, type FieldManager } from '../field-manager.ts'
import type { FieldWrite } from '../field-write.ts'
import { type FieldSet, recursiveDifference, union } from '../fields/field-set.ts'
import { decodeFields } from '../fields/fields-v1.ts'
import { compare } from '../typed/compare.ts'
import { type ObjectType, objectTypeOf } from '../types/object-type.ts'
import { aKind, anObject, Generator } from './random-objects.ts'

/** Two versions of a random kind: the older one calls the first member of the spec otherwise. */
export const v1 = 'example.com/v1'
export const v1beta1 = 'example.com/v1beta1'
const renamedMember = { [v1]: 'a', [v1beta1]: 'z' } as const
export type Version = typeof v1 | typeof v1beta1

/** Where many writers find a field each. */
const free: Schema = { type: 'object', additionalProperties: { type: 'string' } }

const main = { 'f:status': {} }
const allButStatus = { 'f:metadata': {}, 'f:spec': {} }
export const resetFields = (subresource: string): JsonObject => (subresource === 'status' ? allButStatus : main)

export class Row {
  readonly generator: Generator
  readonly kind: Schema
  readonly types: ReadonlyMap<string, ObjectType>
  readonly manager: FieldManager
  nowMs = Date.UTC(2030, 0, 1)

  constructor(seed: number, onUntracked: () => void) {
    this.generator = new Generator(seed)
    const { properties, ...rest } = aKind(this.generator)
    const spec = { ...properties?.spec, properties: { ...properties?.spec?.properties, free } }
    this.kind = { ...rest, properties: { ...properties, spec, status: this.generator.struct(1) } }
    this.types = new Map([
      [v1, objectTypeOf(this.kind)],
      [v1beta1, objectTypeOf(olderKind(this.kind))],
    ])
    const clock = { now: () => this.nowMs, monotonic: () => 0, sleep: async () => {} }
    this.manager = createFieldManager({ kind: 'Thing', types: this.types, resetFields, clock, onUntracked })
  }

  /** A new object in this version. */
  object(version: Version): KubeObject {
    const status = this.generator.value(this.kind.properties?.status ?? {})
    return converted({ ...anObject(this.generator, this.kind), status }, version)
  }

  write(managersCount: number): FieldWrite & { apiVersion: Version } {
    const { generator } = this
    return {
      manager: `m${generator.below(managersCount)}`,
      apiVersion: generator.below(2) === 0 ? v1 : v1beta1,
      subresource: generator.below(3) === 0 ? 'status' : '',
      convert: (object, version) => converted(object, version as Version),
    }
  }

  /** What a write did, as a manager of this version and subresource sees it. */
  change(live: KubeObject, next: KubeObject, as: { apiVersion: string; subresource: string }): Change {
    const type = this.types.get(as.apiVersion)
    if (type === undefined) throw new Error('no such version')
    const [before, after] = [live, next].map((object) => bare(converted(object, as.apiVersion as Version)))
    const reset = decodeFields(resetFields(as.subresource))
    const { added, modified, removed } = compare(type, before, after)
    return {
      written: recursiveDifference(union(added, modified), reset),
      removed: recursiveDifference(removed, reset),
    }
  }
}

interface Change {
  readonly written: FieldSet
  readonly removed: FieldSet
}

function olderKind(kind: Schema): Schema {
  const { a = {}, ...others } = kind.properties?.spec?.properties ?? {}
  const spec: Schema = { ...kind.properties?.spec, properties: { ...others, z: a } }
  return { ...kind, properties: { ...kind.properties, spec } }
}

export function converted(object: KubeObject, apiVersion: Version): KubeObject {
  if (object.apiVersion === apiVersion || !isJsonObject(object.spec)) return { ...object, apiVersion }
  const [from, to] = [renamedMember[object.apiVersion as Version], renamedMember[apiVersion]]
  const members = Object.entries(object.spec).map(([name, value]) => [name === from ? to : name, value] as const)
  return { ...object, apiVersion, spec: Object.fromEntries(members) }
}

export function bare(object: KubeObject): KubeObject {
  return { ...object, metadata: { name: 'x', uid: 'u' } }
}

/** What the strategy makes of it: each endpoint changes its own half, and nulls of a merge go. */
export function settled(live: KubeObject, next: KubeObject, { subresource, apiVersion }: FieldWrite): KubeObject {
  const before: Readonly<Record<string, unknown>> = { ...converted(live, apiVersion as Version) }
  const sent: Readonly<Record<string, unknown>> = { ...next }
  const [spec, status] = subresource === 'status' ? [before.spec, sent.status] : [sent.spec, before.status]
  return withoutNulls({ ...next, spec, status }) as KubeObject
}

function withoutNulls(value: unknown): unknown {
  if (!isJsonObject(value)) return value
  const members = Object.entries(value).filter(([, member]) => member !== null && member !== undefined)
  return Object.fromEntries(members.map(([name, member]) => [name, withoutNulls(member)]))
}
