import { invalidField } from '../field-error.ts'
import { qualifiedNameProblems } from '../names.ts'
import { SelectorError } from './errors.ts'

/** The grammar of label selectors, with the error texts of k8s.io/apimachinery/pkg/labels. */

export interface ParsedRequirement {
  readonly key: string
  readonly operator: 'in' | 'notin' | '=' | '==' | '!=' | 'gt' | 'lt' | 'exists' | '!'
  readonly values: readonly string[]
}

export function parseRequirements(text: string): readonly ParsedRequirement[] {
  return new Parser(tokensOf(text)).requirements()
}

interface Token {
  readonly type: 'word' | 'symbol' | 'end'
  readonly text: string
}

const symbols = ['!=', '==', '=', '!', '(', ')', ',', '>', '<']
const wordForm = /[^\s=!(),<>]+/y
const spaceForm = /\s*/y

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = []
  for (let position = endOf(spaceForm, text, 0); position < text.length; position = endOf(spaceForm, text, position)) {
    const end = endOf(wordForm, text, position)
    const symbol = symbols.find((each) => text.startsWith(each, position)) ?? ''
    tokens.push(end > position ? { type: 'word', text: text.slice(position, end) } : { type: 'symbol', text: symbol })
    position = end > position ? end : position + symbol.length
  }
  return tokens
}

function endOf(form: RegExp, text: string, from: number): number {
  form.lastIndex = from
  return form.test(text) ? form.lastIndex : from
}

const end: Token = { type: 'end', text: '' }
const binaryOperators: ReadonlyMap<string, ParsedRequirement['operator']> = new Map([
  ['in', 'in'],
  ['notin', 'notin'],
  ['=', '='],
  ['==', '=='],
  ['!=', '!='],
  ['>', 'gt'],
  ['<', 'lt'],
])

class Parser {
  readonly #tokens: readonly Token[]
  #position = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  requirements(): readonly ParsedRequirement[] {
    const requirements: ParsedRequirement[] = []
    if (this.#peek().type === 'end') return requirements
    this.#expectRequirement("!, identifier, or 'end of string'")
    for (;;) {
      requirements.push(this.#requirement())
      const next = this.#take()
      if (next.type === 'end') return requirements
      if (next.text !== ',') throw new SelectorError(`found '${next.text}', expected: ',' or 'end of string'`)
      this.#expectRequirement("identifier after ','")
    }
  }

  #expectRequirement(expected: string): void {
    const next = this.#peek()
    if (next.type === 'word' || next.text === '!') return
    throw new SelectorError(`found '${next.text}', expected: ${expected}`)
  }

  #requirement(): ParsedRequirement {
    const isNegated = this.#peek().text === '!'
    if (isNegated) this.#take()
    const key = this.#key()
    const isAlone = this.#isAtEndOfRequirement()
    if (isNegated || isAlone) return { key, operator: isNegated ? '!' : 'exists', values: [] }
    const operator = this.#operator()
    const isSet = operator === 'in' || operator === 'notin'
    return { key, operator, values: isSet ? this.#valueSet() : [this.#exactValue()] }
  }

  #key(): string {
    const { type, text } = this.#take()
    if (type !== 'word') this.#fail(`found '${text}', expected: identifier`)
    const problems = qualifiedNameProblems(text)
    if (problems.length > 0) this.#fail(`<nil>: ${invalidField('', text, problems.join('; ')).message}`)
    return text
  }

  #operator(): ParsedRequirement['operator'] {
    const { text } = this.#take()
    const operator = binaryOperators.get(text)
    if (operator === undefined) this.#fail(`found '${text}', expected: in, notin, =, ==, !=, gt, lt`)
    return operator
  }

  #exactValue(): string {
    if (this.#isAtEndOfRequirement()) return ''
    const { type, text } = this.#take()
    if (type !== 'word') this.#fail(`found '${text}', expected: identifier`)
    return text
  }

  /** Between parentheses; a missing value is the empty one: `(a,)` selects a and ''. */
  #valueSet(): readonly string[] {
    const opening = this.#take()
    if (opening.text !== '(') this.#fail(`found '${opening.text}' expected: '('`)
    const first = this.#peek()
    if (first.type !== 'word' && first.text !== ',' && first.text !== ')') {
      this.#fail(`found '${first.text}', expected: ',', ')' or identifier`)
    }
    const values = new Set<string>()
    for (;;) {
      values.add(this.#peek().type === 'word' ? this.#take().text : '')
      const next = this.#take()
      if (next.text === ')') return [...values].sort()
      if (next.text !== ',') this.#fail(`found '${next.text}', expected: ',' or ')'`)
    }
  }

  #isAtEndOfRequirement(): boolean {
    const { type, text } = this.#peek()
    return type === 'end' || text === ','
  }

  #peek(): Token {
    return this.#tokens[this.#position] ?? end
  }

  #take(): Token {
    const token = this.#peek()
    this.#position += 1
    return token
  }

  #fail(what: string): never {
    throw new SelectorError(`unable to parse requirement: ${what}`)
  }
}
