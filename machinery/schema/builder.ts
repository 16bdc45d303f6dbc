import type { Schema } from './schema.ts'

/**
 * The typed way to write a schema. `Infer<typeof spec>` is the TypeScript type of what the schema accepts, so that a
 * field is declared once. Fields are optional unless wrapped in `required`, as in the Kubernetes API.
 *
 *   export const remoteRef = object('Where a value lies at the provider.', {
 *     key: required(string('The key at the provider.', { minLength: 1 })),
 *     version: string('The version to read; the newest when absent.'),
 *   })
 *   export type RemoteRef = Infer<typeof remoteRef>
 */
export interface Typed<T> extends Schema {
  /** Carries the type for the compiler only; never present at run time. */
  readonly __type?: T
}

/** Marks a field of `object` that must be there. */
export interface Required<T> {
  readonly requiredField: Typed<T>
}

export type Infer<S> = S extends Typed<infer T> ? T : never

type Fields = Readonly<Record<string, Typed<unknown> | Required<unknown>>>
type FieldType<F> = F extends Required<infer T> ? T : F extends Typed<infer T> ? T : never
type RequiredKeys<F> = { [K in keyof F]: F[K] extends Required<unknown> ? K : never }[keyof F]
type ObjectType<F> = Flat<
  { readonly [K in RequiredKeys<F>]: FieldType<F[K]> } & {
    readonly [K in Exclude<keyof F, RequiredKeys<F>>]?: FieldType<F[K]>
  }
>
/** One object type instead of an intersection, so that the compiler's messages can be read. */
type Flat<T> = { [K in keyof T]: T[K] }
type Options<K extends keyof Schema> = Readonly<
  Partial<Pick<Schema, K | 'default' | 'nullable' | 'format' | 'x-kubernetes-validations'>>
>

export function required<T>(field: Typed<T>): Required<T> {
  return { requiredField: field }
}

export function object<F extends Fields>(
  description: string,
  fields: F,
  options: Options<
    | 'minProperties'
    | 'maxProperties'
    | 'x-kubernetes-map-type'
    | 'x-kubernetes-preserve-unknown-fields'
    | 'oneOf'
    | 'anyOf'
  > = {},
): Typed<ObjectType<F>> {
  const properties: Record<string, Schema> = {}
  const requiredNames: string[] = []
  for (const [name, field] of Object.entries(fields)) {
    if ('requiredField' in field) requiredNames.push(name)
    properties[name] = 'requiredField' in field ? field.requiredField : field
  }
  return {
    type: 'object',
    description,
    properties,
    ...(requiredNames.length > 0 && { required: requiredNames }),
    ...options,
  }
}

export function string(
  description: string,
  options: Options<'pattern' | 'minLength' | 'maxLength'> = {},
): Typed<string> {
  return { type: 'string', description, ...options }
}

/** A string that is one of the named values. */
export function oneOf<const V extends string>(
  description: string,
  values: readonly V[],
  options: Options<never> = {},
): Typed<V> {
  return { type: 'string', description, enum: values, ...options }
}

export function integer(description: string, options: Options<'minimum' | 'maximum'> = {}): Typed<number> {
  return { type: 'integer', description, ...options }
}

export function number(description: string, options: Options<'minimum' | 'maximum'> = {}): Typed<number> {
  return { type: 'number', description, ...options }
}

export function boolean(description: string, options: Options<never> = {}): Typed<boolean> {
  return { type: 'boolean', description, ...options }
}

export function intOrString(description: string, options: Options<'pattern'> = {}): Typed<number | string> {
  return { description, 'x-kubernetes-int-or-string': true, ...options }
}

export function array<T>(
  description: string,
  items: Typed<T>,
  options: Options<'minItems' | 'maxItems' | 'x-kubernetes-list-type' | 'x-kubernetes-list-map-keys'> = {},
): Typed<readonly T[]> {
  return { type: 'array', description, items, ...options }
}

/** An object with free keys. */
export function map<T>(
  description: string,
  values: Typed<T>,
  options: Options<'minProperties' | 'maxProperties' | 'x-kubernetes-map-type'> = {},
): Typed<Readonly<Record<string, T>>> {
  return { type: 'object', description, additionalProperties: values, ...options }
}

/** The same, or null. */
export function nullable<T>(schema: Typed<T>): Typed<T | null> {
  return { ...schema, nullable: true }
}

/** Anything, kept as it was sent. */
export function opaque(description: string): Typed<Readonly<Record<string, unknown>>> {
  return { type: 'object', description, 'x-kubernetes-preserve-unknown-fields': true }
}

/** The same schema under another description: for a shared part that means something special where it is used. */
export function described<S extends Schema>(description: string, schema: S): S {
  return { ...schema, description }
}
