import type { Expression } from './expression.ts'

type Call = { name: string; target?: Expression; args: Expression[]; at: number }
type Fail = (at: number, text: string) => Error

/** By the count of arguments: how many of them are names of variables. The rest are bodies. */
const macros: ReadonlyMap<string, Readonly<Record<number, number>>> = new Map([
  ['all', { 2: 1, 3: 2 }],
  ['exists', { 2: 1, 3: 2 }],
  ['exists_one', { 2: 1 }],
  ['existsOne', { 2: 1, 3: 2 }],
  ['map', { 2: 1, 3: 1 }],
  ['filter', { 2: 1 }],
  ['transformList', { 3: 2, 4: 2 }],
  ['transformMap', { 3: 2, 4: 2 }],
  ['optMap', { 2: 1 }],
  ['optFlatMap', { 2: 1 }],
  ['sortBy', { 2: 1 }],
])

/** The macro that a call is; undefined when it is a call of a function. */
export function macroOf(call: Call, fail: Fail): Expression | undefined {
  const { name, target, args, at } = call
  if (target === undefined) return name === 'has' && args.length === 1 ? hasMacro(call, fail) : undefined
  const nameCount = macros.get(name)?.[args.length]
  if (nameCount === undefined) return undefined
  const names = args.slice(0, nameCount).map((arg) => variableName(arg, fail))
  if (new Set(names).size < names.length) throw fail(at, 'the variables of a macro must have different names')
  return { kind: 'comprehension', macro: name, range: target, names, bodies: args.slice(nameCount), at }
}

function hasMacro({ args, at }: Call, fail: Fail): Expression {
  const [field] = args
  if (field?.kind !== 'select' || field.isOptional) throw fail(at, 'invalid argument to has() macro')
  return { kind: 'has', operand: field.operand, field: field.field, at: field.at }
}

function variableName(arg: Expression, fail: Fail): string {
  if (arg.kind !== 'name') throw fail(arg.at, 'argument must be a simple name')
  return arg.name
}
