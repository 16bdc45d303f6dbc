import type { JsonValue } from '../object.ts'

/**
 * A structural schema: apiextensions/v1 JSONSchemaProps as far as the API uses them, with the names they have in
 * OpenAPI, so that a schema is its own OpenAPI v3 document but for defaults.
 */
export interface Schema {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean'
  readonly description?: string
  readonly format?: string
  readonly nullable?: true
  readonly default?: JsonValue
  readonly enum?: readonly JsonValue[]
  /** RE2 syntax, unanchored. */
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly minProperties?: number
  readonly maxProperties?: number
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  /** Values of a map with free keys; never together with `properties`. */
  readonly additionalProperties?: Schema
  readonly items?: Schema
  /** Value validations only: no `properties` that the structure does not name. */
  readonly allOf?: readonly Schema[]
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly not?: Schema
  readonly 'x-kubernetes-preserve-unknown-fields'?: true
  readonly 'x-kubernetes-int-or-string'?: true
  readonly 'x-kubernetes-embedded-resource'?: true
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map'
  readonly 'x-kubernetes-list-map-keys'?: readonly string[]
  readonly 'x-kubernetes-map-type'?: 'atomic' | 'granular'
  readonly 'x-kubernetes-validations'?: readonly ValidationRule[]
}

/** A CEL rule (apiextensions/v1 ValidationRule): `self` is the value, `oldSelf` the one that it replaces. */
export interface ValidationRule {
  readonly rule: string
  readonly message?: string
  readonly messageExpression?: string
  readonly reason?: 'FieldValueInvalid' | 'FieldValueForbidden' | 'FieldValueRequired' | 'FieldValueDuplicate'
  readonly fieldPath?: string
  /** The rule also runs where there is no old value: `oldSelf` is an optional in it. */
  readonly optionalOldSelf?: boolean
}
