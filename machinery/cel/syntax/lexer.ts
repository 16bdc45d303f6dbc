import { Uint } from '../values/uint.ts'
import type { Literal } from './expression.ts'
import { compileError } from './position.ts'
import { stringLiteral } from './string-literal.ts'

export type Token = { readonly at: number } & (
  | { readonly kind: 'literal'; readonly value: Literal }
  /** A number keeps its sign apart: -9223372036854775808 is one, 9223372036854775808 is none. */
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'name' | 'symbol'; readonly text: string }
  | { readonly kind: 'end' }
)

const space = /(?:[ \t\r\n\f]|\/\/[^\n]*)+/y
const number = /(?:0[xX][0-9a-fA-F]+[uU]?|(?:\d+\.\d+|\.\d+|\d+(?=[eE]))(?:[eE][-+]?\d+)?|\d+[uU]?)/y
const word = /[A-Za-z_][A-Za-z0-9_]*/y
const symbol = /==|!=|<=|>=|&&|\|\||[-+*/%<>!?:.,()[\]{}]/y
const text = /(?:[rR][bB]?|[bB][rR]?)?(?:"""|'''|"|')/y

export function tokensOf(source: string): readonly Token[] {
  const tokens: Token[] = []
  let at = matchAt(space, source, 0).length
  while (at < source.length) {
    const [token, length] = tokenAt(source, at)
    tokens.push(token)
    at += length
    at += matchAt(space, source, at).length
  }
  return [...tokens, { kind: 'end', at }]
}

function tokenAt(source: string, at: number): readonly [Token, number] {
  const opening = matchAt(text, source, at)
  if (opening !== '') {
    const { value, length } = stringLiteral(source, at, opening)
    return [{ kind: 'literal', value, at }, length]
  }
  const digits = matchAt(number, source, at)
  if (digits !== '') return [{ kind: 'number', text: digits, at }, digits.length]
  const name = matchAt(word, source, at)
  if (name !== '') return [wordToken(name, at), name.length]
  const sign = matchAt(symbol, source, at)
  if (sign === '') throw compileError(source, at, 'Syntax error: token recognition error')
  return [{ kind: 'symbol', text: sign, at }, sign.length]
}

function matchAt(pattern: RegExp, source: string, at: number): string {
  pattern.lastIndex = at
  return pattern.exec(source)?.[0] ?? ''
}

const words: ReadonlyMap<string, null | boolean> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
])

function wordToken(name: string, at: number): Token {
  const value = words.get(name)
  if (value !== undefined) return { kind: 'literal', value, at }
  return { kind: name === 'in' ? 'symbol' : 'name', text: name, at }
}

/** The value of a number token; undefined when it is out of range. */
export function numberLiteral(digits: string): Literal | undefined {
  const isHex = /^-?0[xX]/.test(digits)
  if (!isHex && /[.eE]/.test(digits)) return Number(digits)
  const isUnsigned = /[uU]$/.test(digits)
  const isNegative = digits.startsWith('-')
  const magnitude = BigInt(digits.replace(/^-/, '').replace(/[uU]$/, ''))
  const value = isNegative ? -magnitude : magnitude
  if (isUnsigned) return BigInt.asUintN(64, value) === value ? new Uint(value) : undefined
  return BigInt.asIntN(64, value) === value ? value : undefined
}
