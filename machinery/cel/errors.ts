/** A rule that cannot be compiled. The message opens with `line:column`, both from 1. */
export class CelCompileError extends Error {
  override readonly name = 'CelCompileError'
}

/**
 * What an evaluation came to instead of a value; `||`, `&&` and their like may do without it. Not an Error: a rule may
 * fail for every item of a long list, and to take down the stack each time costs far more than all the rest.
 */
export class CelEvaluationError {
  readonly name = 'CelEvaluationError'
  readonly message: string

  constructor(message: string) {
    this.message = message
  }
}

/** The evaluation was stopped since it cost more than it may; nothing does without this one. */
export class CelCostError extends Error {
  override readonly name = 'CelCostError'
}

export function noSuchOverload(): CelEvaluationError {
  return new CelEvaluationError('no such overload')
}
