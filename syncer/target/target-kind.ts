import type { ResourceClient } from '../../machinery/client.ts'
import type { KubeObject } from '../../machinery/object.ts'
import type { Plan } from '../plan.ts'
import type { Adoption } from '../plan/foreign.ts'
import type { Unrendered } from '../render/heavy/renders.ts'
import type { Targets } from './targets.ts'
import type { Words } from './words.ts'

/** A kind of object that values are poured into: how its objects are reached, known, made and told of. */
export interface TargetKind<T extends KubeObject = KubeObject> {
  readonly client: ResourceClient<T>
  readonly targets: Targets
  readonly words: Words
  /** Stands before the names of its targets where kinds are mixed; empty for Secrets. */
  readonly prefix: string
  /** Rejects with SyncError. */
  render(unrendered: Unrendered, adoption: Adoption): Promise<Pouring<T>>
}

/** What one target is to hold, rendered. */
export interface Pouring<T extends KubeObject = KubeObject> {
  /** Tells whether it is what was written last. */
  readonly hash: string
  /** What has to be written. Throws SyncError. */
  plan(current?: T): Plan<T>
}
