import { bound, isAssignable } from '../assignability.ts'
import type { Bindings } from '../assignability.ts'
import { CelEvaluationError, noSuchOverload } from '../errors.ts'
import { library } from '../library.ts'
import { declarePattern, patternFunctions } from '../functions/regex.ts'
import type { Overload } from '../functions/table.ts'
import { Meter } from '../meter.ts'
import type { Expression } from '../syntax/expression.ts'
import { dyn, typeText } from '../type.ts'
import type { CelType } from '../type.ts'
import { memberCost } from './member.ts'
import { isFunction, qualifiedName } from './names.ts'
import { constant } from './scope.ts'
import type { Compiled, Compiler, Frame, Scope } from './scope.ts'
import { List } from '../values/value.ts'
import type { Value } from '../values/value.ts'

type Call = Extract<Expression, { kind: 'call' }>

export function compileCall(compiler: Compiler, call: Call, scope: Scope | undefined): Compiled {
  const { name, isMember, operands } = resolved(call, scope)
  if (!isFunction(name)) throw compiler.fail(call.at, `undeclared reference to '${name}' (in container '')`)
  const args = operands.map((operand) => compiler.compileOperand(operand, scope, name))
  checkPattern(compiler, name, operands)
  const { overloads, type } = matching(compiler, call, { name, isMember, types: args.map((arg) => arg.type) })
  const runs = args.map((arg) => arg.run)
  const extraCost = extraCostOf(name, operands, args)
  const run = (frame: Frame): Value => {
    const values = runs.map((argument) => argument(frame))
    for (const overload of overloads) {
      if (!overload.accepts(values)) continue
      frame.meter.charge(Math.max(0, overload.cost(values) + extraCost))
      return overload.call(values, frame.meter)
    }
    throw noSuchOverload()
  }
  const isFolded = foldedFunctions.has(name) && args.length === 1 && args[0]?.constant !== undefined
  return isFolded ? folded(compiler, operands[0]?.at ?? call.at, { type, run }) : { type, run }
}

interface Resolved {
  readonly name: string
  readonly isMember: boolean
  readonly operands: readonly Expression[]
}

/** `sets.contains(a, b)` is a function of that name, `a.contains(b)` a member of what the variable `a` is. */
function resolved({ name, target, args }: Call, scope: Scope | undefined): Resolved {
  if (target === undefined) return { name, isMember: false, operands: args }
  const container = qualifiedName(target, scope)
  if (container !== undefined && isFunction(`${container}.${name}`))
    return { name: `${container}.${name}`, isMember: false, operands: args }
  return { name, isMember: true, operands: [target, ...args] }
}

function matching(
  compiler: Compiler,
  call: Call,
  { name, isMember, types }: { readonly name: string; readonly isMember: boolean; readonly types: readonly CelType[] },
): { readonly overloads: readonly Overload[]; readonly type: CelType } {
  const overloads: Overload[] = []
  const results: CelType[] = []
  for (const overload of library()[name] ?? []) {
    if (overload.isMember !== isMember || overload.parameters.length !== types.length) continue
    const bindings: Bindings = new Map()
    if (!overload.parameters.every((to, index) => isAssignable(types[index] ?? dyn, to, bindings))) continue
    overloads.push(overload)
    results.push(bound(overload.result, bindings))
  }
  const [type] = results
  if (type !== undefined) return { overloads, type: results.every((each) => sameText(each, type)) ? type : dyn }
  const texts = types.map(typeText)
  const applied = isMember ? `${texts[0]}.(${texts.slice(1).join(', ')})` : `(${texts.join(', ')})`
  throw compiler.fail(call.at, `found no matching overload for '${name}' applied to '${applied}'`)
}

function sameText(left: CelType, right: CelType): boolean {
  return typeText(left) === typeText(right)
}

/** A pattern that stands in the expression is compiled with it. */
function checkPattern(compiler: Compiler, name: string, [, pattern]: readonly Expression[]): void {
  if (!patternFunctions.has(name) || pattern?.kind !== 'literal' || typeof pattern.value !== 'string') return
  if (!declarePattern(pattern.value)) throw compiler.fail(pattern.at, `invalid ${name} argument`)
}

/** An index is a member of its operand; to look for an item among constants costs nothing. */
function extraCostOf(name: string, [operand]: readonly Expression[], args: readonly Compiled[]): number {
  if (name === '_[_]' || name === '_[?_]') return operand === undefined ? 0 : memberCost(operand) - 1
  return name === '_in_' && args[1]?.constant instanceof List ? Number.NEGATIVE_INFINITY : 0
}

/** Conversions of constants are made once. */
const foldedFunctions: ReadonlySet<string> = new Set(
  'bool bytes double duration dyn int string timestamp type uint'.split(' '),
)

const foldedCostMax = 10_000

function folded(compiler: Compiler, at: number, { type, run }: Compiled): Compiled {
  try {
    return constant(type, run({ values: [], meter: new Meter(foldedCostMax) }))
  } catch (error) {
    if (error instanceof CelEvaluationError) throw compiler.fail(at, error.message)
    throw error
  }
}
