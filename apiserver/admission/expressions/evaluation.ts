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

/** Why there is no value; the text may be shown. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError'
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
    if ('flaw' in expression) throw failure(expression, `compilation error: ${expression.flaw}`)
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

function failure({ text }: Expression, why: string): ExpressionError {
  return new ExpressionError(`expression '${text}' resulted in error: ${why}`)
}

function evaluationFailure(expression: Expression, error: unknown): unknown {
  if (error instanceof CelCostError)
    return new ExpressionError(
      `operation cancelled: actual cost limit exceeded while evaluating expression '${expression.text}'`,
    )
  if (error instanceof CelEvaluationError) return failure(expression, error.message)
  return error
}
