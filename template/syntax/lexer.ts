import { runeAt, unicodeText } from '../byte-string.ts'
import { keywords, type Token, type TokenKind } from './tokens.ts'

export interface Delimiters {
  readonly left: string
  readonly right: string
}

/** The tokens of a source, ending with `eof` or with `error`. */
export function tokensOf(source: string, delimiters: Delimiters): readonly Token[] {
  return new Lexer(source, delimiters).run()
}

const spaces = ' \t\r\n'
const punctuation: Readonly<Record<string, TokenKind>> = {
  '|': 'pipe',
  ',': 'comma',
  '=': 'assign',
}
const numberForms = [
  '0[xX][0-9a-fA-F_]*(?:\\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]*)?',
  '0[oO][0-7_]*',
  '0[bB][01_]*',
  '[0-9_]*(?:\\.[0-9_]*)?(?:[eE][+-]?[0-9_]*)?',
]
const numberPattern = new RegExp(`[+-]?(?:${numberForms.join('|')})i?`, 'y')

/** A state is a method that expects `#at` where its comment says and leaves it behind what it emitted. */
class Lexer {
  readonly #source: string
  readonly #delimiters: Delimiters
  readonly #tokens: Token[] = []
  #at = 0
  #parenDepth = 0
  #failed = false

  constructor(source: string, delimiters: Delimiters) {
    this.#source = source
    this.#delimiters = delimiters
  }

  run(): readonly Token[] {
    let trimsNext = false
    while (!this.#failed && this.#text(trimsNext)) trimsNext = this.#action()
    if (!this.#failed) this.#emit('eof', 0)
    return this.#tokens
  }

  /** Outside of an action. Stands at the next left delimiter afterwards, and is false if there is none. */
  #text(trimsStart: boolean): boolean {
    const found = this.#source.indexOf(this.#delimiters.left, this.#at)
    const end = found < 0 ? this.#source.length : found
    let start = this.#at
    let stop = end
    if (trimsStart) while (start < stop && isSpace(this.#source[start])) start += 1
    if (found >= 0 && this.#trimsBefore(found + this.#delimiters.left.length)) {
      while (stop > start && isSpace(this.#source[stop - 1])) stop -= 1
    }
    if (stop > start) this.#tokens.push({ kind: 'text', offset: start, text: this.#source.slice(start, stop) })
    this.#at = end
    return found >= 0
  }

  /** At a left delimiter. Stands behind the right one afterwards; true if that trims the text that follows. */
  #action(): boolean {
    const inside = this.#at + this.#delimiters.left.length
    const first = this.#trimsBefore(inside) ? inside + 2 : inside
    if (this.#source.startsWith('/*', first)) return this.#comment(first)
    this.#emit('left', first - this.#at)
    this.#parenDepth = 0
    while (!this.#failed) {
      const trims = this.#trimsAfter(this.#at)
      if (trims || this.#source.startsWith(this.#delimiters.right, this.#at)) {
        if (this.#parenDepth > 0) return this.#fail('unclosed left parenthesis')
        this.#at += trims ? 2 : 0
        this.#emit('right', this.#delimiters.right.length)
        return trims
      }
      this.#token()
    }
    return false
  }

  #comment(start: number): boolean {
    const end = this.#source.indexOf('*/', start)
    if (end < 0) return this.#fail('unclosed comment')
    const trims = this.#trimsAfter(end + 2)
    const right = end + 2 + (trims ? 2 : 0)
    if (!this.#source.startsWith(this.#delimiters.right, right)) {
      return this.#fail('a comment ends before the closing delimiter')
    }
    this.#at = right + this.#delimiters.right.length
    return trims
  }

  /** Inside an action, not at a right delimiter. */
  #token(): void {
    const character = this.#source[this.#at]
    if (character === undefined) return void this.#fail('unclosed action')
    if (isSpace(character)) return this.#space()
    const kind = punctuation[character]
    if (kind) return this.#emit(kind, 1)
    if (this.#source.startsWith(':=', this.#at)) return this.#emit('declare', 2)
    if (character === '"' || character === "'") return this.#quoted(character)
    if (character === '`') return this.#raw()
    if (character === '$') return this.#word('variable', this.#at + 1)
    if (character === '(' || character === ')') return this.#parenthesis(character)
    if (character === '.' && !isDigit(this.#source[this.#at + 1])) return this.#dotted()
    if (character === '.' || character === '+' || character === '-' || isDigit(character)) return this.#number()
    if (this.#isWordAt(this.#at)) return this.#identifier()
    this.#fail('unexpected character')
  }

  #space(): void {
    let end = this.#at
    while (isSpace(this.#source[end]) && !(end > this.#at && this.#trimsAfter(end))) end += 1
    this.#emit('space', end - this.#at)
  }

  #parenthesis(character: '(' | ')'): void {
    this.#parenDepth += character === '(' ? 1 : -1
    if (this.#parenDepth < 0) return void this.#fail('unexpected right parenthesis')
    this.#emit(character === '(' ? 'left-paren' : 'right-paren', 1)
  }

  /** At a dot that begins no number. */
  #dotted(): void {
    if (this.#isWordAt(this.#at + 1)) return this.#word('field', this.#at + 1)
    if (!this.#endsWordAt(this.#at + 1)) return void this.#fail('unexpected character')
    this.#emit('dot', 1)
  }

  #word(kind: TokenKind, from: number): void {
    const end = this.#wordEnd(from)
    if (!this.#endsWordAt(end)) return void this.#fail('unexpected character', end)
    this.#emit(kind, end - this.#at)
  }

  #identifier(): void {
    const word = this.#source.slice(this.#at, this.#wordEnd(this.#at))
    const isConstant = word === 'true' || word === 'false'
    this.#word(isConstant ? 'bool' : word === 'nil' ? 'nil' : keywords.has(word) ? 'keyword' : 'identifier', this.#at)
  }

  #number(): void {
    numberPattern.lastIndex = this.#at
    const length = numberPattern.exec(this.#source)?.[0].length ?? 0
    if (length === 0 || this.#isWordAt(this.#at + length)) return void this.#fail('bad number')
    this.#emit('number', length)
  }

  #quoted(quote: string): void {
    let end = this.#at + 1
    for (; this.#source[end] !== quote; end += 1) {
      const character = this.#source[end]
      if (character === undefined || character === '\n') return void this.#fail('unterminated quoted text')
      if (character === '\\') end += 1
    }
    this.#emit(quote === '"' ? 'string' : 'char', end + 1 - this.#at)
  }

  #raw(): void {
    const end = this.#source.indexOf('`', this.#at + 1)
    if (end < 0) return void this.#fail('unterminated raw text')
    this.#emit('raw-string', end + 1 - this.#at)
  }

  #wordEnd(from: number): number {
    let end = from
    while (this.#isWordAt(end)) end += runeAt(this.#source, end).width
    return end
  }

  #isWordAt(offset: number): boolean {
    if (offset >= this.#source.length) return false
    const { width, valid } = runeAt(this.#source, offset)
    return valid && /^[\p{L}\p{Nd}_]$/u.test(unicodeText(this.#source.slice(offset, offset + width)))
  }

  /** Whether a word may end here: `.a"b"` is refused rather than guessed at. */
  #endsWordAt(offset: number): boolean {
    const next = this.#source[offset]
    if (next === undefined || isSpace(next) || '.,|:=)('.includes(next)) return true
    return this.#source.startsWith(this.#delimiters.right, offset)
  }

  /** `- ` behind a left delimiter. */
  #trimsBefore(offset: number): boolean {
    return this.#source[offset] === '-' && isSpace(this.#source[offset + 1])
  }

  /** ` -` before a right delimiter. */
  #trimsAfter(offset: number): boolean {
    return (
      isSpace(this.#source[offset]) &&
      this.#source[offset + 1] === '-' &&
      this.#source.startsWith(this.#delimiters.right, offset + 2)
    )
  }

  #emit(kind: TokenKind, length: number): void {
    const end = this.#at + length
    this.#tokens.push({ kind, offset: this.#at, text: this.#source.slice(this.#at, end) })
    this.#at = end
  }

  #fail(message: string, offset = this.#at): false {
    this.#failed = true
    this.#tokens.push({ kind: 'error', offset, text: message })
    return false
  }
}

function isSpace(character: string | undefined): boolean {
  return character !== undefined && spaces.includes(character)
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= '0' && character <= '9'
}
