import type { TemplateErrorCode } from '../errors.ts'
import type { Token } from './tokens.ts'

export type Fail = (token: Token, detail: string, code?: TemplateErrorCode) => never

/** The tokens one after the other; the lexer's error is raised where it is reached. */
export class TokenStream {
  readonly #tokens: readonly Token[]
  /** Throws; declared as a member so that the compiler follows. */
  readonly fail: Fail
  #next = 0

  constructor(tokens: readonly Token[], fail: Fail) {
    this.#tokens = tokens
    this.fail = fail
  }

  /** Spaces too. */
  nextRaw(): Token {
    const token = this.peekRaw()
    this.#next += 1
    return token
  }

  peekRaw(): Token {
    const token = this.#tokens[Math.min(this.#next, this.#tokens.length - 1)]
    if (token === undefined) return { kind: 'eof', offset: 0, text: '' }
    return token.kind === 'error' ? this.fail(token, token.text) : token
  }

  next(): Token {
    let token = this.nextRaw()
    while (token.kind === 'space') token = this.nextRaw()
    return token
  }

  peek(): Token {
    while (this.peekRaw().kind === 'space') this.#next += 1
    return this.peekRaw()
  }

  /** Reads on without spaces; what was read counts only once it is committed. */
  lookahead(): { readonly next: () => Token; readonly commit: () => void } {
    const ahead = new TokenStream(this.#tokens, this.fail)
    ahead.#next = this.#next
    return { next: () => ahead.next(), commit: () => (this.#next = ahead.#next) }
  }

  /** The token read last. */
  last(): Token {
    return this.#tokens[Math.max(0, Math.min(this.#next, this.#tokens.length) - 1)] ?? this.peekRaw()
  }
}
