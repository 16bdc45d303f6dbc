import type { Clock } from '../../base/clock.ts'
import type { KubeObject } from '../object.ts'
import type { ObjectType } from './types/object-type.ts'

/** Who owns which field of the objects of one kind: metadata.managedFields, in server-side apply and in every write. */
export interface FieldManager {
  /**
   * `next` with the managedFields that follow from a create (`live` undefined), an update or a patch. Never fails: what
   * cannot be tracked keeps the managedFields of `live`.
   */
  update(live: KubeObject | undefined, next: KubeObject, write: FieldWrite): KubeObject
  /**
   * `live` merged with an applied configuration, in `write.apiVersion`. Throws StatusError: 409 with the conflicts,
   * 400 for an object of another kind or one with managedFields, 500 without a reason for what cannot be typed.
   */
  apply(live: KubeObject | undefined, config: KubeObject, write: FieldWrite & { readonly force: boolean }): KubeObject
}

export interface FieldWrite {
  /** Empty: `unknown`. */
  readonly manager: string
  /** Of the endpoint: the version that the request was sent to. */
  readonly apiVersion: string
  readonly subresource: string
  /** Between the versions of the kind; asked only for versions that have a type, never for the object's own. */
  readonly convert: (object: KubeObject, apiVersion: string) => KubeObject
}

export interface FieldManagerConfig {
  readonly kind: string
  /** By apiVersion. A version without a type is gone: its managers are dropped at the next write. */
  readonly types: ReadonlyMap<string, ObjectType>
  /** Fields that an endpoint never changes and nobody comes to own through it: by subresource ('' the object itself). */
  readonly resetFields: Readonly<Record<string, readonly ResetField[]>>
  readonly clock: Clock
  /** Of an update whose ownership could not be tracked. */
  readonly onUntracked?: (error: unknown) => void
}

/** A path of field names: `['status']`. The same in all versions. */
export type ResetField = readonly string[]

export function createFieldManager(config: FieldManagerConfig): FieldManager {
  return {
    update: (_live, next) => next,
    apply: (_live, applied) => (config.types.size === 0 ? applied : applied),
  }
}
