import { type MaybePromise, observed } from '../../base/waiting/maybe-promise.ts'
import type { JsonValue, KubeObject } from '../../machinery/object.ts'
import type { KindDeclaration } from '../registry/kind.ts'
import type { UserInfo } from '../request-context.ts'
import type { AdmissionContext } from './admission-context.ts'
import type { AdmissionMetrics } from './admission-metrics.ts'
import { Rounds } from './rounds.ts'
import type { Settlement } from './settlement.ts'

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
  readonly storedBytes: number | undefined
  readonly warn: (text: string) => void
  readonly context: AdmissionContext
  /** What a check made of the object, as an object of the request's version again: known fields, stored defaults. */
  readonly decode: (value: JsonValue) => KubeObject
  readonly settlement: Settlement
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
 * those that permit, and after validation the validating ones. The first refusal wins. What all of them have at hand is
 * answered at once.
 */
export function admissionChain(checks: readonly AdmissionCheck[], metrics: AdmissionMetrics): Admission {
  const phase = {
    mutating: checks.flatMap((check) => mutatingStep(check, metrics)),
    permitting: checks.flatMap(permittingStep),
  }
  const validating = checks.flatMap((check) => validatingStep(check, metrics))
  const admit: Mutating = (request, rounds) => admitted(phase, request, rounds)
  const validate: Judging = (request) => judged(validating, request)
  const mutate = observed(admit, metrics.step('admit'))
  return { mutate: (request) => mutate(request, new Rounds()), validate: observed(validate, metrics.step('validate')) }
}

type Mutating = (request: AdmissionRequest, rounds: Rounds) => MaybePromise<KubeObject | undefined>
type Judging = (request: AdmissionRequest) => MaybePromise<void>

function mutatingStep(check: AdmissionCheck, metrics: AdmissionMetrics): readonly Mutating[] {
  const mutate = check.mutate?.bind(check)
  return mutate === undefined ? [] : [observed(mutate, metrics.check(check.name, 'admit'))]
}

function permittingStep(check: AdmissionCheck): readonly Judging[] {
  const permit = check.permit?.bind(check)
  return permit === undefined ? [] : [permit]
}

function validatingStep(check: AdmissionCheck, metrics: AdmissionMetrics): readonly Judging[] {
  const validate: Judging | undefined = check.validate?.bind(check)
  return validate === undefined ? [] : [observed(validate, metrics.check(check.name, 'validate'))]
}

interface Phase {
  readonly mutating: readonly Mutating[]
  readonly permitting: readonly Judging[]
}

function admitted(phase: Phase, request: AdmissionRequest, rounds: Rounds): MaybePromise<KubeObject | undefined> {
  const once = mutated(phase.mutating, request, rounds)
  if (once instanceof Promise || rounds.beginSecond()) return admittedLater(phase, once, rounds)
  const permitted = judged(phase.permitting, once)
  return permitted instanceof Promise ? permitted.then(() => once.object) : once.object
}

async function admittedLater(
  { mutating, permitting }: Phase,
  first: MaybePromise<AdmissionRequest>,
  rounds: Rounds,
): Promise<KubeObject | undefined> {
  const once = await first
  const final = rounds.beginSecond() ? await mutated(mutating, once, rounds) : once
  await judged(permitting, final)
  return final.object
}

/** Each on the result of the one before. What a closure here would name, every turn of the loop would be made for. */
function mutated(
  steps: readonly Mutating[],
  request: AdmissionRequest,
  rounds: Rounds,
): MaybePromise<AdmissionRequest> {
  let current = request
  for (let index = 0; index < steps.length; index += 1) {
    const made = (steps[index] as Mutating)(current, rounds)
    if (made instanceof Promise) return mutatedLater(steps.slice(index + 1), { request: current, made, rounds })
    current = withObject(current, made)
  }
  return current
}

interface Mutation {
  readonly request: AdmissionRequest
  readonly made: Promise<KubeObject | undefined>
  readonly rounds: Rounds
}

async function mutatedLater(steps: readonly Mutating[], { request, made, rounds }: Mutation) {
  return mutated(steps, withObject(request, await made), rounds)
}

function withObject(request: AdmissionRequest, object: KubeObject | undefined): AdmissionRequest {
  return object === undefined ? request : { ...request, object }
}

/** One after the other. */
function judged(steps: readonly Judging[], request: AdmissionRequest): MaybePromise<void> {
  for (let index = 0; index < steps.length; index += 1) {
    const verdict = (steps[index] as Judging)(request)
    if (verdict instanceof Promise) return judgedLater(steps.slice(index + 1), request, verdict)
  }
}

async function judgedLater(steps: readonly Judging[], request: AdmissionRequest, verdict: Promise<void>) {
  await verdict
  return judged(steps, request)
}
