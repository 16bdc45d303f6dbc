import type { Position } from '../errors.ts'
import { literalOf } from './literals.ts'
import type { Command, Operand, Pipe } from './nodes.ts'
import type { TokenStream } from './token-stream.ts'
import type { Token } from './tokens.ts'

interface CommandsInput {
  readonly stream: TokenStream
  readonly position: (token: Token) => Position
  readonly isFunction: (name: string) => boolean
  readonly nearest: (name: string) => string | undefined
}

export interface PipeContext {
  readonly until: 'right' | 'right-paren'
  readonly about: string
  /** Where two variables may be declared. */
  readonly inRange?: boolean
}

const parenthesesMax = 100

/** Pipelines, commands and operands, and which variables are in scope. */
export class Commands {
  readonly #input: CommandsInput
  readonly #stream: TokenStream
  readonly called = new Set<string>()
  #variables: string[] = ['$']
  #parentheses = 0

  constructor(input: CommandsInput) {
    this.#input = input
    this.#stream = input.stream
  }

  openScope(): number {
    return this.#variables.length
  }

  closeScope(mark: number): void {
    this.#variables.length = mark
  }

  isolated<T>(parse: () => T): T {
    const outer = this.#variables
    this.#variables = ['$']
    const result = parse()
    this.#variables = outer
    return result
  }

  /** The text of a string constant. */
  text(token: Token, about: string): string {
    const value = token.kind === 'string' || token.kind === 'raw-string' ? literalOf(token)?.value : undefined
    return typeof value === 'string' ? value : this.#stream.fail(token, `expected ${about} in quotes`)
  }

  /** Behind the delimiter or keyword; reads up to and with the end that the context names. */
  pipe(context: PipeContext): Pipe {
    const first = this.#stream.peek()
    const { variables, isAssignment } = this.#declaration(context)
    const commands: Command[] = []
    for (;;) {
      const token = this.#stream.peek()
      if (token.kind === context.until) {
        this.#stream.next()
        this.#checkCommands(commands, context.about, token)
        return { at: this.#input.position(first), variables, isAssignment, commands }
      }
      commands.push(this.#command(context.about))
    }
  }

  /** `$x :=`, `$x =`, and in a range also `$i, $x :=`. */
  #declaration(context: PipeContext): { variables: string[]; isAssignment: boolean } {
    const nothing = { variables: [], isAssignment: false }
    if (this.#stream.peek().kind !== 'variable') return nothing
    const ahead = this.#stream.lookahead()
    const names: Token[] = []
    for (;;) {
      const name = ahead.next()
      const after = ahead.next()
      if (name.kind !== 'variable' || name.text === '$' || names.length > 1) {
        if (names.length === 0) return nothing
        this.#stream.fail(name, 'a variable is expected here')
      }
      names.push(name)
      if (after.kind === 'declare' || after.kind === 'assign') {
        ahead.commit()
        return this.#declared(names, after.kind === 'assign')
      }
      if (after.kind !== 'comma') {
        if (names.length === 1) return nothing
        this.#stream.fail(after, 'expected := or =')
      }
      if (!context.inRange) this.#stream.fail(after, 'only a range has two variables')
    }
  }

  #declared(names: readonly Token[], isAssignment: boolean): { variables: string[]; isAssignment: boolean } {
    for (const name of names) if (isAssignment) this.#known(name)
    const variables = names.map(({ text }) => text)
    if (!isAssignment) this.#variables.push(...variables)
    return { variables, isAssignment }
  }

  #checkCommands(commands: readonly Command[], about: string, token: Token): void {
    if (commands.length === 0) this.#stream.fail(token, `${about} has no value`)
    for (const { operands } of commands.slice(1)) {
      const kind = operands[0].kind
      if (kind === 'literal' || kind === 'nil' || kind === 'dot') {
        this.#stream.fail(token, 'a later stage of a pipeline must be a function, a field or a variable')
      }
    }
  }

  #command(about: string): Command {
    const at = this.#input.position(this.#stream.peek())
    const operands: Operand[] = []
    for (;;) {
      const operand = this.#operand()
      if (operand) operands.push(operand)
      const next = this.#stream.peekRaw()
      if (next.kind === 'space' && operand) {
        this.#stream.nextRaw()
        if (operandKinds.has(this.#stream.peek().kind)) continue
      }
      const end = this.#stream.peek()
      if (end.kind === 'pipe') this.#stream.next()
      else if (end.kind !== 'right' && end.kind !== 'right-paren') {
        this.#stream.fail(end, `unexpected ${end.kind} in ${about}`)
      }
      const [first, ...rest] = operands
      return first ? { at, operands: [first, ...rest] } : this.#stream.fail(end, 'empty command')
    }
  }

  /** A term and the fields that follow it without a space. */
  #operand(): Operand | undefined {
    const term = this.#term()
    if (!term || this.#stream.peekRaw().kind !== 'field') return term
    const path: string[] = []
    while (this.#stream.peekRaw().kind === 'field') path.push(this.#stream.nextRaw().text.slice(1))
    switch (term.kind) {
      case 'field':
        return { ...term, path: [...term.path, ...path] }
      case 'variable':
        return { ...term, path: [...term.path, ...path] }
      case 'literal':
      case 'nil':
        return this.#stream.fail(this.#stream.last(), 'a constant has no fields')
      case 'dot':
        return this.#stream.fail(this.#stream.last(), 'unexpected field behind a dot')
      default:
        return { kind: 'chain', base: term, path, at: term.at }
    }
  }

  #term(): Operand | undefined {
    const token = this.#stream.peek()
    if (!operandKinds.has(token.kind)) return undefined
    this.#stream.next()
    const at = this.#input.position(token)
    switch (token.kind) {
      case 'identifier':
        return { kind: 'function', name: this.#function(token), at }
      case 'dot':
      case 'nil':
        return { kind: token.kind, at }
      case 'variable':
        return { kind: 'variable', name: this.#known(token), path: [], at }
      case 'field':
        return { kind: 'field', path: [token.text.slice(1)], at }
      case 'left-paren':
        return { kind: 'pipe', pipe: this.#parenthesized(token), at }
      default: {
        const value = literalOf(token) ?? this.#stream.fail(token, `malformed ${token.kind}`)
        return { kind: 'literal', value, at }
      }
    }
  }

  #parenthesized(token: Token): Pipe {
    this.#parentheses += 1
    if (this.#parentheses > parenthesesMax) this.#stream.fail(token, `parentheses over ${parenthesesMax} deep`)
    const pipe = this.pipe({ until: 'right-paren', about: 'parentheses' })
    this.#parentheses -= 1
    return pipe
  }

  #function(token: Token): string {
    const name = token.text
    if (!this.#input.isFunction(name)) {
      const nearest = this.#input.nearest(name)
      const hint = nearest === undefined ? '' : `; is ${nearest} meant?`
      this.#stream.fail(token, `there is no function ${name}${hint}`, 'unknown-function')
    }
    this.called.add(name)
    return name
  }

  #known(token: Token): string {
    if (!this.#variables.includes(token.text)) this.#stream.fail(token, `there is no variable ${token.text}`)
    return token.text
  }
}

const operandKinds: ReadonlySet<string> = new Set([
  'identifier',
  'dot',
  'nil',
  'variable',
  'field',
  'bool',
  'char',
  'number',
  'string',
  'raw-string',
  'left-paren',
])
