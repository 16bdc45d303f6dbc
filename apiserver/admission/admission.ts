import type { MaybePromise } from '../../base/waiting/maybe-promise.ts'
import type { JsonValue, KubeObject } from '../../machinery/object.ts'
import type { KindDeclaration } from '../registry/kind.ts'
import type { UserInfo } from '../request-context.ts'
import type { AdmissionContext } from './admission-context.ts'
import type { AdmissionMetrics, Timed } from './admission-metrics.ts'
import { Rounds } from './rounds.ts'

/** One write on its way to the store. Reads are never subject to admission. */
export interface AdmissionRequest {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE'
  readonly kind: KindDeclaration
  /** The version that the objects are in: the request's. */
  readonly version: string
  readonly subresource: '' | 'status'
  readonly namespace: string | undefined
  /** '' while a name is still to be generated. */
  readonly name: string
  readonly user: UserInfo
  readonly isDryRun: boolean
  /** Absent on DELETE. */
  readonly object?: KubeObject
  /** Absent on CREATE. */
  readonly oldObject?: KubeObject
  /** How large the object will lie in the store; known to the validating phase of CREATE and UPDATE. */
  readonly storedBytes?: number
  readonly warn: (text: string) => void
  readonly context: AdmissionContext
  /** What a check made of the object, as an object of the request's version again: known fields, stored defaults. */
  readonly decode: (value: JsonValue) => KubeObject
  /** Runs `callback` when the write was made, refused or given up. */
  readonly onSettled: (callback: () => void) => void
}

/** A check refuses by throwing a StatusError, at once or later. In the write's retry loop it may run more than once. */
export interface AdmissionCheck {
  readonly name: string
  mutate?(request: AdmissionRequest, rounds: Rounds): MaybePromise<KubeObject | undefined>
  /** When nobody changes the object any more, and before it is validated: it may be malformed still. */
  permit?(request: AdmissionRequest): MaybePromise<void>
  validate?(request: AdmissionRequest): MaybePromise<void>
}

export interface Admission {
  /** Before defaults are final and the object is validated; answers the object to go on with, if that is permitted. */
  mutate(request: AdmissionRequest): MaybePromise<KubeObject | undefined>
  /** After validation, right before the store. */
  validate(request: AdmissionRequest): MaybePromise<void>
}

/**
 * Mutating checks run in order, each on the result of the one before, and once more when one of them asks for it; then
 * those that permit, and after validation the validating ones. The first refusal wins.
 */
export function admissionChain(checks: readonly AdmissionCheck[], metrics: AdmissionMetrics): Admission {
  const timed = (check: AdmissionCheck, type: 'admit' | 'validate'): TimedCheck => {
    return { check, timed: metrics.check(check.name, type) }
  }
  const mutating = checks.filter((check) => check.mutate !== undefined).map((check) => timed(check, 'admit'))
  const permitting = checks.filter((check) => check.permit !== undefined)
  const validating = checks.filter((check) => check.validate !== undefined).map((check) => timed(check, 'validate'))
  const [admit, validate] = [metrics.step('admit'), metrics.step('validate')]
  return {
    mutate: (request) => admit(request.operation, () => admitted({ mutating, permitting }, request)),
    validate: (request) => validate(request.operation, () => validated(validating, request)),
  }
}

interface TimedCheck {
  readonly check: AdmissionCheck
  readonly timed: Timed
}

interface Phase {
  readonly mutating: readonly TimedCheck[]
  readonly permitting: readonly AdmissionCheck[]
}

async function admitted({ mutating, permitting }: Phase, request: AdmissionRequest): Promise<KubeObject | undefined> {
  const rounds = new Rounds()
  const once = await mutated(mutating, request, rounds)
  const final = rounds.beginSecond() ? await mutated(mutating, once, rounds) : once
  for (const check of permitting) {
    const permitted = check.permit?.(final)
    if (permitted instanceof Promise) await permitted
  }
  return final.object
}

async function mutated(
  checks: readonly TimedCheck[],
  request: AdmissionRequest,
  rounds: Rounds,
): Promise<AdmissionRequest> {
  let current = request
  for (const { check, timed } of checks) {
    const seen = current
    const made = timed(request.operation, () => check.mutate?.(seen, rounds))
    const object = made instanceof Promise ? await made : made
    if (object !== undefined) current = { ...current, object }
  }
  return current
}

/** One after the other; at once where all of them are. */
function validated(checks: readonly TimedCheck[], request: AdmissionRequest, from = 0): MaybePromise<void> {
  for (let index = from; index < checks.length; index += 1) {
    const { check, timed } = checks[index] as TimedCheck
    const judged = timed(request.operation, () => check.validate?.(request))
    if (judged instanceof Promise) return judged.then(() => validated(checks, request, index + 1))
  }
}
