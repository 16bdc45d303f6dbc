export type TokenKind =
  | 'text'
  | 'left'
  | 'right'
  | 'space'
  | 'identifier'
  | 'field'
  | 'variable'
  | 'dot'
  | 'nil'
  | 'bool'
  | 'number'
  | 'char'
  | 'string'
  | 'raw-string'
  | 'keyword'
  | 'pipe'
  | 'comma'
  | 'assign'
  | 'declare'
  | 'left-paren'
  | 'right-paren'
  | 'error'
  | 'eof'

export interface Token {
  readonly kind: TokenKind
  /** Byte offset into the source. */
  readonly offset: number
  /** The bytes of the source; of an error what is wrong, in our words. */
  readonly text: string
}

export const keywords: ReadonlySet<string> = new Set([
  'block',
  'break',
  'continue',
  'define',
  'else',
  'end',
  'if',
  'range',
  'template',
  'with',
])
