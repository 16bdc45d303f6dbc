import type { ExternalSecret } from '../kinds/external-secret/v1.ts'
import type { ResourceClient } from '../machinery/client.ts'
import type { KubeObject } from '../machinery/object.ts'
import { isStatusReason, StatusError } from '../machinery/status.ts'
import { SyncError } from './errors.ts'
import { managedLabel, managerOf } from './target/marks.ts'
import { brakeRefusal } from './missing/missing.ts'
import { losesKeys, type Plan } from './plan.ts'
import type { Refusal } from './plan/ownership.ts'
import { targetNameOf } from './target/policy.ts'
import type { Pouring, TargetKind } from './target/target-kind.ts'

/** What became of the target. */
export type Applied =
  | { readonly result: 'created' | 'updated' | 'unchanged'; readonly resourceVersion: string }
  | Refused
  /** There is no Secret, and the policy makes none. */
  | { readonly result: 'absent' }
  /** Somebody else wrote at the same time. */
  | { readonly result: 'conflict' }

interface Refused {
  readonly result: 'refused'
  readonly refusal: Refusal
  readonly isRetried: boolean
  readonly isBound: boolean
  /** Nobody said no: the answer may have been lost on its way back. */
  readonly isDoubtful?: boolean
}

export interface ApplyRequest<T extends KubeObject = KubeObject> {
  readonly externalSecret: ExternalSecret
  readonly pouring: Pouring<T>
  readonly target: Pick<TargetKind<T>, 'client' | 'words'>
  /** Whether there is such an object, as far as is known. */
  readonly isKnown: boolean
  /** Asked before keys go because their values are missing at the provider; absent when none are. */
  readonly mayRemove?: () => boolean
}

/**
 * Brings the target into being or up to date. Without a known target it is created without looking first; one that
 * turns out to be there is taken in hand, if it may be: it gets the label that ESO adopts with, then what is wanted.
 */
export async function applyTarget<T extends KubeObject>(request: ApplyRequest<T>): Promise<Applied> {
  const writer = new Writer(request)
  try {
    return (request.isKnown ? undefined : await writer.create()) ?? (await writer.update())
  } catch (error) {
    if (error instanceof SyncError) throw error
    if (isStatusReason(error, 'Conflict') || isStatusReason(error, 'AlreadyExists')) return { result: 'conflict' }
    return writer.refusalOf(error)
  }
}

class Writer<T extends KubeObject> {
  readonly #request: ApplyRequest<T>
  readonly #client: ResourceClient<T>
  readonly #at: { readonly namespace: string; readonly name: string }
  readonly #options: { readonly fieldManager: string }
  #isBound = false

  constructor(request: ApplyRequest<T>) {
    const { metadata } = request.externalSecret
    this.#request = request
    this.#client = request.target.client
    this.#at = { namespace: metadata.namespace ?? '', name: targetNameOf(request.externalSecret) }
    this.#options = { fieldManager: managerOf(metadata.name ?? '') }
  }

  /** `undefined` when there is such a Secret already. */
  async create(): Promise<Applied | undefined> {
    const plan = this.#request.pouring.plan()
    if (plan.action !== 'create') return undefined
    try {
      const { metadata } = await this.#client.create(plan.object, this.#options)
      return { result: 'created', resourceVersion: metadata.resourceVersion ?? '' }
    } catch (error) {
      if (isStatusReason(error, 'AlreadyExists')) return undefined
      throw error
    }
  }

  async update(): Promise<Applied> {
    const found = await this.#read()
    if (found === undefined) return (await this.#createAgain()) ?? { result: 'conflict' }
    const plan = this.#request.pouring.plan(found)
    this.#isBound = plan.action !== 'leave'
    if (!this.#isBound || !this.#isToBeAdopted(found)) return this.#carryOut(plan, found)
    const current = await this.#adopt(found)
    return this.#carryOut(this.#request.pouring.plan(current), current)
  }

  /** Only of Secrets ESO writes the label first. */
  #isToBeAdopted({ metadata }: T): boolean {
    return this.#request.target.words.isBound && metadata.labels?.[managedLabel] !== 'true'
  }

  async #createAgain(): Promise<Applied | undefined> {
    return this.#request.pouring.plan().action === 'absent' ? { result: 'absent' } : this.create()
  }

  async #read(): Promise<T | undefined> {
    try {
      return await this.#client.get(this.#at)
    } catch (error) {
      if (isStatusReason(error, 'NotFound')) return undefined
      throw error
    }
  }

  #adopt(found: T): Promise<T> {
    const labels = { ...found.metadata.labels, [managedLabel]: 'true' }
    return this.#client.update({ ...found, metadata: { ...found.metadata, labels } }, this.#options)
  }

  async #carryOut(plan: Plan<T>, current: T): Promise<Applied> {
    const { resourceVersion = '' } = current.metadata
    switch (plan.action) {
      case 'absent':
        return { result: 'absent' }
      case 'none':
        return { result: 'unchanged', resourceVersion }
      case 'leave':
        return { result: 'refused', refusal: plan.refusal, isRetried: true, isBound: false }
      case 'refuse':
        if (plan.metadata !== undefined) await this.#client.update(plan.metadata, this.#options)
        return {
          result: 'refused',
          refusal: plan.refusal,
          isRetried: !this.#request.target.words.isBound,
          isBound: true,
        }
      case 'update':
      case 'create': {
        if (this.#isHeld(plan.object, current)) {
          return { result: 'refused', refusal: brakeRefusal, isRetried: true, isBound: true }
        }
        const { metadata } = await this.#client.update(plan.object, this.#options)
        const written = metadata.resourceVersion ?? ''
        return { result: written === resourceVersion ? 'unchanged' : 'updated', resourceVersion: written }
      }
    }
  }

  #isHeld(wanted: T, current: T): boolean {
    return losesKeys(wanted, current) && this.#request.mayRemove?.() === false
  }

  /** A Status speaks of names and rules; any other error may quote what was sent. */
  refusalOf(error: unknown): Applied {
    const text = error instanceof StatusError ? error.message : 'the request failed'
    const detail = this.#isBound ? `unable to update ${this.#request.target.words.named(this.#at.name)}: ${text}` : text
    const refusal: Refusal = { message: this.#request.target.words.unwritable, detail }
    const isDoubtful = !(error instanceof StatusError) || error.code >= 500
    return { result: 'refused', refusal, isRetried: true, isBound: this.#isBound, isDoubtful }
  }
}
