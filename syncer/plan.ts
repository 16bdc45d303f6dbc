import type { Secret } from '../kinds/core/secret/v1.ts'
import { jsonEqual } from '../machinery/json/equal.ts'
import { type Desired, desiredSecret } from './plan/desired.ts'
import { type Adoption, foreignRefusal } from './plan/foreign.ts'
import { ownershipRefusal, type Refusal } from './plan/ownership.ts'
import { creationPolicyOf } from './target/policy.ts'

/** What has to be written so that the target is as its ExternalSecret wants it (eso-behaviour.md 1.8). Pure. */
export type Plan =
  | { readonly action: 'create'; readonly secret: Secret }
  | { readonly action: 'update'; readonly secret: Secret }
  /** `metadata` may still be written; the rest of what is wanted may not. */
  | { readonly action: 'refuse'; readonly refusal: Refusal; readonly metadata?: Secret }
  /** It is somebody else's, who may yet allow it. */
  | { readonly action: 'leave'; readonly refusal: Refusal }
  /** There is none, and the policy makes none. */
  | { readonly action: 'absent' }
  | { readonly action: 'none' }

export interface Wanted extends Desired {
  readonly adoption: Adoption
}

export function planSync(wanted: Wanted): Plan {
  const { externalSecret, current } = wanted
  if (current === undefined && creationPolicyOf(externalSecret) === 'Merge') return { action: 'absent' }
  const foreign = current && wanted.adoption === 'annotated' && foreignRefusal(externalSecret, current)
  if (foreign) return { action: 'leave', refusal: foreign }
  const refusal = current && ownershipRefusal(externalSecret, current)
  if (refusal !== undefined) return { action: 'refuse', refusal }
  const secret = desiredSecret(wanted)
  if (current === undefined) return { action: 'create', secret }
  if (current.immutable === true) return planImmutable(secret, current)
  return isSame(secret, current) ? { action: 'none' } : { action: 'update', secret }
}

export function losesKeys(wanted: Secret, current: Secret): boolean {
  return Object.keys(current.data ?? {}).some((key) => wanted.data?.[key] === undefined)
}

/** Metadata of an immutable Secret may change, nothing else; ESO writes it even when the rest is then refused. */
function planImmutable(secret: Secret, current: Secret): Plan {
  const metadata = { ...current, metadata: secret.metadata }
  const isMetadataSame = isSame(metadata, current)
  if (isContentSame(secret, current)) {
    return isMetadataSame ? { action: 'none' } : { action: 'update', secret: metadata }
  }
  const refusal: Refusal = {
    message: 'could not update secret, target is immutable',
    detail: `unable to update secret ${current.metadata.name ?? ''}: secret is immutable`,
  }
  return { action: 'refuse', refusal, ...(!isMetadataSame && { metadata }) }
}

function isSame(left: Secret, right: Secret): boolean {
  return (
    isContentSame(left, right) &&
    jsonEqual(left.metadata.labels ?? {}, right.metadata.labels ?? {}) &&
    jsonEqual(left.metadata.annotations ?? {}, right.metadata.annotations ?? {}) &&
    jsonEqual(left.metadata.finalizers ?? [], right.metadata.finalizers ?? []) &&
    jsonEqual(left.metadata.ownerReferences ?? [], right.metadata.ownerReferences ?? [])
  )
}

function isContentSame(left: Secret, right: Secret): boolean {
  return (
    jsonEqual(left.data ?? {}, right.data ?? {}) &&
    left.type === right.type &&
    (left.immutable ?? false) === (right.immutable ?? false)
  )
}
