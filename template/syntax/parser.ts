import { TemplateError, type TemplateErrorCode } from '../errors.ts'
import type { Position } from '../errors.ts'
import { Commands } from './commands.ts'
import type { Delimiters } from './lexer.ts'
import { tokensOf } from './lexer.ts'
import type { Block, Node, TemplateSet } from './nodes.ts'
import { positionAt } from './source-position.ts'
import type { Token } from './tokens.ts'
import { TokenStream } from './token-stream.ts'

export interface ParseInput {
  /** A byte string. */
  readonly source: string
  readonly name: string
  readonly delimiters: Delimiters
  readonly isFunction: (name: string) => boolean
  /** The known name that is most like an unknown one. */
  readonly nearest: (name: string) => string | undefined
}

/** Blocks within blocks; each level costs frames of the stack when it is executed. */
const nestingMax = 100

export function parseTemplate(input: ParseInput): TemplateSet {
  const fail = (token: Token, detail: string, code: TemplateErrorCode = 'syntax'): never => {
    throw new TemplateError(code, { template: input.name, ...positionAt(input.source, token.offset) }, detail)
  }
  const stream = new TokenStream(tokensOf(input.source, input.delimiters), fail)
  return new Parser(input, stream).parse()
}

/** How a block ended: the end of the source, `end`, or `else` with what follows it still unread. */
type Ending = 'eof' | 'end' | 'else'

class Parser {
  readonly #input: ParseInput
  readonly #stream: TokenStream
  readonly #commands: Commands
  readonly #blocks = new Map<string, Block>()
  #nesting = 0
  #rangeDepth = 0

  constructor(input: ParseInput, stream: TokenStream) {
    this.#input = input
    this.#stream = stream
    this.#commands = new Commands({ ...input, stream, position: (token) => this.#position(token) })
  }

  parse(): TemplateSet {
    const start = this.#stream.peek()
    const { block, ending } = this.#block({ isTop: true })
    if (ending !== 'eof') this.#stream.fail(this.#stream.last(), `{{${ending}}} without a block that it belongs to`)
    this.#define(this.#input.name, block, start)
    return { name: this.#input.name, blocks: this.#blocks, called: this.#commands.called }
  }

  #block({ isTop }: { readonly isTop: boolean }): { block: Block; ending: Ending } {
    const nodes: Node[] = []
    for (;;) {
      const token = this.#stream.nextRaw()
      if (token.kind === 'eof') return { block: nodes, ending: 'eof' }
      if (token.kind === 'text') {
        nodes.push({ kind: 'text', text: token.text })
        continue
      }
      const keyword = this.#keyword()
      if (keyword === 'end' || keyword === 'else') {
        if (keyword === 'end') this.#right('{{end}}')
        return { block: nodes, ending: keyword }
      }
      if (keyword === 'define') this.#definition(isTop)
      else nodes.push(this.#action(keyword))
    }
  }

  #keyword(): string | undefined {
    return this.#stream.peek().kind === 'keyword' ? this.#stream.next().text : undefined
  }

  #action(keyword: string | undefined): Node {
    switch (keyword) {
      case 'if':
      case 'with':
        return this.#branch(keyword)
      case 'range':
        return this.#branch('range')
      case 'break':
      case 'continue':
        return this.#jump(keyword)
      case 'template':
        return this.#call()
      case 'block':
        return this.#blockAction()
      default:
        return { kind: 'action', pipe: this.#commands.pipe({ until: 'right', about: 'an action' }) }
    }
  }

  #branch(kind: 'if' | 'with' | 'range'): Node {
    const scope = this.#commands.openScope()
    const pipe = this.#commands.pipe({ until: 'right', about: kind, inRange: kind === 'range' })
    if (kind === 'range') this.#rangeDepth += 1
    const { block: body, ending } = this.#nested()
    if (kind === 'range') this.#rangeDepth -= 1
    const otherwise = ending === 'else' ? this.#otherwise(kind) : undefined
    this.#commands.closeScope(scope)
    return { kind, pipe, body, otherwise }
  }

  /** Behind `else`: `{{else if}}` is an `if` inside the else branch that shares its `end`. */
  #otherwise(kind: 'if' | 'with' | 'range'): Block {
    const next = this.#stream.peek()
    if (next.kind === 'keyword' && next.text === kind && kind !== 'range') {
      this.#stream.next()
      return this.#deeper(() => [this.#branch(kind)])
    }
    this.#right('{{else}}')
    const { block, ending } = this.#nested()
    if (ending !== 'end') this.#stream.fail(this.#stream.last(), 'expected {{end}}')
    return block
  }

  #nested(): { block: Block; ending: Ending } {
    const opened = this.#stream.last()
    const result = this.#deeper(() => this.#block({ isTop: false }))
    if (result.ending === 'eof') this.#stream.fail(opened, 'the block that begins here has no {{end}}')
    return result
  }

  #deeper<T>(parse: () => T): T {
    this.#nesting += 1
    if (this.#nesting > nestingMax) this.#stream.fail(this.#stream.last(), `blocks nested over ${nestingMax} deep`)
    const result = parse()
    this.#nesting -= 1
    return result
  }

  #jump(kind: 'break' | 'continue'): Node {
    if (this.#rangeDepth === 0) this.#stream.fail(this.#stream.last(), `{{${kind}}} outside of {{range}}`)
    this.#right(`{{${kind}}}`)
    return { kind }
  }

  #call(): Node {
    const token = this.#stream.next()
    const called = this.#commands.text(token, 'the name of a template')
    if (this.#stream.peek().kind === 'right') {
      this.#stream.next()
      return { kind: 'template', called, pipe: undefined, at: this.#position(token) }
    }
    const pipe = this.#commands.pipe({ until: 'right', about: 'template' })
    return { kind: 'template', called, pipe, at: this.#position(token) }
  }

  #blockAction(): Node {
    const token = this.#stream.next()
    const called = this.#commands.text(token, 'the name of a block')
    const pipe = this.#commands.pipe({ until: 'right', about: 'block' })
    this.#defineNested(called, token)
    return { kind: 'template', called, pipe, at: this.#position(token) }
  }

  #definition(isTop: boolean): void {
    if (!isTop) this.#stream.fail(this.#stream.last(), '{{define}} inside of another block')
    const token = this.#stream.next()
    const called = this.#commands.text(token, 'the name of a template')
    this.#right('{{define}}')
    this.#defineNested(called, token)
  }

  /** A definition sees no variables but `$`, and no range to break out of. */
  #defineNested(name: string, token: Token): void {
    const outerRanges = this.#rangeDepth
    this.#rangeDepth = 0
    const { block, ending } = this.#commands.isolated(() => this.#nested())
    this.#rangeDepth = outerRanges
    if (ending !== 'end') this.#stream.fail(this.#stream.last(), 'unexpected {{else}} in a definition')
    this.#define(name, block, token)
  }

  /** An empty definition never replaces one that has something; two of the latter are a mistake. */
  #define(name: string, block: Block, token: Token): void {
    const before = this.#blocks.get(name)
    if (before !== undefined && isEmpty(block)) return
    if (before !== undefined && !isEmpty(before)) this.#stream.fail(token, 'a template of that name is defined already')
    this.#blocks.set(name, block)
  }

  #right(about: string): void {
    const token = this.#stream.next()
    if (token.kind !== 'right') this.#stream.fail(token, `unexpected ${token.kind} in ${about}`)
  }

  #position(token: Token): Position {
    return positionAt(this.#input.source, token.offset)
  }
}

function isEmpty(block: Block): boolean {
  return block.every((node) => node.kind === 'text' && /^[ \t\r\n\v\f\x85\xa0]*$/.test(node.text))
}
