/** The type of an expression, as far as it is known before it is evaluated; `dyn` is known at run time only. */
export type CelType =
  | { readonly kind: 'simple'; readonly name: string }
  | { readonly kind: 'dyn' }
  | { readonly kind: 'list'; readonly item: CelType }
  | { readonly kind: 'map'; readonly key: CelType; readonly value: CelType }
  | { readonly kind: 'optional'; readonly value: CelType }
  | { readonly kind: 'type'; readonly of: CelType }
  | ObjectType
  /** A parameter of a signature: the same type wherever it occurs in it. */
  | { readonly kind: 'parameter'; readonly name: string }

/** An object with declared fields; two of them are the same type only if they are the same declaration. */
export interface ObjectType {
  readonly kind: 'object'
  readonly name: string
  /** By the names that expressions know. */
  readonly fields: ReadonlyMap<string, ObjectField>
}

export interface ObjectField {
  readonly property: string
  readonly type: CelType
}

export const dyn: CelType = { kind: 'dyn' }

export function simple(name: string): CelType {
  return { kind: 'simple', name }
}

export function isSimple(type: CelType, name: string): boolean {
  return type.kind === 'simple' && type.name === name
}

export function typeText(type: CelType): string {
  switch (type.kind) {
    case 'simple':
    case 'object':
    case 'parameter':
      return type.name === 'null_type' ? 'null' : type.name
    case 'dyn':
      return 'dyn'
    case 'list':
      return `list(${typeText(type.item)})`
    case 'map':
      return `map(${typeText(type.key)}, ${typeText(type.value)})`
    case 'optional':
      return `optional_type(${typeText(type.value)})`
    case 'type':
      return `type(${typeText(type.of)})`
  }
}

/** Reads a type of a signature: `list(T)`, `map(K: V)`, `optional(T)`, `type(T)`; a capital is a parameter. */
export function typeOf(text: string): CelType {
  const [, outer, inner = ''] = /^(\w+)\((.*)\)$/.exec(text) ?? []
  if (outer === 'list') return { kind: 'list', item: typeOf(inner) }
  if (outer === 'optional') return { kind: 'optional', value: typeOf(inner) }
  if (outer === 'type') return { kind: 'type', of: typeOf(inner) }
  if (outer === 'map') {
    const colon = inner.indexOf(': ')
    return { kind: 'map', key: typeOf(inner.slice(0, colon)), value: typeOf(inner.slice(colon + 2)) }
  }
  if (text === 'dyn') return dyn
  return /^[A-Z]$/.test(text) ? { kind: 'parameter', name: text } : simple(text)
}
