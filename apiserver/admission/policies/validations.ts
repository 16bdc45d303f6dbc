import type { Vocabulary } from '../expressions/environment.ts'
import type { Clock } from '../../../base/clock.ts'
import { type Evaluation, type Expression, ExpressionError } from '../expressions/evaluation.ts'
import { boolean, expressionOf, string, stringOrNull } from '../expressions/expression.ts'
import type { AuditTrail } from './audit-trail.ts'
import type { CompiledPolicy } from './policies.ts'
import type { PolicySpec, ValidationSpec } from './policy-configuration.ts'
import type { PolicyCheck } from './policy-metrics.ts'

/** What a validating policy consists of beside what all policies have. */
export interface ValidatingBody {
  readonly validations: readonly CompiledValidation[]
  readonly annotations: readonly { readonly key: string; readonly value: Expression }[]
}

interface CompiledValidation {
  readonly spec: ValidationSpec
  readonly expression: Expression
  readonly message: Expression | undefined
}

/**
 * violation: the binding says what is done. denial: the write is refused whatever it says. ignored: an expression
 * failed and failurePolicy passes over it.
 */
export interface Judgement extends PolicyCheck {
  readonly verdict: 'violation' | 'denial' | 'ignored'
  readonly message: string
  readonly reason?: string
  /** Of the validation. */
  readonly index?: number
}

/** Messages may not ask for rights. */
export function validatingBody(spec: PolicySpec, vocabulary: Vocabulary): ValidatingBody {
  return {
    validations: (spec.validations ?? []).map((validation) => {
      const { messageExpression } = validation
      return {
        spec: validation,
        expression: expressionOf(validation.expression.trim(), vocabulary, boolean),
        message: messageExpression
          ? expressionOf(messageExpression.trim(), { ...vocabulary, hasAuthorizer: false }, string)
          : undefined,
      }
    }),
    annotations: (spec.auditAnnotations ?? []).map(({ key, valueExpression }) => ({
      key,
      value: expressionOf(valueExpression.trim(), vocabulary, stringOrNull),
    })),
  }
}

interface Judging {
  readonly evaluation: Evaluation
  readonly trail: AuditTrail
  readonly clock: Clock
}

/** Every validation that does not hold, or that cannot be evaluated. */
export async function judgementsOf(
  policy: CompiledPolicy<ValidatingBody>,
  { evaluation, trail, clock }: Judging,
): Promise<readonly Judgement[]> {
  const judgements: Judgement[] = []
  for (const [index, validation] of policy.body.validations.entries()) {
    const startMs = clock.monotonic()
    const judgement = await judged(policy, validation, evaluation)
    if (judgement !== undefined) judgements.push({ ...judgement, index, durationMs: clock.monotonic() - startMs })
  }
  for (const { key, value } of policy.body.annotations) {
    const startMs = clock.monotonic()
    const failure = await annotated(`${policy.name}/${key}`, value, { evaluation, trail })
    if (failure === undefined || policy.ignoresFailure) continue
    judgements.push({ verdict: 'denial', ...failure, durationMs: clock.monotonic() - startMs })
  }
  return judgements
}

async function judged(
  policy: CompiledPolicy<ValidatingBody>,
  { spec, expression, message }: CompiledValidation,
  evaluation: Evaluation,
): Promise<Omit<Judgement, 'durationMs'> | undefined> {
  try {
    if ((await evaluation.value(expression)) === true) return undefined
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error
    const verdict = policy.ignoresFailure ? 'ignored' : 'violation'
    return { verdict, message: error.message, error: error.failure }
  }
  const said = message === undefined ? undefined : await saidBy(message, evaluation)
  const text = said ?? (spec.message?.trim() || `failed expression: ${spec.expression.trim()}`)
  return { verdict: 'violation', message: text, ...(spec.reason !== undefined && { reason: spec.reason }) }
}

const messageBytesMax = 5 * 1024

/** undefined: the expression fails, or says nothing that would do as a message. */
async function saidBy(expression: Expression, evaluation: Evaluation): Promise<string | undefined> {
  try {
    const value = await evaluation.value(expression)
    if (typeof value !== 'string') return undefined
    const text = value.trim()
    const isUsable = text !== '' && !text.includes('\n') && Buffer.byteLength(text) <= messageBytesMax
    return isUsable ? text : undefined
  } catch (error) {
    if (error instanceof ExpressionError) return undefined
    throw error
  }
}

const annotationLengthMax = 10 * 1024

/** Answers why there is none where there should be one. Null and nothing but spaces are no annotation. */
async function annotated(
  key: string,
  expression: Expression,
  { evaluation, trail }: { evaluation: Evaluation; trail: AuditTrail },
): Promise<Pick<Judgement, 'message' | 'error'> | undefined> {
  try {
    const value = await evaluation.value(expression)
    if (value === null) return undefined
    if (typeof value !== 'string') {
      const message = `valueExpression '${expression.text}' resulted in unsupported return type`
      return { message, error: 'invalid_error' }
    }
    const text = value.trim().slice(0, annotationLengthMax)
    if (text !== '') trail.annotation(key, text)
    return undefined
  } catch (error) {
    if (error instanceof ExpressionError) return { message: error.message, error: error.failure }
    throw error
  }
}
