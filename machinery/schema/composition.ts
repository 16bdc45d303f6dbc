import type { FieldError } from '../field-error.ts'
import { invalidField } from '../field-error.ts'
import type { Schema } from './schema.ts'
import type { CurrentPath } from './current-path.ts'

export type SchemaCheck = (value: unknown, path: CurrentPath, errors: FieldError[]) => void
type Compile = (schema: Schema) => SchemaCheck

/** allOf, anyOf, oneOf and not. Their errors have no field, as in kube-openapi; what the nearest one lacks follows. */
export function compositionChecks(schema: Schema, compile: Compile): SchemaCheck[] {
  const checks: SchemaCheck[] = []
  if (schema.anyOf !== undefined) checks.push(anyOfCheck(schema.anyOf.map(compile)))
  if (schema.oneOf !== undefined) checks.push(oneOfCheck(schema.oneOf.map(compile)))
  if (schema.allOf !== undefined) checks.push(allOfCheck(schema.allOf.map(compile)))
  if (schema.not !== undefined) checks.push(notCheck(compile(schema.not)))
  return checks
}

function anyOfCheck(alternatives: readonly SchemaCheck[]): SchemaCheck {
  return (value, path, errors) => {
    const failures = failuresOf(alternatives, value, path)
    if (failures.some((failure) => failure.length === 0)) return
    errors.push(whole(`${JSON.stringify(path.text)} must validate at least one schema (anyOf)`), ...nearest(failures))
  }
}

function oneOfCheck(alternatives: readonly SchemaCheck[]): SchemaCheck {
  return (value, path, errors) => {
    const failures = failuresOf(alternatives, value, path)
    const validCount = failures.filter((failure) => failure.length === 0).length
    if (validCount === 1) return
    const found = validCount === 0 ? 'Found none valid' : `Found ${validCount} valid alternatives`
    errors.push(whole(`${JSON.stringify(path.text)} must validate one and only one schema (oneOf). ${found}`))
    if (validCount === 0) errors.push(...nearest(failures))
  }
}

function allOfCheck(parts: readonly SchemaCheck[]): SchemaCheck {
  return (value, path, errors) => {
    const failures = failuresOf(parts, value, path)
    const failedCount = failures.filter((failure) => failure.length > 0).length
    if (failedCount === 0) return
    const none = failedCount === parts.length ? '. None validated' : ''
    errors.push(...failures.flat(), whole(`${JSON.stringify(path.text)} must validate all the schemas (allOf)${none}`))
  }
}

function notCheck(check: SchemaCheck): SchemaCheck {
  return (value, path, errors) => {
    const [failure] = failuresOf([check], value, path)
    if (failure?.length === 0) errors.push(whole(`${JSON.stringify(path.text)} must not validate the schema (not)`))
  }
}

function failuresOf(checks: readonly SchemaCheck[], value: unknown, path: CurrentPath): FieldError[][] {
  return checks.map((check) => {
    const errors: FieldError[] = []
    check(value, path, errors)
    return errors
  })
}

function nearest(failures: readonly FieldError[][]): readonly FieldError[] {
  return failures.reduce((best, failure) => (failure.length < best.length ? failure : best))
}

function whole(detail: string): FieldError {
  return invalidField('<nil>', '', detail)
}
