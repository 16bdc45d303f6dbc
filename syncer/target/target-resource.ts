import type { ObjectName, ResourceClient } from '../../machinery/client.ts'
import type { KubeObject } from '../../machinery/object.ts'

/** As `spec.target.manifest` names it. */
export interface GroupVersionKind {
  readonly apiVersion: string
  readonly kind: string
}

/** A kind of the world around, of which objects may be targets. */
export interface TargetResource {
  readonly client: ResourceClient<KubeObject>
  /** The metadata of one object without the rest. */
  readonly readMetadata?: (at: ObjectName) => Promise<KubeObject>
  /** May its objects be listed and watched there? Never rejects. Absent: everywhere. */
  readonly mayWatch?: (namespace: string) => Promise<boolean>
}
