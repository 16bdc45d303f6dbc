import { duplicateField, forbiddenField, invalidField, requiredField } from '../../field-error.ts'
import type { FieldError } from '../../field-error.ts'
import { isHiddenFormat } from '../format.ts'
import type { Schema, ValidationRule } from '../schema.ts'

interface Refused {
  readonly path: string
  readonly detail: string
  readonly schema: Schema
  readonly value: unknown
}

/** The error of a rule that did not hold. Objects and lists are not repeated in it, as in Kubernetes 1.36. */
export function refusal(reason: ValidationRule['reason'], { path, detail, schema, value }: Refused): FieldError {
  const isOmitted = schema.type === 'object' || schema.type === 'array'
  const shown = isHiddenFormat(schema.format) ? '' : value
  switch (reason) {
    case 'FieldValueForbidden':
      return forbiddenField(path, detail)
    case 'FieldValueRequired':
      return requiredField(path, detail)
    case 'FieldValueDuplicate':
      return isOmitted
        ? { type: 'FieldValueDuplicate', field: path, message: 'Duplicate value' }
        : duplicateField(path, shown)
    default:
      return isOmitted
        ? { type: 'FieldValueInvalid', field: path, message: `Invalid value: ${detail}` }
        : invalidField(path, shown, detail)
  }
}
