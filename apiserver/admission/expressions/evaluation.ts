import { AccessPending } from '../../../machinery/cel/admission/authorizer.ts'
import { CelCostError, CelEvaluationError } from '../../../machinery/cel/errors.ts'
import { Meter } from '../../../machinery/cel/meter.ts'
import type { Program } from '../../../machinery/cel/program.ts'
import { Mapping } from '../../../machinery/cel/values/value.ts'
import type { Value } from '../../../machinery/cel/values/value.ts'
import { type VariableName, variableNames } from './environment.ts'

/** An expression that was compiled, or why that failed: which is an error of every evaluation. */
export type Expression =
  | { readonly text: string; readonly program: Program }
  | { readonly text: string; readonly flaw: string }

/** Units of cost, as in kube-apiserver. */
const perExpressionCost = 1_000_000
export const perPolicyCost = 10_000_000
export const perMatchConditionsCost = 2_500_000

/** As kube-apiserver's metrics call them. */
export type ExpressionFailure = 'compile_error' | 'out_of_budget' | 'invalid_error'

/** Why there is no value; the text may be shown. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError'
  readonly failure: ExpressionFailure

  constructor(message: string, failure: ExpressionFailure) {
    super(message)
    this.failure = failure
  }
}

export type Values = Partial<Record<VariableName, Value>>

/** The evaluations of one webhook, or one binding of a policy: they share values and a budget. */
export class Evaluation {
  readonly #values: (Value | undefined)[]
  #budget: number

  constructor(values: Values, budget: number, variables: ReadonlyMap<string, Expression> = new Map()) {
    const all: Values = { ...values, variables: this.#lazily(variables) }
    this.#values = variableNames.map((name) => all[name])
    this.#budget = budget
  }

  /** Rejects with ExpressionError. Rights that it asks for are looked up first, and then it is evaluated anew. */
  async value(expression: Expression): Promise<Value> {
    if ('flaw' in expression) throw failed(expression, `compilation error: ${expression.flaw}`, 'compile_error')
    for (;;) {
      try {
        return this.#now(expression.program)
      } catch (error) {
        if (!(error instanceof AccessPending)) throw evaluationFailure(expression, error)
        await error.decided
      }
    }
  }

  #now(program: Program): Value {
    const meter = new Meter(Math.min(perExpressionCost, this.#budget))
    try {
      return program.evaluate(this.#values, meter)
    } finally {
      this.#budget -= meter.cost
    }
  }

  /** Evaluated when they are first asked for; one that fails fails each time. */
  #lazily(variables: ReadonlyMap<string, Expression>): Value {
    const known = new Map<string, () => Value>()
    return new Mapping(
      () => [...variables.keys()],
      (key) => {
        const expression = typeof key === 'string' ? variables.get(key) : undefined
        if (typeof key !== 'string' || expression === undefined) return undefined
        const outcome = known.get(key) ?? this.#outcomeOf(expression)
        known.set(key, outcome)
        return outcome()
      },
    )
  }

  #outcomeOf(expression: Expression): () => Value {
    const failed = (message: string) => (): Value => {
      throw new CelEvaluationError(message)
    }
    if ('flaw' in expression) return failed(`composited variable fails to compile: ${expression.flaw}`)
    try {
      const value = this.#now(expression.program)
      return () => value
    } catch (error) {
      if (error instanceof CelEvaluationError) return failed(error.message)
      throw error
    }
  }
}

function failed({ text }: Expression, why: string, failure: ExpressionFailure): ExpressionError {
  return new ExpressionError(`expression '${text}' resulted in error: ${why}`, failure)
}

function evaluationFailure(expression: Expression, error: unknown): unknown {
  if (error instanceof CelCostError)
    return new ExpressionError(
      `operation cancelled: actual cost limit exceeded while evaluating expression '${expression.text}'`,
      'out_of_budget',
    )
  if (error instanceof CelEvaluationError) return failed(expression, error.message, 'invalid_error')
  return error
}
