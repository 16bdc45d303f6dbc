import { runes, runeBytes } from '../byte-string.ts'
import { BudgetSpent, type Budget } from '../exec/budget.ts'
import { FunctionFailure } from '../functions/definition.ts'
import { formatMoment } from '../time/layout.ts'
import { Dictionary, Integer, List, Structure, type Value } from '../value.ts'
import { floatText } from './float.ts'

export interface JsonForm {
  /** `<`, `>` and `&` as escapes, as Go's encoder does unless told otherwise. */
  readonly escapesHtml: boolean
  readonly indent: string
}

const depthMax = 100

/** Go's encoding/json, as a byte string. */
export function jsonText(value: Value, form: JsonForm, budget: Budget): string {
  return new JsonWriter(form, budget).value(value, 0)
}

class JsonWriter {
  readonly #form: JsonForm
  readonly #budget: Budget

  constructor(form: JsonForm, budget: Budget) {
    this.#form = form
    this.#budget = budget
  }

  value(value: Value, depth: number): string {
    this.#budget.spend(1)
    if (depth > depthMax) throw new BudgetSpent(`values nested over ${depthMax} deep`)
    const text = this.#text(value, depth)
    this.#budget.reserve(text.length)
    return text
  }

  #text(value: Value, depth: number): string {
    if (value === null) return 'null'
    if (typeof value === 'boolean') return `${value}`
    if (typeof value === 'string') return jsonString(value, this.#form.escapesHtml)
    if (typeof value === 'number') return numberText(value)
    if (value instanceof Integer) return `${value.value}`
    if (value instanceof List)
      return this.#group(
        '[]',
        value.items.map((item) => this.value(item, depth + 1)),
        depth,
      )
    if (value instanceof Dictionary) return this.#object(value.sorted(), depth)
    if (value instanceof Structure) {
      if (value.text !== undefined) return jsonString(value.text, this.#form.escapesHtml)
      return this.#object([...value.fields], depth)
    }
    return `"${formatMoment(value, '2006-01-02T15:04:05.999999999Z07:00')}"`
  }

  #object(entries: readonly (readonly [string, Value])[], depth: number): string {
    const colon = this.#form.indent === '' ? ':' : ': '
    const members = entries.map(
      ([key, value]) => jsonString(key, this.#form.escapesHtml) + colon + this.value(value, depth + 1),
    )
    return this.#group('{}', members, depth)
  }

  #group(brackets: string, parts: readonly string[], depth: number): string {
    const [open, close] = brackets
    if (this.#form.indent === '' || parts.length === 0) return `${open}${parts.join(',')}${close}`
    const inner = `\n${this.#form.indent.repeat(depth + 1)}`
    return `${open}${inner}${parts.join(`,${inner}`)}\n${this.#form.indent.repeat(depth)}${close}`
  }
}

const simpleEscapes: Readonly<Record<number, string>> = {
  8: '\\b',
  9: '\\t',
  10: '\\n',
  12: '\\f',
  13: '\\r',
  34: '\\"',
  92: '\\\\',
}

function jsonString(bytes: string, escapesHtml: boolean): string {
  let text = '"'
  for (const { code, valid } of runes(bytes)) {
    const simple = simpleEscapes[code]
    const isHtml = escapesHtml && (code === 0x3c || code === 0x3e || code === 0x26)
    const isEscaped = code < 0x20 || isHtml || code === 0x2028 || code === 0x2029 || !valid
    if (simple !== undefined) text += simple
    else text += isEscaped ? `\\u${code.toString(16).padStart(4, '0')}` : runeBytes(code)
  }
  return `${text}"`
}

function numberText(value: number): string {
  if (!Number.isFinite(value)) throw new FunctionFailure('json: unsupported value')
  const magnitude = Math.abs(value)
  const hasExponent = magnitude !== 0 && (magnitude < 1e-6 || magnitude >= 1e21)
  return floatText(value, hasExponent ? 'e' : 'f').replace(/e-0(\d)$/, 'e-$1')
}
