import type { FieldError } from '../field-error.ts'
import { invalidField, notSupported } from '../field-error.ts'
import { labelValueProblems, qualifiedNameProblems } from '../names.ts'
import { SelectorError } from './errors.ts'
import { parseRequirements } from './label-parser.ts'

export interface LabelSelector {
  /** As it was given; '' selects everything. */
  readonly text: string
  matches(labels: Readonly<Record<string, string>> | undefined): boolean
}

/** metav1.LabelSelector. */
export interface LabelSelectorSpec {
  readonly matchLabels?: Readonly<Record<string, string>>
  readonly matchExpressions?: readonly LabelExpression[]
}

export interface LabelExpression {
  readonly key: string
  readonly operator: string
  readonly values?: readonly string[]
}

export interface LabelRequirement {
  readonly key: string
  readonly operator: LabelOperator
  readonly values: readonly string[]
}

export type LabelOperator = 'in' | 'notin' | '=' | '==' | '!=' | 'gt' | 'lt' | 'exists' | '!'

/** A selector as `?labelSelector=` has it. Throws SelectorError. */
export function parseLabelSelector(text: string): LabelSelector {
  return selectorOf(text, parseRequirements(text).map(checked))
}

/** A selector as objects have it. Throws SelectorError. */
export function labelSelectorOf(spec: LabelSelectorSpec): LabelSelector {
  const equalities = Object.entries(spec.matchLabels ?? {}).map(([key, value]) =>
    checked({ key, operator: '=', values: [value] }),
  )
  const requirements = [...equalities, ...(spec.matchExpressions ?? []).map(ofExpression)]
  return selectorOf(requirements.map(requirementText).join(','), requirements)
}

function selectorOf(text: string, requirements: readonly LabelRequirement[]): LabelSelector {
  return { text, matches: (labels = {}) => requirements.every((requirement) => isMet(requirement, labels)) }
}

function isMet({ key, operator, values }: LabelRequirement, labels: Readonly<Record<string, string>>): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined
  switch (operator) {
    case 'exists':
      return value !== undefined
    case '!':
      return value === undefined
    case '=':
    case '==':
    case 'in':
      return value !== undefined && values.includes(value)
    case '!=':
    case 'notin':
      return value === undefined || !values.includes(value)
    case 'gt':
    case 'lt':
      return value !== undefined && isOrdered(operator, value, values[0] ?? '')
  }
}

const integer = /^[-+]?\d+$/

function isOrdered(operator: 'gt' | 'lt', value: string, limit: string): boolean {
  if (!integer.test(value)) return false
  return operator === 'gt' ? BigInt(value) > BigInt(limit) : BigInt(value) < BigInt(limit)
}

/** Refuses what labels.NewRequirement refuses. */
function checked(requirement: LabelRequirement): LabelRequirement {
  const { key, operator, values } = requirement
  const errors: FieldError[] = []
  const keyProblems = qualifiedNameProblems(key)
  if (keyProblems.length > 0) errors.push(invalidField('key', key, keyProblems.join('; ')))
  const countProblem = valueCountProblem(operator, values.length)
  if (countProblem !== undefined) errors.push(invalidField('values', values, countProblem))
  values.forEach((value, index) => {
    if ((operator === 'gt' || operator === 'lt') && !integer.test(value)) {
      errors.push(invalidField(`values[${index}]`, value, "for 'Gt', 'Lt' operators, the value must be an integer"))
    }
    const problems = labelValueProblems(value)
    if (problems.length > 0) errors.push(invalidField(`values[${index}][${key}]`, value, problems.join('; ')))
  })
  if (errors.length > 0) throw new SelectorError(`unable to parse requirement: ${aggregate(errors)}`)
  return requirement
}

function valueCountProblem(operator: LabelOperator, count: number): string | undefined {
  switch (operator) {
    case 'in':
    case 'notin':
      return count === 0 ? "for 'in', 'notin' operators, values set can't be empty" : undefined
    case '=':
    case '==':
    case '!=':
      return count === 1 ? undefined : 'exact-match compatibility requires one single value'
    case 'exists':
    case '!':
      return count === 0 ? undefined : 'values set must be empty for exists and does not exist'
    case 'gt':
    case 'lt':
      return count === 1 ? undefined : "for 'Gt', 'Lt' operators, exactly one value is required"
  }
}

function aggregate(errors: readonly FieldError[]): string {
  const texts = errors.map(({ field, message }) => `${field}: ${message}`)
  return texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`
}

const declaredOperators: ReadonlyMap<string, LabelOperator> = new Map([
  ['In', 'in'],
  ['NotIn', 'notin'],
  ['Exists', 'exists'],
  ['DoesNotExist', '!'],
])

function ofExpression(expression: LabelExpression): LabelRequirement {
  const operator = declaredOperators.get(expression.operator)
  if (operator === undefined) {
    const { message } = notSupported('operator', expression.operator, [...declaredOperators.keys()])
    throw new SelectorError(`${JSON.stringify(expression.operator)} is not a valid label selector operator: ${message}`)
  }
  return checked({ key: expression.key, operator, values: expression.values ?? [] })
}

function requirementText({ key, operator, values }: LabelRequirement): string {
  if (operator === 'exists') return key
  if (operator === '!') return `!${key}`
  if (operator === 'in' || operator === 'notin') return `${key} ${operator} (${values.toSorted().join(',')})`
  return `${key}${operator}${values.join('')}`
}
