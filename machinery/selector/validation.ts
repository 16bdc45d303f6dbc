import { type FieldError, forbiddenField, invalidField, requiredField } from '../field-error.ts'
import { labelErrors } from '../metadata.ts'
import { labelValueProblems, qualifiedNameProblems } from '../names.ts'
import type { LabelExpression, LabelSelectorSpec } from './label.ts'

/** What keeps a selector from being stored: apimachinery, pkg/apis/meta/v1/validation, ValidateLabelSelector. */
export function labelSelectorErrors(
  { matchLabels = {}, matchExpressions = [] }: LabelSelectorSpec,
  field: string,
): readonly FieldError[] {
  return [
    ...labelErrors(matchLabels, `${field}.matchLabels`),
    ...matchExpressions.flatMap((each, index) => expressionErrors(each, `${field}.matchExpressions[${index}]`)),
  ]
}

function expressionErrors({ key, operator, values = [] }: LabelExpression, field: string): readonly FieldError[] {
  return [
    ...operatorErrors(operator, values.length, field),
    ...qualifiedNameProblems(key).map((text) => invalidField(`${field}.key`, key, text)),
    ...values.flatMap((value, index) =>
      labelValueProblems(value).map((text) => invalidField(`${field}.values[${index}]`, value, text)),
    ),
  ]
}

function operatorErrors(operator: string, valueCount: number, field: string): readonly FieldError[] {
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (valueCount > 0) return []
      return [requiredField(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'")]
    case 'Exists':
    case 'DoesNotExist':
      if (valueCount === 0) return []
      return [forbiddenField(`${field}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")]
    default:
      return [invalidField(`${field}.operator`, operator, 'not a valid selector operator')]
  }
}
