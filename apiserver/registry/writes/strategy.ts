import { jsonEqual, jsonEqualBut } from '../../../machinery/json/equal.ts'
import { withMembers, withoutMembers } from '../../../machinery/json/member.ts'
import type { KubeObject, ObjectMeta } from '../../../machinery/object.ts'
import { canonical } from '../codec.ts'
import type { Received } from '../conversion.ts'
import type { RegistryParts } from '../registry-parts.ts'
import { type Stored, withObject } from '../stored.ts'

/** Through which endpoint of which object a write came. */
export interface Endpoint {
  readonly live: Stored
  readonly version: string
  readonly subresource: '' | 'status'
}

/** A new object as it will be stored: no status where that is a subresource, generation 1, the kind's own steps. */
export function bornObject(parts: RegistryParts, received: Received, version: string): Stored {
  const stored = parts.conversion.store(received, version, undefined)
  const sent = parts.hasStatus ? withoutMembers(stored.object, ['status']) : stored.object
  const metadata = withoutMembers(sent.metadata, ['generation'])
  const object = withMembers<KubeObject>(sent, {
    metadata: parts.kind.generation === 'none' ? metadata : withMembers<ObjectMeta>(metadata, { generation: 1 }),
  })
  return prepared(parts, withObject(stored, object), undefined)
}

/** What an update leaves of the live object and takes of the new one, by the endpoint it came through. */
export function updatedObject(parts: RegistryParts, received: Received, { live, ...endpoint }: Endpoint): Stored {
  const sent = parts.conversion.store(received, endpoint.version, live)
  if (endpoint.subresource === 'status') return prepared(parts, withStatus(live, sent.object), live)
  const { status, ...members } = sent.object
  const kept = parts.hasStatus ? live.object.status : status
  const metadata = keptMetadata(sent.object.metadata, live.object.metadata)
  const object = withMembers<KubeObject>(members, { metadata, status: kept })
  return prepared(parts, withObject(sent, withGeneration(parts, object, live.object)), live)
}

const besideContent: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata'])
const besideSpec: ReadonlySet<string> = new Set([...besideContent, 'status'])

/** Everything but metadata, and but status where it is a subresource. */
export function sameContent(parts: RegistryParts, left: KubeObject, right: KubeObject): boolean {
  return jsonEqualBut(parts.hasStatus ? besideSpec : besideContent, left, right)
}

export function sameStatus(left: KubeObject, right: KubeObject): boolean {
  return jsonEqual(left.status, right.status)
}

function withStatus(live: Stored, sent: KubeObject): Stored {
  const { managedFields } = sent.metadata
  const metadata = withMembers<ObjectMeta>(withoutMembers(live.object.metadata, ['managedFields']), { managedFields })
  return withObject(
    live,
    withMembers<KubeObject>(withoutMembers(live.object, ['status']), { metadata, status: sent.status }),
  )
}

/** What clients may leave out, or say in vain, on an update (rest.BeforeUpdate, ValidateObjectMetaUpdate). */
function keptMetadata(sent: ObjectMeta, live: ObjectMeta): ObjectMeta {
  const { creationTimestamp: _, deletionTimestamp: sentDeletion, generation: __, ...rest } = sent
  const deletionTimestamp = live.deletionTimestamp ?? sentDeletion
  const grace = sent.deletionGracePeriodSeconds ?? live.deletionGracePeriodSeconds
  return withMembers<ObjectMeta>(rest, {
    uid: rest.uid === undefined || rest.uid === '' ? live.uid : rest.uid,
    generation: live.generation,
    creationTimestamp: live.creationTimestamp,
    deletionTimestamp,
    deletionGracePeriodSeconds: grace,
  })
}

function withGeneration(parts: RegistryParts, object: KubeObject, live: KubeObject): KubeObject {
  if (parts.kind.generation === 'none' || sameContent(parts, object, live)) return object
  return { ...object, metadata: { ...object.metadata, generation: (live.metadata.generation ?? 0) + 1 } }
}

function prepared(parts: RegistryParts, stored: Stored, live: Stored | undefined): Stored {
  const object = parts.kind.prepare?.(stored.object, live?.object) ?? stored.object
  return withObject(stored, canonical(object))
}
