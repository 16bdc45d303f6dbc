import type { Secret } from '../kinds/core/secret/v1.ts'
import type { ExternalSecret } from '../kinds/external-secret/v1.ts'
import { jsonEqual } from '../machinery/json/equal.ts'
import { isJsonObject } from '../machinery/json/member.ts'
import type { KubeObject, ObjectMeta } from '../machinery/object.ts'
import { type Desired, desiredSecret } from './plan/desired.ts'
import { type Adoption, foreignRefusal } from './plan/foreign.ts'
import { ownershipRefusal, type Refusal } from './plan/ownership.ts'
import { creationPolicyOf } from './target/policy.ts'

/** What has to be written so that the target is as its ExternalSecret wants it (eso-behaviour.md 1.8). Pure. */
export type Plan<T extends KubeObject = Secret> =
  | { readonly action: 'create'; readonly object: T }
  | { readonly action: 'update'; readonly object: T }
  /** `metadata` may still be written; the rest of what is wanted may not. */
  | { readonly action: 'refuse'; readonly refusal: Refusal; readonly metadata?: T }
  /** It is somebody else's, who may yet allow it. */
  | { readonly action: 'leave'; readonly refusal: Refusal }
  /** There is none, and the policy makes none. */
  | { readonly action: 'absent' }
  | { readonly action: 'none' }

/** What keeps a target from being written, whatever it is to hold. */
type Prevention = Exclude<Plan<never>, { readonly action: 'create' | 'update' }>

export interface Wanted extends Desired {
  readonly adoption: Adoption
}

export function planSync(wanted: Wanted): Plan {
  const { current } = wanted
  const prevented = preventionOf(wanted)
  if (prevented !== undefined) return prevented
  const object = desiredSecret(wanted)
  if (current === undefined) return { action: 'create', object }
  if (current.immutable === true) return planImmutable(object, current)
  return isSame(object, current) ? { action: 'none' } : { action: 'update', object }
}

interface Prevented {
  readonly externalSecret: ExternalSecret
  readonly adoption: Adoption
  readonly current?: KubeObject
}

export function preventionOf({ externalSecret, adoption, current }: Prevented): Prevention | undefined {
  if (current === undefined) return creationPolicyOf(externalSecret) === 'Merge' ? { action: 'absent' } : undefined
  const foreign = adoption === 'annotated' ? foreignRefusal(externalSecret, current) : undefined
  if (foreign !== undefined) return { action: 'leave', refusal: foreign }
  const refusal = ownershipRefusal(externalSecret, current)
  return refusal && { action: 'refuse', refusal }
}

/** Whether anything that the object holds now would go, at whatever depth. */
export function losesKeys(wanted: KubeObject, current: KubeObject): boolean {
  return losesMembers(wanted['data'], current['data']) || losesMembers(wanted['spec'], current['spec'])
}

function losesMembers(wanted: unknown, current: unknown): boolean {
  if (!isJsonObject(current)) return false
  return Object.entries(current).some(([name, member]) => {
    const kept = isJsonObject(wanted) && Object.hasOwn(wanted, name) ? wanted[name] : undefined
    return kept === undefined || losesMembers(kept, member)
  })
}

/** Metadata of an immutable Secret may change, nothing else; ESO writes it even when the rest is then refused. */
function planImmutable(secret: Secret, current: Secret): Plan {
  const metadata = { ...current, metadata: secret.metadata }
  const isUnchanged = isSame(metadata, current)
  if (isContentSame(secret, current)) {
    return isUnchanged ? { action: 'none' } : { action: 'update', object: metadata }
  }
  const refusal: Refusal = {
    message: 'could not update secret, target is immutable',
    detail: `unable to update secret ${current.metadata.name ?? ''}: secret is immutable`,
  }
  return { action: 'refuse', refusal, ...(!isUnchanged && { metadata }) }
}

function isSame(left: Secret, right: Secret): boolean {
  return isContentSame(left, right) && isMetadataSame(left.metadata, right.metadata)
}

/** As far as it is for a client to say. */
export function isMetadataSame(left: ObjectMeta, right: ObjectMeta): boolean {
  return (
    jsonEqual(left.labels ?? {}, right.labels ?? {}) &&
    jsonEqual(left.annotations ?? {}, right.annotations ?? {}) &&
    jsonEqual(left.finalizers ?? [], right.finalizers ?? []) &&
    jsonEqual(left.ownerReferences ?? [], right.ownerReferences ?? [])
  )
}

function isContentSame(left: Secret, right: Secret): boolean {
  return (
    jsonEqual(left.data ?? {}, right.data ?? {}) &&
    left.type === right.type &&
    (left.immutable ?? false) === (right.immutable ?? false)
  )
}
