import type { JsonObject, KubeObject, ManagedFieldsEntry } from '../object.ts'
import { withMembers } from '../json/member.ts'
import { formatTime, parseTime } from '../time.ts'
import { ApplyError } from './errors.ts'
import { decodeFields, encodeFields } from './fields/fields-v1.ts'
import { sortFew } from './fields/sort-few.ts'
import { compareTexts } from './fields/value-order.ts'
import { goQuoted } from './fields/value-text.ts'
import { identifierOf, parseIdentifier } from './manager-identity.ts'
import type { Managers, VersionedSet } from './versioned-set.ts'

/** metadata.managedFields, read. */
export interface Ownership {
  readonly managers: Managers
  /** When each manager last changed something, by identifier; RFC 3339. Managers without a time are not here. */
  readonly times: ReadonlyMap<string, string>
}

export const noOwnership: Ownership = { managers: new Map(), times: new Map() }

/** Of two entries with one identifier the last counts. Throws ApplyError. */
export function decodeManagedFields(entries: readonly ManagedFieldsEntry[] | undefined): Ownership {
  if (entries === undefined || entries.length === 0) return noOwnership
  const managers = new Map<string, VersionedSet>()
  const times = new Map<string, string>()
  entries.forEach((entry, index) => {
    const { manager = '', operation, apiVersion = '', time, fieldsType = '', fieldsV1, subresource = '' } = entry
    if (operation !== 'Apply' && operation !== 'Update') throw new ApplyError('operation must be `Apply` or `Update`')
    if (apiVersion === '') throw new ApplyError('apiVersion must not be empty')
    if (fieldsType === '') throw new ApplyError(`missing fieldsType in managed fields entry ${index}`)
    if (fieldsType !== 'FieldsV1') {
      throw new ApplyError(`invalid fieldsType ${goQuoted(fieldsType)} in managed fields entry ${index}`)
    }
    const id = identifierOf({ manager, operation, apiVersion, subresource })
    managers.set(id, { set: decodedSet(fieldsV1, index), apiVersion, isApplied: operation === 'Apply' })
    const written = wholeSeconds(time)
    if (written === undefined) times.delete(id)
    else times.set(id, written)
  })
  return { managers, times }
}

/** Sorted; undefined when nobody owns anything. */
function encodeManagedFields({ managers, times }: Ownership): readonly ManagedFieldsEntry[] | undefined {
  if (managers.size === 0) return undefined
  const entries = Array.from(managers, ([id, manager]) => entryOf(id, manager, times.get(id)))
  sortFew(entries, compareEntries)
  return entries
}

export function withManagedFields(object: KubeObject, ownership: Ownership): KubeObject {
  const managedFields = encodeManagedFields(ownership)
  const bare = withoutManagedFields(object)
  return managedFields === undefined ? bare : { ...bare, metadata: withMembers(bare.metadata, { managedFields }) }
}

export function withoutManagedFields<T extends JsonObject | KubeObject>(object: T): T {
  const { metadata } = object
  if (typeof metadata !== 'object' || metadata === null || !Object.hasOwn(metadata, 'managedFields')) return object
  const { managedFields: _, ...rest } = metadata as KubeObject['metadata']
  return { ...object, metadata: rest }
}

/** The parser's reasons speak of its input's form; the input itself is not passed on. */
function decodedSet(fieldsV1: JsonObject | undefined, index: number): VersionedSet['set'] {
  try {
    return decodeFields(fieldsV1)
  } catch (error) {
    if (!(error instanceof ApplyError)) throw error
    throw new ApplyError(`error decoding versioned set from managed fields entry ${index}: ${error.message}`)
  }
}

const canonicalTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/

function wholeSeconds(time: string | null | undefined): string | undefined {
  if (time === undefined || time === null || canonicalTime.test(time)) return time ?? undefined
  const epochMs = parseTime(time)
  return epochMs === undefined ? undefined : formatTime(epochMs)
}

function entryOf(id: string, { set, apiVersion }: VersionedSet, time: string | undefined): ManagedFieldsEntry {
  const { manager, operation, subresource } = parseIdentifier(id)
  const said = {
    manager,
    operation,
    apiVersion,
    time,
    fieldsType: 'FieldsV1',
    fieldsV1: encodeFields(set),
    subresource,
  }
  return withMembers<ManagedFieldsEntry>({}, said)
}

function compareEntries(a: ManagedFieldsEntry, b: ManagedFieldsEntry): number {
  return (
    compareTexts(a.operation ?? '', b.operation ?? '') ||
    compareTexts(a.time ?? '', b.time ?? '') ||
    compareTexts(a.manager ?? '', b.manager ?? '') ||
    compareTexts(a.apiVersion ?? '', b.apiVersion ?? '') ||
    compareTexts(a.subresource ?? '', b.subresource ?? '')
  )
}
