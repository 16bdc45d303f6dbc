import type { MatchCondition } from '../configuration.ts'
import type { Vocabulary } from '../expressions/environment.ts'
import { type Evaluation, type Expression, ExpressionError } from '../expressions/evaluation.ts'
import { boolean, expressionOf } from '../expressions/expression.ts'

export function conditionsOf(
  conditions: readonly MatchCondition[] | undefined,
  vocabulary: Vocabulary,
): readonly Expression[] {
  return (conditions ?? []).map(({ expression }) => expressionOf(expression.trim(), vocabulary, boolean))
}

/** One that is false decides, whatever the others came to; without any, those that failed are one error. */
export async function conditionsHold(conditions: readonly Expression[], evaluation: Evaluation): Promise<boolean> {
  const failures: string[] = []
  for (const condition of conditions) {
    try {
      if ((await evaluation.value(condition)) !== true) return false
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error
      failures.push(error.message)
    }
  }
  if (failures.length === 0) return true
  const message = failures.length === 1 ? (failures[0] ?? '') : `[${failures.join(', ')}]`
  throw new ExpressionError(message, 'invalid_error')
}
