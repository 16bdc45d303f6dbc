import { isAssignable } from '../assignability.ts'
import type { Expression } from '../syntax/expression.ts'
import { dyn, simple, typeText } from '../type.ts'
import type { CelType } from '../type.ts'
import { propertyName } from '../property-name.ts'
import { Message } from '../values/message.ts'
import { Optional } from '../values/value.ts'
import type { Value } from '../values/value.ts'
import { noSuchOverload } from '../errors.ts'
import type { Compiled, Compiler, Frame, Scope } from './scope.ts'

type MessageExpression = Extract<Expression, { kind: 'message' }>

const messageCost = 40

/** `Object{...}` and `JSONPatch{...}`, the types that mutations are written in; only they may be constructed. */
export function compileMessage(
  compiler: Compiler,
  { name, fields, at }: MessageExpression,
  scope: Scope | undefined,
): Compiled {
  const fieldType = fieldTypesOf(name)
  if (fieldType === undefined) throw compiler.fail(at, `undeclared reference to '${name}' (in container '')`)
  const parts = fields.map((field) => {
    const wanted = fieldType(field.name)
    if (wanted === undefined) throw compiler.fail(field.value.at, `undefined field '${field.name}'`)
    const { type, run } = compiler.compile(field.value, scope)
    checkType(compiler, field.value.at, { wanted, given: field.isOptional ? contentOf(type) : type })
    return { property: propertyName(field.name), isOptional: field.isOptional, run }
  })
  const run = (frame: Frame): Value => {
    const members = new Map<string, Value>()
    for (const part of parts) {
      const value = part.run(frame)
      if (!part.isOptional) members.set(part.property, value)
      else if (!(value instanceof Optional)) throw noSuchOverload()
      else if (value.value !== undefined) members.set(part.property, value.value)
    }
    frame.meter.charge(messageCost)
    return new Message(name, members)
  }
  return { type: simple(name), run }
}

type FieldTypes = (field: string) => CelType | undefined

/** The type of a member of `Object.spec` may be known by its name alone: a constructed one is `Object.spec.name`. */
function fieldTypesOf(name: string): FieldTypes | undefined {
  if (name === 'JSONPatch') return (field) => patchFields[field]
  if (name !== 'Object' && !name.startsWith('Object.')) return undefined
  return (field) => simple(`${name}.${field}`)
}

const patchFields: Readonly<Record<string, CelType>> = {
  op: simple('string'),
  path: simple('string'),
  from: simple('string'),
  value: dyn,
}

function contentOf(type: CelType): CelType {
  return type.kind === 'optional' ? type.value : dyn
}

/** An object in an object has to be the one that belongs there; everything else is judged by the schema later. */
function checkType(
  compiler: Compiler,
  at: number,
  { wanted, given }: { readonly wanted: CelType; readonly given: CelType },
): void {
  const isObject = wanted.kind === 'simple' && wanted.name.startsWith('Object.')
  const isFree = isObject && !(given.kind === 'simple' && /^(?:Object|JSONPatch)(?:$|\.)/.test(given.name))
  if (isFree || isAssignable(given, wanted, new Map())) return
  throw compiler.fail(at, `expected type of field is '${typeText(wanted)}' but provided type is '${typeText(given)}'`)
}
