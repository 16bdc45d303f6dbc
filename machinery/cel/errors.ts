/** A rule that cannot be compiled. The message opens with `line:column`, both from 1. */
export class CelCompileError extends Error {
  override readonly name = 'CelCompileError'
}

/** What an evaluation came to instead of a value; `||`, `&&` and their like may do without it. */
export class CelEvaluationError extends Error {
  override readonly name = 'CelEvaluationError'
}

/** The evaluation was stopped since it cost more than it may; nothing does without this one. */
export class CelCostError extends Error {
  override readonly name = 'CelCostError'
}

export function noSuchOverload(): CelEvaluationError {
  return new CelEvaluationError('no such overload')
}
