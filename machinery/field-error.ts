import type { StatusCause } from './status.ts'

/** Why a field is refused: the causes of a 422, after k8s.io/apimachinery/pkg/util/validation/field. */
export interface FieldError {
  readonly type: FieldErrorType
  /** `spec.parts[0].name`, `metadata.annotations[example.com/x]`; empty for the object as a whole. */
  readonly field: string
  /** The whole text after the field, `Invalid value: "x": must be ...`, without anything that must stay hidden. */
  readonly message: string
}

export type FieldErrorType =
  | 'FieldValueNotFound'
  | 'FieldValueRequired'
  | 'FieldValueDuplicate'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'InternalError'
  | 'FieldValueTypeInvalid'

export function requiredField(field: string, detail = ''): FieldError {
  return { type: 'FieldValueRequired', field, message: joined('Required value', detail) }
}

export function invalidField(field: string, value: unknown, detail: string): FieldError {
  return { type: 'FieldValueInvalid', field, message: joined(`Invalid value: ${quoted(value)}`, detail) }
}

export function forbiddenField(field: string, detail: string): FieldError {
  return { type: 'FieldValueForbidden', field, message: joined('Forbidden', detail) }
}

export function duplicateField(field: string, value: unknown): FieldError {
  return { type: 'FieldValueDuplicate', field, message: `Duplicate value: ${quoted(value)}` }
}

export function notSupported(field: string, value: unknown, supported: readonly string[]): FieldError {
  const list = supported.map((name) => JSON.stringify(name)).join(', ')
  return {
    type: 'FieldValueNotSupported',
    field,
    message: joined(`Unsupported value: ${quoted(value)}`, `supported values: ${list}`),
  }
}

export function tooLong(field: string, bytesMax: number): FieldError {
  const message = `Too long: may not be more than ${bytesMax} ${bytesMax === 1 ? 'byte' : 'bytes'}`
  return { type: 'FieldValueTooLong', field, message }
}

export function tooMany(field: string, count: number, countMax: number): FieldError {
  const message = `Too many: ${count}: must have at most ${countMax} ${countMax === 1 ? 'item' : 'items'}`
  return { type: 'FieldValueTooMany', field, message }
}

export function wrongType(field: string, value: unknown, detail: string): FieldError {
  return { type: 'FieldValueTypeInvalid', field, message: joined(`Invalid value: ${quoted(value)}`, detail) }
}

export function fieldCause(error: FieldError): StatusCause {
  return { reason: error.type, message: error.message, field: error.field }
}

function joined(text: string, detail: string): string {
  return detail === '' ? text : `${text}: ${detail}`
}

function quoted(value: unknown): string {
  return JSON.stringify(value) ?? 'null'
}
