import type { ExternalSecret } from '../../kinds/external-secret/v1.ts'
import type { KubeObject, OwnerReference } from '../../machinery/object.ts'
import { isOwnerPolicy } from '../target/policy.ts'

/** `message` goes into the condition, `detail` into the event. */
export interface Refusal {
  readonly message: string
  readonly detail: string
}

/** Why the object may not be written, because another object controls it. */
export function ownershipRefusal(externalSecret: ExternalSecret, current: KubeObject): Refusal | undefined {
  const controller = controllerOf(current)
  if (controller === undefined || isOurs(controller, externalSecret)) return undefined
  const sort = sortOf(current)
  if (isExternalSecret(controller)) {
    const why = `${sort} is owned by another ExternalSecret: ${controller.name}`
    return {
      message: 'target is owned by another ExternalSecret',
      detail: `unable to mutate ${describe(current)}: ${why}`,
    }
  }
  if (!isOwnerPolicy(externalSecret)) return undefined
  const object = `${current.metadata.namespace ?? ''}/${current.metadata.name ?? ''}`
  return {
    message: 'failed to take ownership of target secret',
    detail:
      `unable to mutate ${describe(current)}: could not set controller reference on ${sort}: ` +
      `Object ${object} is already owned by another ${controller.kind} controller ${controller.name}`,
  }
}

/** The owners that the object is to have: us under Owner, and not us under any other policy. */
export function ownersOf(externalSecret: ExternalSecret, owners: readonly OwnerReference[]): readonly OwnerReference[] {
  const { name = '', uid = '' } = externalSecret.metadata
  const ours = owners.findIndex(
    (owner) => owner.uid === uid || (owner.controller === true && isOurs(owner, externalSecret)),
  )
  if (!isOwnerPolicy(externalSecret)) return ours < 0 ? owners : owners.toSpliced(ours, 1)
  const { apiVersion, kind } = externalSecret
  const reference = { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true }
  return ours < 0 ? [...owners, reference] : owners.with(ours, reference)
}

export function controllerOf({ metadata }: KubeObject): OwnerReference | undefined {
  return metadata.ownerReferences?.find((owner) => owner.controller === true)
}

/** As messages name it: ESO's say `secret`. */
export function describe(object: KubeObject): string {
  return `${sortOf(object)} ${object.metadata.name ?? ''}`
}

function sortOf({ kind }: KubeObject): string {
  return kind === 'Secret' ? 'secret' : kind
}

/** By name, as in ESO: one that was deleted and made again takes its Secret over. */
function isOurs(owner: OwnerReference, { metadata }: ExternalSecret): boolean {
  return isExternalSecret(owner) && owner.name === metadata.name
}

export function isExternalSecret({ apiVersion, kind }: OwnerReference): boolean {
  return kind === 'ExternalSecret' && apiVersion.startsWith('external-secrets.io/')
}
