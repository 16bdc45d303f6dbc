import type { FieldSet } from './fields/field-set.ts'

/** What a manager owns. Sets are never converted: objects are, and compared in the version of each set. */
export interface VersionedSet {
  readonly set: FieldSet
  readonly apiVersion: string
  readonly isApplied: boolean
}

/** By the manager's identifier. */
export type Managers = ReadonlyMap<string, VersionedSet>
