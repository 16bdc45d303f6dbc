import type { Expression, ListItem, MapEntry, MessageField } from './expression.ts'
import { numberLiteral, tokensOf } from './lexer.ts'
import type { Token } from './lexer.ts'
import { dottedName } from './dotted-name.ts'
import { macroOf } from './macros.ts'
import { compileError } from './position.ts'

/** cel-go's own limits: the length of a text, and how deep it nests. */
const sourceLengthMax = 100_000
const depthMax = 250

/** Reads a text in the grammar of https://github.com/google/cel-spec/blob/master/doc/langdef.md. */
export function parse(source: string): Expression {
  if (source.length > sourceLengthMax) throw compileError(source, 0, `longer than ${sourceLengthMax} characters`)
  return new Parser(source).whole()
}

type Level = readonly string[]

/** From the loosest to the tightest; all of them group from the left. */
const levels: readonly Level[] = [
  ['==', '!=', '<', '<=', '>', '>=', 'in'],
  ['+', '-'],
  ['*', '/', '%'],
]

const reserved: ReadonlySet<string> = new Set(
  'as break const continue else for function if import let loop package namespace return var void while'.split(' '),
)

class Parser {
  readonly #source: string
  readonly #tokens: readonly Token[]
  #index = 0
  #depth = 0

  constructor(source: string) {
    this.#source = source
    this.#tokens = tokensOf(source)
  }

  whole(): Expression {
    const expression = this.#expression()
    const rest = this.#token()
    if (rest.kind !== 'end') this.#unexpected(rest)
    return expression
  }

  #expression(): Expression {
    this.#enter()
    const test = this.#logical('or')
    const at = this.#token().at
    if (!this.#takes('?')) return this.#leave(test)
    const then = this.#logical('or')
    this.#expect(':')
    const otherwise = this.#expression()
    return this.#leave({ kind: 'conditional', test, then, otherwise, at })
  }

  #logical(kind: 'and' | 'or'): Expression {
    const at = this.#token().at
    const next = () => (kind === 'or' ? this.#logical('and') : this.#binary(0))
    const terms = [next()]
    while (this.#takes(kind === 'or' ? '||' : '&&')) terms.push(next())
    const [only] = terms
    return only !== undefined && terms.length === 1 ? only : { kind, terms, at }
  }

  #binary(depth: number): Expression {
    const level = levels[depth]
    if (level === undefined) return this.#unary()
    let left = this.#binary(depth + 1)
    for (let count = 0; ; count += 1) {
      const token = this.#token()
      if (token.kind !== 'symbol' || !level.includes(token.text)) return left
      if (count > 2 * depthMax) this.#fail('too many operators in a row')
      this.#index += 1
      left = { kind: 'call', name: `_${token.text}_`, args: [left, this.#binary(depth + 1)], at: token.at }
    }
  }

  #unary(): Expression {
    const token = this.#token()
    if (token.kind !== 'symbol' || (token.text !== '!' && token.text !== '-')) return this.#member()
    let count = 0
    while (this.#takes(token.text)) count += 1
    const digits = this.#token()
    if (token.text === '-' && count === 1 && digits.kind === 'number') return this.#member('-')
    const operand = this.#member()
    return count % 2 === 0 ? operand : { kind: 'call', name: `${token.text}_`, args: [operand], at: token.at }
  }

  #member(sign: '' | '-' = ''): Expression {
    let operand = this.#primary(sign)
    for (let count = 0; ; count += 1) {
      const { at } = this.#token()
      if (count > depthMax) this.#fail('too many members in a row')
      if (this.#takes('.')) operand = this.#selected(operand, at, this.#takes('?'))
      else if (this.#takes('[')) operand = this.#indexed(operand, at, this.#takes('?') ? '_[?_]' : '_[_]')
      else if (this.#is('{')) operand = this.#message(operand)
      else return operand
    }
  }

  #selected(operand: Expression, at: number, isOptional: boolean): Expression {
    const token = this.#token()
    if (token.kind !== 'name') this.#unexpected(token)
    this.#index += 1
    if (isOptional || !this.#takes('(')) return { kind: 'select', operand, field: token.text, isOptional, at }
    return this.#call({ name: token.text, target: operand, args: this.#list(')'), at })
  }

  #indexed(operand: Expression, at: number, name: string): Expression {
    const index = this.#expression()
    this.#expect(']')
    return { kind: 'call', name, args: [operand, index], at }
  }

  #primary(sign: '' | '-'): Expression {
    const token = this.#token()
    this.#index += 1
    if (token.kind === 'literal') return { kind: 'literal', value: token.value, at: token.at }
    if (token.kind === 'number') return this.#number(sign + token.text, token.at)
    if (token.kind === 'name') return this.#name(token.text, token.at)
    if (token.kind === 'symbol' && token.text === '(') {
      const inner = this.#expression()
      this.#expect(')')
      return inner
    }
    return this.#collection(token)
  }

  #number(digits: string, at: number): Expression {
    const value = numberLiteral(digits)
    if (value === undefined) throw compileError(this.#source, at, 'invalid int or uint literal: out of range')
    return { kind: 'literal', value, at }
  }

  #name(name: string, at: number): Expression {
    if (reserved.has(name)) throw compileError(this.#source, at, `reserved identifier: ${name}`)
    return this.#takes('(') ? this.#call({ name, args: this.#list(')'), at }) : { kind: 'name', name, at }
  }

  #collection(token: Token): Expression {
    const opener = token.kind === 'symbol' ? token.text : ''
    if (opener === '{') return { kind: 'map', entries: this.#entries(), at: token.at }
    if (opener === '.') {
      const name = this.#token()
      if (name.kind !== 'name') this.#unexpected(name)
      this.#index += 1
      return this.#name(name.text, name.at)
    }
    if (opener !== '[') this.#unexpected(token)
    return { kind: 'list', items: this.#items(), at: token.at }
  }

  /** `Type{...}`: what stands before the brace is the name of a type. */
  #message(type: Expression): Expression {
    const token = this.#token()
    const name = dottedName(type)
    if (name === undefined) this.#unexpected(token)
    this.#index += 1
    const fields: MessageField[] = []
    while (!this.#takes('}')) {
      const isOptional = this.#takes('?')
      const field = this.#token()
      if (field.kind !== 'name') this.#unexpected(field)
      this.#index += 1
      this.#expect(':')
      fields.push({ name: field.text, value: this.#expression(), isOptional })
      if (!this.#takes(',') && !this.#is('}')) this.#unexpected(this.#token())
    }
    return { kind: 'message', name, fields, at: token.at }
  }

  #items(): ListItem[] {
    const items: ListItem[] = []
    while (!this.#takes(']')) {
      const isOptional = this.#takes('?')
      items.push({ value: this.#expression(), isOptional })
      if (!this.#takes(',') && !this.#is(']')) this.#unexpected(this.#token())
    }
    return items
  }

  #entries(): MapEntry[] {
    const entries: MapEntry[] = []
    while (!this.#takes('}')) {
      const isOptional = this.#takes('?')
      const key = this.#expression()
      this.#expect(':')
      entries.push({ key, value: this.#expression(), isOptional })
      if (!this.#takes(',') && !this.#is('}')) this.#unexpected(this.#token())
    }
    return entries
  }

  #list(closer: string): Expression[] {
    const list: Expression[] = []
    if (this.#takes(closer)) return list
    do list.push(this.#expression())
    while (this.#takes(','))
    this.#expect(closer)
    return list
  }

  #call(call: { name: string; target?: Expression; args: Expression[]; at: number }): Expression {
    return macroOf(call, (at, text) => compileError(this.#source, at, text)) ?? { kind: 'call', ...call }
  }

  #token(): Token {
    return this.#tokens[this.#index] ?? { kind: 'end', at: this.#source.length }
  }

  #is(symbol: string): boolean {
    const token = this.#token()
    return token.kind === 'symbol' && token.text === symbol
  }

  #takes(symbol: string): boolean {
    if (!this.#is(symbol)) return false
    this.#index += 1
    return true
  }

  #expect(symbol: string): void {
    if (!this.#takes(symbol)) this.#unexpected(this.#token(), `, expecting '${symbol}'`)
  }

  #enter(): void {
    this.#depth += 1
    if (this.#depth > depthMax) this.#fail(`expression nests deeper than ${depthMax}`)
  }

  #leave(expression: Expression): Expression {
    this.#depth -= 1
    return expression
  }

  #unexpected(token: Token, expecting = ''): never {
    const shown = token.kind === 'end' ? '<EOF>' : token.kind === 'literal' ? 'a literal' : token.text
    throw compileError(this.#source, token.at, `Syntax error: unexpected '${shown}'${expecting}`)
  }

  #fail(text: string): never {
    throw compileError(this.#source, this.#token().at, text)
  }
}
