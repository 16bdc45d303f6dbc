import { forbidden } from '../../../machinery/status-errors.ts'
import type { AdmissionRequest } from '../admission.ts'
import { Evaluation, ExpressionError, perMatchConditionsCost } from '../expressions/evaluation.ts'
import { type AskAccess, requestValues } from '../expressions/values.ts'
import { conditionsHold } from '../matching/conditions.ts'
import { noDryRun } from './denial.ts'
import { FailedCall } from './failed-call.ts'
import { ReviewError, reviewText, reviewVersionOf, type ReviewSubject, type Verdict, verdictOf } from './review.ts'
import type { Webhook } from './webhook.ts'
import type { CallWebhook } from './webhook-call.ts'
import type { WebhookMetrics } from './webhook-metrics.ts'

/** What both sorts of webhooks need of the world. */
export interface WebhookParts {
  readonly call: CallWebhook
  readonly access: AskAccess
  readonly uuid: () => string
  readonly metrics: WebhookMetrics
}

/** The objects in the version that the webhook asked for. */
export type Subject = Pick<ReviewSubject, 'version' | 'object' | 'oldObject'>

/** Conditions that fail and say nothing of the write are refused, or passed over, by failurePolicy. */
export async function isAsked(
  { access }: WebhookParts,
  webhook: Webhook,
  { request, subject }: { request: AdmissionRequest; subject: Subject },
): Promise<boolean> {
  if (webhook.conditions.length === 0) return true
  try {
    const evaluation = new Evaluation(requestValues(request, subject, access), perMatchConditionsCost)
    return await conditionsHold(webhook.conditions, evaluation)
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error
    if (webhook.ignoresFailure) return false
    const { kind, name } = request
    throw forbidden({ group: kind.group, resource: kind.names.plural }, name, error.message)
  }
}

/** Rejects with FailedCall where failurePolicy is to decide, with StatusError where the webhook must not be asked. */
export async function verdictFrom(
  { call, uuid }: WebhookParts,
  webhook: Webhook,
  { request, subject, mayPatch }: { request: AdmissionRequest; subject: Subject; mayPatch: boolean },
): Promise<Verdict> {
  const { name, clientConfig, admissionReviewVersions } = webhook.spec
  if (request.isDryRun && webhook.hasSideEffects) throw noDryRun(name)
  const reviewVersion = reviewVersionOf(admissionReviewVersions)
  if (reviewVersion === undefined)
    throw new FailedCall(name, 'webhook does not accept known AdmissionReview versions (v1, v1beta1)', codes.unusable)
  const review = { ...subject, uid: uuid(), reviewVersion }
  const options = { timeoutMs: webhook.timeoutMs, signal: request.context.signal() }
  const answer = await call(clientConfig, reviewText(request, review), options).catch((error: unknown) => {
    options.signal?.throwIfAborted()
    const why = error instanceof Error ? error.message : 'no answer'
    throw new FailedCall(name, `failed to call webhook: ${why}`, answeredCode(error) ?? codes.away)
  })
  try {
    const verdict = verdictOf(answer, review, mayPatch)
    tell(request, name, verdict)
    return verdict
  } catch (error) {
    if (!(error instanceof ReviewError)) throw error
    throw new FailedCall(name, `received invalid webhook response: ${error.message}`, codes.away)
  }
}

/** As kube-apiserver counts failures that have no answer. */
const codes = { unusable: 400, away: 503 }

function answeredCode(error: unknown): number | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : undefined
}

function tell({ context, warn }: AdmissionRequest, webhook: string, { annotations, warnings }: Verdict): void {
  for (const [key, value] of Object.entries(annotations)) context.annotate(`${webhook}/${key}`, value)
  for (const warning of warnings) warn(warning)
}
