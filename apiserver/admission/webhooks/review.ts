import { decodeJson } from '../../../machinery/json/decode.ts'
import { isJsonObject } from '../../../machinery/json/member.ts'
import type { JsonObject, JsonValue, KubeObject } from '../../../machinery/object.ts'
import type { AdmissionRequest } from '../admission.ts'
import { requestAttributes } from '../expressions/attributes.ts'

/** What a webhook is asked about. */
export interface ReviewSubject {
  readonly uid: string
  /** Of AdmissionReview itself. */
  readonly reviewVersion: string
  /** Of the objects. */
  readonly version: string
  readonly object: KubeObject | undefined
  readonly oldObject: KubeObject | undefined
}

export function reviewText(request: AdmissionRequest, subject: ReviewSubject): string {
  const { uid, reviewVersion, version, object = null, oldObject = null } = subject
  const { operation, userInfo, dryRun, options, ...where } = requestAttributes(request, version)
  return JSON.stringify({
    kind: 'AdmissionReview',
    apiVersion: `admission.k8s.io/${reviewVersion}`,
    request: { uid, ...where, operation, userInfo, object, oldObject, dryRun, options },
  })
}

/** The first of the webhook's versions that we speak. */
export function reviewVersionOf(versions: readonly string[] | undefined): string | undefined {
  return (versions ?? []).find((version) => version === 'v1' || version === 'v1beta1')
}

/** What a webhook answered. */
export interface Verdict {
  readonly isAllowed: boolean
  readonly status: JsonObject | undefined
  readonly annotations: Readonly<Record<string, string>>
  readonly warnings: readonly string[]
  /** Of JSON Patch; absent where nothing is to be changed. */
  readonly patch: JsonValue | undefined
}

/** The answer cannot be understood. The message is ours. */
export class ReviewError extends Error {
  override readonly name = 'ReviewError'
}

/** Throws ReviewError where kube-apiserver calls the answer invalid. */
export function verdictOf(bytes: Uint8Array, { uid, reviewVersion }: ReviewSubject, mayPatch: boolean): Verdict {
  const review = decoded(bytes)
  const { response } = review
  if (!isJsonObject(response)) throw new ReviewError('webhook response was absent')
  const answer = response
  if (reviewVersion === 'v1') checkEnvelope(review, answer, uid)
  return {
    isAllowed: answer.allowed === true,
    status: isJsonObject(answer.status) ? answer.status : undefined,
    annotations: textMembers(answer.auditAnnotations),
    warnings: texts(answer.warnings),
    patch: patchOf(answer, mayPatch, reviewVersion),
  }
}

function decoded(bytes: Uint8Array): JsonObject {
  try {
    const { value } = decodeJson(bytes)
    if (isJsonObject(value)) return value
  } catch {
    // The decoder's text is about the webhook's body.
  }
  throw new ReviewError('the answer is not a JSON object')
}

const kind = 'AdmissionReview'

function checkEnvelope(review: JsonObject, { uid: answered = '' }: JsonObject, uid: string): void {
  if (answered !== uid) throw new ReviewError(`expected response.uid=${JSON.stringify(uid)}, got another one`)
  if (review.apiVersion === 'admission.k8s.io/v1' && review.kind === kind) return
  throw new ReviewError(`expected webhook response of admission.k8s.io/v1, Kind=${kind}, got another kind or version`)
}

function patchOf({ patch, patchType }: JsonObject, mayPatch: boolean, version: string): JsonValue | undefined {
  const hasPatch = typeof patch === 'string' && patch !== ''
  const hasType = patchType !== undefined && patchType !== null
  if (!mayPatch) {
    if (version !== 'v1') return undefined
    if (hasPatch) throw new ReviewError('validating webhook may not return response.patch')
    if (hasType) throw new ReviewError('validating webhook may not return response.patchType')
    return undefined
  }
  if (version === 'v1' && hasPatch && !hasType)
    throw new ReviewError('webhook returned response.patch but not response.patchType')
  if (version === 'v1' && !hasPatch && hasType)
    throw new ReviewError('webhook returned response.patchType but not response.patch')
  if (!hasPatch) return undefined
  if (hasType && patchType !== 'JSONPatch') throw new ReviewError('webhook returned an unsupported response.patchType')
  return decodedPatch(patch)
}

function decodedPatch(patch: string): JsonValue {
  try {
    return decodeJson(Buffer.from(patch, 'base64')).value
  } catch {
    throw new ReviewError('webhook returned a response.patch that is not JSON in base64')
  }
}

function textMembers(value: JsonValue | undefined): Readonly<Record<string, string>> {
  if (!isJsonObject(value)) return {}
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}

function texts(value: JsonValue | undefined): readonly string[] {
  if (!Array.isArray(value)) return []
  return value.filter((each: JsonValue): each is string => typeof each === 'string')
}
