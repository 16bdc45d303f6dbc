import { ProviderError } from '../errors.ts'

export type Step =
  | { readonly kind: 'member'; readonly name: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'all' | 'descend' }
  | { readonly kind: 'slice'; readonly from: number; readonly to: number | undefined; readonly by: number }
  | { readonly kind: 'union'; readonly steps: readonly Step[] }
  | { readonly kind: 'filter'; readonly condition: Condition }

export type Operator = '==' | '!=' | '<=' | '>=' | '<' | '>' | '=~'

/** Of conditions joined by `||`, each of terms joined by `&&`. */
export type Condition = readonly (readonly Term[])[]

export interface Term {
  readonly isNegated: boolean
  readonly left: Operand
  readonly operator?: Operator
  readonly right?: Operand
}

export type Operand = { readonly steps: readonly Step[] } | { readonly value: string | number | boolean | null }

/** Throws ProviderError `invalid-ref`. */
export function parsePath(path: string): readonly Step[] {
  const text = new PathText(path)
  text.expect(/\$/y)
  const steps = stepsOf(text)
  text.end()
  return steps
}

function stepsOf(text: PathText): readonly Step[] {
  const steps: Step[] = []
  for (;;) {
    if (text.take(/\.\./y) !== undefined) {
      steps.push({ kind: 'descend' })
      if (!text.sees(/\[/y)) steps.push(named(text))
    } else if (text.take(/\./y) !== undefined) steps.push(named(text))
    else if (text.take(/\[\s*/y) !== undefined) steps.push(bracketed(text))
    else return steps
  }
}

function named(text: PathText): Step {
  if (text.take(/\*/y) !== undefined) return { kind: 'all' }
  return { kind: 'member', name: text.expect(/[\p{L}\p{N}_-]+/uy) }
}

function bracketed(text: PathText): Step {
  if (text.take(/\?\s*\(/y) !== undefined) {
    const condition = conditionOf(text)
    text.expect(/\s*\)\s*\]/y)
    return { kind: 'filter', condition }
  }
  const steps = [selected(text)]
  while (text.take(/\s*,\s*/y) !== undefined) steps.push(selected(text))
  text.expect(/\s*\]/y)
  return steps.length === 1 && steps[0] !== undefined ? steps[0] : { kind: 'union', steps }
}

function selected(text: PathText): Step {
  if (text.take(/\*/y) !== undefined) return { kind: 'all' }
  const name = quotedText(text)
  if (name !== undefined) return { kind: 'member', name }
  const first = text.take(/-?\d{1,9}/y)
  if (text.take(/\s*:\s*/y) === undefined) {
    if (first === undefined) throw text.unexpected()
    return { kind: 'index', index: Number(first) }
  }
  const to = text.take(/-?\d{1,9}/y)
  const by = text.take(/\s*:\s*/y) === undefined ? undefined : text.take(/\d{1,9}/y)
  return { kind: 'slice', from: Number(first ?? 0), to: to === undefined ? undefined : Number(to), by: Number(by ?? 1) }
}

function conditionOf(text: PathText): Condition {
  const any: Term[][] = []
  do {
    const all: Term[] = []
    do all.push(termOf(text))
    while (text.take(/\s*&&/y) !== undefined)
    any.push(all)
  } while (text.take(/\s*\|\|/y) !== undefined)
  return any
}

function termOf(text: PathText): Term {
  const isNegated = text.take(/\s*!/y) !== undefined
  const left = operandOf(text)
  const operator = text.take(/\s*(==|!=|<=|>=|=~|<|>)/y)?.trim() as Operator | undefined
  if (operator === undefined) return { isNegated, left }
  return { isNegated, left, operator, right: operandOf(text) }
}

const words: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
  ['nil', null],
])

function operandOf(text: PathText): Operand {
  text.take(/\s+/y)
  if (text.take(/@/y) !== undefined) return { steps: stepsOf(text) }
  const quoted = quotedText(text)
  if (quoted !== undefined) return { value: quoted }
  const number = text.take(/-?\d{1,15}(\.\d{1,15})?/y)
  if (number !== undefined) return { value: Number(number) }
  return { value: words.get(text.expect(/true|false|null|nil/y)) ?? null }
}

function quotedText(text: PathText): string | undefined {
  const quoted = text.take(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/y)
  return quoted?.slice(1, -1).replace(/\\(.)/g, '$1')
}

class PathText {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    if (text.length > lengthMax) throw new ProviderError('invalid-ref', `the JSONPath is longer than ${lengthMax}`)
    this.#text = text
  }

  /** What a sticky pattern matches here; `undefined` leaves the place as it is. */
  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const [found] = pattern.exec(this.#text) ?? []
    if (found !== undefined) this.#at += found.length
    return found
  }

  sees(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at
    return pattern.test(this.#text)
  }

  expect(pattern: RegExp): string {
    const found = this.take(pattern)
    if (found === undefined) throw this.unexpected()
    return found
  }

  end(): void {
    if (this.#at < this.#text.length) throw this.unexpected()
  }

  unexpected(): ProviderError {
    const place = `parsing error at character ${this.#at + 1}`
    return new ProviderError('invalid-ref', `failed to get response path ${this.#text}: ${place}`)
  }
}

const lengthMax = 1024
