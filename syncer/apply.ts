import type { Secret } from '../kinds/core/secret/v1.ts'
import type { ResourceClient } from '../machinery/client.ts'
import { isStatusReason, StatusError } from '../machinery/status.ts'
import { managedLabel, managerOf } from './target/marks.ts'
import { brakeRefusal } from './missing/missing.ts'
import { losesKeys, type Plan, planSync, type Wanted } from './plan.ts'
import type { Refusal } from './plan/ownership.ts'
import { targetNameOf } from './target/policy.ts'

/** What became of the target. */
export type Applied =
  | { readonly result: 'created' | 'updated' | 'unchanged'; readonly resourceVersion: string }
  | { readonly result: 'refused'; readonly refusal: Refusal; readonly isRetried: boolean; readonly isBound: boolean }
  /** There is no Secret, and the policy makes none. */
  | { readonly result: 'absent' }
  /** Somebody else wrote at the same time. */
  | { readonly result: 'conflict' }

export type ApplyRequest = Pick<Wanted, 'externalSecret' | 'content' | 'adoption'> & {
  /** Asked before keys go because their values are missing at the provider; absent when none are. */
  readonly mayRemove?: () => boolean
}

/**
 * Brings the target into being or up to date. Without a known target it is created without looking first; one that
 * turns out to be there is taken in hand, if it may be: it gets the label that ESO adopts with, then what is wanted.
 */
export async function applyTarget(
  request: ApplyRequest,
  secrets: ResourceClient<Secret>,
  isKnown: boolean,
): Promise<Applied> {
  const writer = new Writer(request, secrets)
  try {
    return (isKnown ? undefined : await writer.create()) ?? (await writer.update())
  } catch (error) {
    if (isStatusReason(error, 'Conflict') || isStatusReason(error, 'AlreadyExists')) return { result: 'conflict' }
    return writer.refusalOf(error)
  }
}

class Writer {
  readonly #request: ApplyRequest
  readonly #secrets: ResourceClient<Secret>
  readonly #at: { readonly namespace: string; readonly name: string }
  readonly #options: { readonly fieldManager: string }
  #isBound = false

  constructor(request: ApplyRequest, secrets: ResourceClient<Secret>) {
    const { metadata } = request.externalSecret
    this.#request = request
    this.#secrets = secrets
    this.#at = { namespace: metadata.namespace ?? '', name: targetNameOf(request.externalSecret) }
    this.#options = { fieldManager: managerOf(metadata.name ?? '') }
  }

  /** `undefined` when there is such a Secret already. */
  async create(): Promise<Applied | undefined> {
    const plan = planSync(this.#request)
    if (plan.action !== 'create') return undefined
    try {
      const { metadata } = await this.#secrets.create(plan.secret, this.#options)
      return { result: 'created', resourceVersion: metadata.resourceVersion ?? '' }
    } catch (error) {
      if (isStatusReason(error, 'AlreadyExists')) return undefined
      throw error
    }
  }

  async update(): Promise<Applied> {
    const found = await this.#read()
    if (found === undefined) return (await this.#createAgain()) ?? { result: 'conflict' }
    const plan = planSync({ ...this.#request, current: found })
    this.#isBound = plan.action !== 'leave'
    if (!this.#isBound || found.metadata.labels?.[managedLabel] === 'true') return this.#carryOut(plan, found)
    const current = await this.#adopt(found)
    return this.#carryOut(planSync({ ...this.#request, current }), current)
  }

  async #createAgain(): Promise<Applied | undefined> {
    return planSync(this.#request).action === 'absent' ? { result: 'absent' } : this.create()
  }

  async #read(): Promise<Secret | undefined> {
    try {
      return await this.#secrets.get(this.#at)
    } catch (error) {
      if (isStatusReason(error, 'NotFound')) return undefined
      throw error
    }
  }

  #adopt(found: Secret): Promise<Secret> {
    const labels = { ...found.metadata.labels, [managedLabel]: 'true' }
    return this.#secrets.update({ ...found, metadata: { ...found.metadata, labels } }, this.#options)
  }

  async #carryOut(plan: Plan, current: Secret): Promise<Applied> {
    const { resourceVersion = '' } = current.metadata
    switch (plan.action) {
      case 'absent':
        return { result: 'absent' }
      case 'none':
        return { result: 'unchanged', resourceVersion }
      case 'leave':
        return { result: 'refused', refusal: plan.refusal, isRetried: true, isBound: false }
      case 'refuse':
        if (plan.metadata !== undefined) await this.#secrets.update(plan.metadata, this.#options)
        return { result: 'refused', refusal: plan.refusal, isRetried: false, isBound: true }
      case 'update':
      case 'create': {
        if (this.#isHeld(plan.secret, current)) {
          return { result: 'refused', refusal: brakeRefusal, isRetried: true, isBound: true }
        }
        const { metadata } = await this.#secrets.update(plan.secret, this.#options)
        return { result: 'updated', resourceVersion: metadata.resourceVersion ?? '' }
      }
    }
  }

  #isHeld(wanted: Secret, current: Secret): boolean {
    return losesKeys(wanted, current) && this.#request.mayRemove?.() === false
  }

  /** A Status speaks of names and rules; any other error may quote what was sent. */
  refusalOf(error: unknown): Applied {
    const text = error instanceof StatusError ? error.message : 'the request failed'
    const detail = this.#isBound ? `unable to update secret ${this.#at.name}: ${text}` : text
    const refusal: Refusal = { message: 'could not update secret', detail }
    return { result: 'refused', refusal, isRetried: true, isBound: this.#isBound }
  }
}
