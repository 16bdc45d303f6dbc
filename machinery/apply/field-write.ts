import type { Clock } from '../../base/clock.ts'
import type { JsonObject, KubeObject } from '../object.ts'
import type { ObjectType } from './types/object-type.ts'

export interface FieldWrite {
  /** Empty: `unknown`. */
  readonly manager: string
  /** Of the endpoint: the version that the request was sent to. */
  readonly apiVersion: string
  /** Empty: the object itself. */
  readonly subresource: string
  /** Between the versions of the kind; asked only for versions that have a type, never for the object's own. */
  readonly convert: (object: KubeObject, apiVersion: string) => KubeObject
}

export interface FieldManagerConfig {
  readonly kind: string
  /** By apiVersion. A version without a type is gone: its managers are dropped at the next write. */
  readonly types: ReadonlyMap<string, ObjectType>
  /** What an endpoint does not let its clients change, so that nobody comes to own it there; as FieldsV1. */
  readonly resetFields: (subresource: string, apiVersion: string) => JsonObject
  readonly clock: Clock
  /** Told of an update whose ownership could not be tracked. */
  readonly onUntracked?: (error: unknown) => void
}
