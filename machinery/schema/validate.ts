import type { FieldError } from '../field-error.ts'
import { invalidField, notSupported, requiredField, tooLong, tooMany, wrongType } from '../field-error.ts'
import { jsonEqual } from '../json/equal.ts'
import { isJsonObject } from '../json/member.ts'
import type { JsonValue } from '../object.ts'
import type { SchemaCheck } from './composition.ts'
import { compositionChecks } from './composition.ts'
import { formatTest, isHiddenFormat } from './format.ts'
import { duplicateItems } from './list-set.ts'
import { patternTest } from './pattern.ts'
import { judgeByRules } from './rules/rules.ts'
import type { Schema } from './schema.ts'
import { CurrentPath } from './current-path.ts'

/**
 * What `value` breaks of `schema`, with the messages of apiextensions-apiserver (k8s.io/kube-openapi/pkg/validation).
 * `path` is '' for a whole object. The order of errors is that of the value's members. A schema is compiled to closures
 * on its first use.
 */
export function validateSchema(schema: Schema, value: unknown, path: string): FieldError[] {
  const structureErrors = validateStructure(schema, value, path)
  return judgeByRules(schema, { path, structureErrors, judged: () => ({ value }) }).errors
}

/** All but the CEL rules, which may look at more than one value. */
export function validateStructure(schema: Schema, value: unknown, path: string): FieldError[] {
  const errors: FieldError[] = []
  schemaCheck(schema)(value, new CurrentPath(path), errors)
  return errors
}

const compiled = new WeakMap<Schema, SchemaCheck>()

function schemaCheck(schema: Schema): SchemaCheck {
  const known = compiled.get(schema)
  if (known !== undefined) return known
  const check = compile(schema)
  compiled.set(schema, check)
  return check
}

type JsonType = 'null' | 'boolean' | 'string' | 'integer' | 'number' | 'array' | 'object'

function typeOf(value: unknown): JsonType {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value === 'string' ? 'string' : typeof value === 'boolean' ? 'boolean' : 'object'
}

function compile(schema: Schema): SchemaCheck {
  const checks: SchemaCheck[] = [typeCheck(schema), ...compositionChecks(schema, schemaCheck)]
  if (schema.enum !== undefined) checks.push(enumCheck(schema.enum))
  const string = stringCheck(schema)
  const number = numberCheck(schema)
  const array = arrayCheck(schema)
  const object = objectCheck(schema)
  return (value, path, errors) => {
    for (const check of checks) check(value, path, errors)
    if (typeof value === 'string') string(value, path, errors)
    else if (typeof value === 'number') number(value, path, errors)
    else if (Array.isArray(value)) array(value, path, errors)
    else if (isJsonObject(value)) object(value, path, errors)
  }
}

function typeCheck(schema: Schema): SchemaCheck {
  const expected =
    schema['x-kubernetes-int-or-string'] === true ? ['integer', 'string'] : schema.type ? [schema.type] : []
  if (expected.length === 0) return () => undefined
  const accepted = new Set<string>(expected)
  if (accepted.has('number')) accepted.add('integer')
  if (schema.nullable === true) accepted.add('null')
  const isNumeric = schema.type === 'integer' || schema.type === 'number'
  return (value, path, errors) => {
    const type = typeOf(value)
    if (accepted.has(type)) return
    // The names of numeric formats come up in place of the types, as in kube-openapi.
    const byFormat =
      isNumeric && schema.format !== undefined && (type === 'boolean' || type === 'object' || type === 'number')
    const found = byFormat ? (type === 'number' ? 'double' : '') : type
    const wanted = byFormat ? (schema.format ?? '') : expected.join(',')
    errors.push(wrongType(path.text, found, `${path.text} in body must be of type ${wanted}: ${JSON.stringify(found)}`))
  }
}

function enumCheck(values: readonly JsonValue[]): SchemaCheck {
  const texts = values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value)))
  return (value, path, errors) => {
    if (!values.some((each) => jsonEqual(each, value))) errors.push(notSupported(path.text, value, texts))
  }
}

function stringCheck(schema: Schema): (text: string, path: CurrentPath, errors: FieldError[]) => void {
  const { minLength = 0, maxLength = Number.POSITIVE_INFINITY, pattern, format } = schema
  const matches = pattern === undefined ? undefined : patternTest(pattern)
  const hasFormat = schema.type === 'string' ? formatTest(format) : undefined
  return (text, path, errors) => {
    const isInDoubt = text.length > maxLength || text.length < 2 * minLength
    const error = isInDoubt ? lengthError(text, { minLength, maxLength, path }) : undefined
    if (error !== undefined) {
      errors.push(error)
    } else if (matches !== undefined && !matches(text)) {
      errors.push(invalidField(path.text, text, `${path.text} in body should match '${pattern}'`))
    }
    if (hasFormat !== undefined && !hasFormat(text)) {
      const shown = isHiddenFormat(format) ? '' : text
      errors.push(
        wrongType(path.text, shown, `${path.text} in body must be of type ${format}: ${JSON.stringify(shown)}`),
      )
    }
  }
}

/** Of a text that is too long or too short only that is said, as there. */
function lengthError(
  text: string,
  { minLength, maxLength, path }: { minLength: number; maxLength: number; path: CurrentPath },
): FieldError | undefined {
  if (text.length > maxLength && [...text].length > maxLength) return tooLong(path.text, maxLength)
  if ([...text].length >= minLength) return undefined
  return invalidField(path.text, text, `${path.text} in body should be at least ${minLength} chars long`)
}

function numberCheck(schema: Schema): (value: number, path: CurrentPath, errors: FieldError[]) => void {
  const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY, format } = schema
  const isInt32 = schema.type === 'integer' && format === 'int32'
  return (value, path, errors) => {
    if (isInt32 && (value | 0) !== value) {
      errors.push(
        invalidField(path.text, '', `Checked value must be of type integer with format int32 in ${path.text}`),
      )
    }
    if (value > maximum) {
      errors.push(invalidField(path.text, value, `${path.text} in body should be less than or equal to ${maximum}`))
    }
    if (value < minimum) {
      errors.push(invalidField(path.text, value, `${path.text} in body should be greater than or equal to ${minimum}`))
    }
  }
}

function arrayCheck(schema: Schema): (items: readonly unknown[], path: CurrentPath, errors: FieldError[]) => void {
  const { minItems = 0, maxItems = Number.POSITIVE_INFINITY } = schema
  const item = schema.items === undefined ? undefined : schemaCheck(schema.items)
  return (items, path, errors) => {
    if (item !== undefined) checkItems(item, { items, path, errors })
    if (items.length < minItems) {
      errors.push(invalidField(path.text, items.length, `${path.text} in body should have at least ${minItems} items`))
    }
    if (items.length > maxItems) errors.push(tooMany(path.text, items.length, maxItems))
    errors.push(...duplicateItems(schema, items, path))
  }
}

interface Items {
  readonly items: readonly unknown[]
  readonly path: CurrentPath
  readonly errors: FieldError[]
}

function checkItems(item: SchemaCheck, { items, path, errors }: Items): void {
  for (let index = 0; index < items.length; index += 1) {
    path.enter(index)
    item(items[index], path, errors)
    path.leave()
  }
}

function objectCheck(
  schema: Schema,
): (value: Readonly<Record<string, unknown>>, path: CurrentPath, errors: FieldError[]) => void {
  const { minProperties = 0, maxProperties = Number.POSITIVE_INFINITY, required = [] } = schema
  const members = new Map(Object.entries(schema.properties ?? {}).map(([name, part]) => [name, schemaCheck(part)]))
  const others = schema.additionalProperties === undefined ? undefined : schemaCheck(schema.additionalProperties)
  return (value, path, errors) => {
    let count = 0
    for (const name in value) {
      const member = value[name]
      if (member === undefined) continue
      count += 1
      const check = members.get(name) ?? others
      if (check === undefined) continue
      path.enter(name)
      check(member, path, errors)
      path.leave()
    }
    for (const name of required) {
      if (!Object.hasOwn(value, name) || value[name] === undefined) errors.push(requiredField(path.below(name)))
    }
    if (count < minProperties) {
      errors.push(
        invalidField(path.text, count, `${path.text} in body should have at least ${minProperties} properties`),
      )
    }
    if (count > maxProperties) errors.push(tooMany(path.text, count, maxProperties))
  }
}
