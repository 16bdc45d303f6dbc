import { invalidField } from '../../field-error.ts'
import type { FieldError, FieldErrorType } from '../../field-error.ts'
import type { Schema } from '../schema.ts'
import { Evaluation } from './evaluation.ts'
import { parts } from './judgement.ts'
import type { Judgement } from './judgement.ts'
import { compiledRules } from './rule-node.ts'

/** A value to be judged by the CEL rules of its schema. */
export interface Candidate {
  /** '' for a whole object. */
  readonly path: string
  readonly structureErrors: FieldError[]
  /** Asked for only where there are rules to evaluate. */
  readonly judged: () => Judged
}

interface Judged {
  readonly value: unknown
  /** What the value replaces, for rules about the change. */
  readonly previous?: unknown
}

export interface Verdict {
  /** Those of the structure, and those of the rules. */
  readonly errors: FieldError[]
  /** What breaks a rule but was so before. */
  readonly warnings: readonly string[]
}

/** Fails for a rule that cannot work: called when a kind is made known, so that it fails the start. */
export function compileRules(schema: Schema): void {
  compiledRules(schema, true)
}

/**
 * What a value breaks of the x-kubernetes-validations of its schema, with the messages of apiextensions-apiserver. A
 * schema without rules costs a look into a map. Rules see only what is of the schema's structure.
 */
export function judgeByRules(schema: Schema, { path, structureErrors, judged }: Candidate): Verdict {
  const node = compiledRules(schema, path === '')
  if (node === undefined) return { errors: structureErrors, warnings: [] }
  if (structureErrors.some(({ type }) => blocksRules.has(type)))
    return { errors: [...structureErrors, rulesNotChecked], warnings: [] }
  const evaluation = new Evaluation()
  const { value, previous } = judged()
  walk({ node, path, value, old: previous }, evaluation)
  return { errors: [...structureErrors, ...evaluation.errors], warnings: evaluation.warnings }
}

/** After one of these the CEL rules of a schema are not evaluated, and the answer says so. */
const blocksRules: ReadonlySet<FieldErrorType> = new Set<FieldErrorType>([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
])

const rulesNotChecked = invalidField(
  '<nil>',
  null,
  'some validation rules were not checked because the object was invalid; ' +
    'correct the existing errors to complete validation',
)

function walk(judgement: Judgement, evaluation: Evaluation): void {
  evaluation.judge(judgement)
  for (const part of parts(judgement)) {
    if (!evaluation.goesOn) return
    walk(part, evaluation)
  }
}
