import type { Secret } from '../kinds/core/secret/v1.ts'
import type { ExternalSecret } from '../kinds/external-secret/v1.ts'
import { jsonEqual } from '../machinery/json/equal.ts'
import type { OwnerReference } from '../machinery/object.ts'
import { hashOfData } from './hash.ts'
import type { Content } from './render/content.ts'
import { createdByLabel, creatorOf, dataHashAnnotation, managedLabel, managerOf } from './target/marks.ts'
import { dataOf, encodedData } from './target/secret-data.ts'
import { withoutOwnMetadata } from './target/own-fields.ts'

/** What has to be written so that the target is as its ExternalSecret wants it (eso-behaviour.md 1.8). Pure. */
export type Plan =
  | { readonly action: 'create'; readonly secret: Secret }
  | { readonly action: 'update'; readonly secret: Secret }
  /** `metadata` may still be written; the rest of what is wanted may not. */
  | { readonly action: 'refuse'; readonly refusal: Refusal; readonly metadata?: Secret }
  | { readonly action: 'none' }

/** `message` goes into the condition, `detail` into the event. */
export interface Refusal {
  readonly message: string
  readonly detail: string
}

export interface Wanted {
  readonly externalSecret: ExternalSecret
  readonly content: Content
  /** The target as it was read; absent when there is none. */
  readonly current?: Secret
}

export function planSync(wanted: Wanted): Plan {
  const { externalSecret, current } = wanted
  const refusal = current && ownershipRefusal(externalSecret, current)
  if (refusal !== undefined) return { action: 'refuse', refusal }
  const secret = desiredSecret(wanted)
  if (current === undefined) return { action: 'create', secret }
  if (current.immutable === true) return planImmutable(secret, current)
  return isSame(secret, current) ? { action: 'none' } : { action: 'update', secret }
}

export function targetNameOf({ metadata, spec }: ExternalSecret): string {
  return spec.target?.name ?? metadata.name ?? ''
}

export function isOwnerPolicy({ spec }: ExternalSecret): boolean {
  return (spec.target?.creationPolicy ?? 'Owner') === 'Owner'
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

function ownershipRefusal(externalSecret: ExternalSecret, current: Secret): Refusal | undefined {
  const controller = controllerOf(current)
  if (controller === undefined || isOurs(controller, externalSecret)) return undefined
  const name = current.metadata.name ?? ''
  if (isExternalSecret(controller)) {
    return {
      message: 'target is owned by another ExternalSecret',
      detail: `unable to mutate secret ${name}: secret is owned by another ExternalSecret: ${controller.name}`,
    }
  }
  if (!isOwnerPolicy(externalSecret)) return undefined
  const object = `${current.metadata.namespace ?? ''}/${name}`
  return {
    message: 'failed to take ownership of target secret',
    detail:
      `unable to mutate secret ${name}: could not set controller reference on secret: ` +
      `Object ${object} is already owned by another ${controller.kind} controller ${controller.name}`,
  }
}

function desiredSecret({ externalSecret, content, current }: Wanted): Secret {
  const isKept = current !== undefined && externalSecret.spec.target?.immutable === true
  const base = isKept ? current : withContent({ externalSecret, content, ...(current && { current }) })
  const hash = hashOfData(isKept ? dataOf(current) : content.data)
  const {
    labels: { [createdByLabel]: _, ...labels } = {},
    annotations,
    ownerReferences = [],
    ...metadata
  } = base.metadata
  const creator = creatorOf(externalSecret.metadata.namespace ?? '', externalSecret.metadata.name ?? '')
  const owners = ownersOf(externalSecret, ownerReferences)
  return {
    ...base,
    metadata: {
      ...metadata,
      labels: {
        ...labels,
        ...(isOwnerPolicy(externalSecret) && { [createdByLabel]: creator }),
        [managedLabel]: 'true',
      },
      annotations: { ...annotations, [dataHashAnnotation]: hash },
      ...(owners.length > 0 && { ownerReferences: owners }),
    },
    ...(externalSecret.spec.target?.immutable === true && { immutable: true }),
  }
}

/** What the field manager wrote earlier and is not wanted any more goes, data all of it. */
function withContent({ externalSecret: { metadata, spec }, content, current }: Wanted): Secret {
  const empty: Secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: spec.target?.name ?? metadata.name ?? '', namespace: metadata.namespace ?? '' },
  }
  const { stringData: _, ...base } = current ? withoutOwnMetadata(current, managerOf(metadata.name ?? '')) : empty
  const finalizers = [...new Set([...(base.metadata.finalizers ?? []), ...content.finalizers])]
  return {
    ...base,
    ...(content.type !== undefined && { type: content.type }),
    metadata: {
      ...base.metadata,
      labels: { ...base.metadata.labels, ...content.labels },
      annotations: { ...base.metadata.annotations, ...content.annotations },
      ...(finalizers.length > 0 && { finalizers }),
    },
    data: encodedData(content.data),
  }
}

function ownersOf(externalSecret: ExternalSecret, owners: readonly OwnerReference[]): readonly OwnerReference[] {
  const { name = '', uid = '' } = externalSecret.metadata
  const ours = owners.findIndex(
    (owner) => owner.uid === uid || (owner.controller === true && isOurs(owner, externalSecret)),
  )
  if (!isOwnerPolicy(externalSecret)) return ours < 0 ? owners : owners.toSpliced(ours, 1)
  const { apiVersion, kind } = externalSecret
  const reference = { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true }
  return ours < 0 ? [...owners, reference] : owners.with(ours, reference)
}

function controllerOf({ metadata }: Secret): OwnerReference | undefined {
  return metadata.ownerReferences?.find((owner) => owner.controller === true)
}

/** By name, as in ESO: one that was deleted and made again takes its Secret over. */
function isOurs(owner: OwnerReference, { metadata }: ExternalSecret): boolean {
  return isExternalSecret(owner) && owner.name === metadata.name
}

function isExternalSecret({ apiVersion, kind }: OwnerReference): boolean {
  return kind === 'ExternalSecret' && apiVersion.startsWith('external-secrets.io/')
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
