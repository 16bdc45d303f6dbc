import { CelEvaluationError, noSuchOverload } from '../errors.ts'
import { commonType } from '../assignability.ts'
import type { Meter } from '../meter.ts'
import type { Expression } from '../syntax/expression.ts'
import { simple, typeText } from '../type.ts'
import type { Value } from '../values/value.ts'
import type { Compiled, Compiler, Frame, Scope } from './scope.ts'

type Logic = Extract<Expression, { kind: 'and' | 'or' }>
type Conditional = Extract<Expression, { kind: 'conditional' }>

/** `&&` and `||`: one term that decides makes up for others that fail. */
export function compileLogic(compiler: Compiler, { kind, terms }: Logic, scope: Scope | undefined): Compiled {
  const runs = terms.map((term) => compiler.compileBool(term, scope).run)
  const deciding = kind === 'or'
  const run = (frame: Frame): Value => {
    const verdict = new Verdict(deciding, frame.meter)
    for (const term of runs) if (verdict.isDecidedBy(() => term(frame))) return deciding
    return verdict.undecided()
  }
  return { type: simple('bool'), run }
}

export function compileConditional(
  compiler: Compiler,
  { test, then, otherwise, at }: Conditional,
  scope: Scope | undefined,
): Compiled {
  const condition = compiler.compileBool(test, scope)
  const [left, right] = [compiler.compile(then, scope), compiler.compile(otherwise, scope)]
  const type = commonType(left.type, right.type)
  if (type === undefined) {
    const types = [condition.type, left.type, right.type].map(typeText).join(', ')
    throw compiler.fail(at, `found no matching overload for '_?_:_' applied to '(${types})'`)
  }
  const run = (frame: Frame): Value => {
    const value = condition.run(frame)
    if (typeof value !== 'boolean') throw noSuchOverload()
    return value ? left.run(frame) : right.run(frame)
  }
  return { type, run }
}

/** A failure that is made up for costs more than Kubernetes counts: to throw and to catch takes its time. */
const failureCost = 10

/** What terms come to that are tried until one decides: then it does not matter that others failed. */
export class Verdict {
  readonly #deciding: boolean
  readonly #meter: Meter
  #failure: CelEvaluationError | undefined

  constructor(deciding: boolean, meter: Meter) {
    this.#deciding = deciding
    this.#meter = meter
  }

  isDecidedBy(term: () => Value): boolean {
    try {
      const value = term()
      if (typeof value === 'boolean') return value === this.#deciding
      this.#failure ??= noSuchOverload()
    } catch (error) {
      if (!(error instanceof CelEvaluationError)) throw error
      this.#meter.charge(failureCost)
      this.#failure ??= error
    }
    return false
  }

  undecided(): boolean {
    if (this.#failure !== undefined) throw this.#failure
    return !this.#deciding
  }
}
