import { CelCostError, CelEvaluationError } from '../../cel/errors.ts'
import { Meter } from '../../cel/meter.ts'
import type { Program } from '../../cel/program.ts'
import { invalidField } from '../../field-error.ts'
import type { FieldError } from '../../field-error.ts'
import type { Judgement } from './judgement.ts'
import { isRatcheted } from './judgement.ts'
import { evaluatedMessage, ruleText } from './message.ts'
import type { CompiledRule } from './rule-node.ts'
import { refusal } from './refusal.ts'
import { none, Optional } from '../../cel/values/value.ts'
import type { Value } from '../../cel/values/value.ts'

/** Kubernetes's own: for one evaluation of one expression, and for all of an object. */
const callCostMax = 1_000_000
const objectCostMax = 10_000_000

const outOfBudget = 'validation failed due to running out of cost budget, no further validation rules will be run'

/** The rules of one object as they are evaluated one after the other. */
export class Evaluation {
  readonly errors: FieldError[] = []
  readonly warnings: string[] = []
  #remaining = objectCostMax

  /** False once the budget is spent: nothing is evaluated any more. */
  get goesOn(): boolean {
    return this.#remaining >= 0
  }

  /** The rules of one node. A value that is null is judged by the rules around it only. */
  judge(judgement: Judgement): void {
    const { node, value, old } = judgement
    if (node.rules.length === 0 || value === null) return
    const hasOld = old !== undefined && old !== null
    for (const rule of node.rules) {
      if (!this.goesOn) return
      const isOptional = rule.declared.optionalOldSelf === true
      if (rule.usesOldSelf && !hasOld && !isOptional) continue
      this.#judge(rule, judgement, isOptional ? (hasOld ? 'some' : 'missing') : hasOld ? 'plain' : 'none')
    }
  }

  #judge(rule: CompiledRule, judgement: Judgement, form: OldForm): void {
    const text = ruleText(rule.declared)
    const outcome = this.#evaluate(rule.program, judgement, form)
    switch (outcome.kind) {
      case 'spent':
        return this.#stop(judgement, outOfBudget)
      case 'limit':
        return this.#stop(
          judgement,
          `'${outcome.problem}': ${stopped} due to call cost exceeds limit for rule: ${text}`,
        )
      case 'error':
        this.errors.push(typedError(judgement, errorText(outcome.problem, text)))
        return
      case 'value':
        if (outcome.value !== true) this.#refuse(rule, judgement, form)
    }
  }

  #refuse(rule: CompiledRule, judgement: Judgement, form: OldForm): void {
    const { declared } = rule
    const path = joined(judgement.path, rule.fieldPath)
    let detail = declared.message?.trim() || `failed rule: ${ruleText(declared)}`
    if (rule.message !== undefined) {
      const outcome = this.#evaluate(rule.message, judgement, form)
      const quoted = JSON.stringify(declared.messageExpression)
      if (outcome.kind === 'spent')
        return this.#stop(
          judgement,
          `messageExpression evaluation failed due to running out of cost budget, ${stopped}`,
        )
      if (outcome.kind === 'limit')
        return this.#stop(judgement, `${stopped} due to call cost exceeds limit for messageExpression: ${quoted}`)
      if (outcome.kind === 'value') detail = evaluatedMessage(outcome.value) ?? detail
    }
    const error = refusal(declared.reason, { path, detail, schema: judgement.node.schema, value: judgement.value })
    if (!rule.usesOldSelf && isRatcheted(judgement)) this.warnings.push(`${error.field}: ${error.message}`)
    else this.errors.push(error)
  }

  #evaluate(program: Program, { node, value, old }: Judgement, form: OldForm): Outcome {
    const meter = new Meter(callCostMax)
    let outcome: Outcome
    try {
      const self = node.read(value)
      outcome = { kind: 'value', value: program.evaluate([self, oldValue(form, () => node.read(old))], meter) }
    } catch (error) {
      if (error instanceof CelEvaluationError) outcome = { kind: 'error', problem: error.message }
      else if (error instanceof CelCostError) outcome = { kind: 'limit', problem: error.message }
      else throw error
    }
    const cost = Math.ceil(meter.cost)
    if (cost > this.#remaining) return { kind: 'spent' }
    this.#remaining -= cost
    return outcome
  }

  #stop(judgement: Judgement, detail: string): void {
    this.errors.push(typedError(judgement, detail))
    this.#remaining = -1
  }
}

const stopped = 'no further validation rules will be run'

/** What `oldSelf` is: nothing, a value, an optional with a value, an optional without one. */
type OldForm = 'none' | 'plain' | 'some' | 'missing'

type Outcome =
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'error' | 'limit'; readonly problem: string }
  | { readonly kind: 'spent' }

function oldValue(form: OldForm, read: () => Value): Value | undefined {
  if (form === 'none') return undefined
  if (form === 'missing') return none
  return form === 'plain' ? read() : new Optional(read())
}

function errorText(problem: string, text: string): string {
  return problem.startsWith('no such overload')
    ? `'${problem}': call arguments did not match a supported operator, function or macro signature for rule: ${text}`
    : `${problem} evaluating rule: ${text}`
}

/** What kept a rule from being judged names the type of the value. */
function typedError({ path, node }: Judgement, detail: string): FieldError {
  return invalidField(path, node.schema.type ?? '', detail)
}

function joined(path: string, below: string): string {
  return path === '' || below === '' ? path + below : `${path}.${below}`
}
