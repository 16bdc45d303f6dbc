import { byteString, runesOf } from '../../byte-string.ts'
import { type Budget, BudgetSpent } from '../../exec/budget.ts'
import { floatText } from '../../format/float.ts'
import { formatMoment } from '../../time/layout.ts'
import { Dictionary, Integer, List, Structure, type Value } from '../../value.ts'
import { yamlNumber } from './yaml-reader.ts'

const depthMax = 100

/** Block style with sorted keys; lists of a map are not indented. Long lines are not folded. */
export function yamlText(value: Value, budget: Budget): string {
  return new YamlWriter(budget).document(value)
}

class YamlWriter {
  readonly #budget: Budget

  constructor(budget: Budget) {
    this.#budget = budget
  }

  document(value: Value): string {
    return this.#node(value, 0).replace(/^\n/, '').replace(/^ /, '')
  }

  /** With what stands between it and the key or dash before it: a blank, or a line end and an indented block. */
  #node(value: Value, depth: number): string {
    this.#budget.spend(1)
    if (depth > depthMax) throw new BudgetSpent(`values nested over ${depthMax} deep`)
    const text = this.#text(value, depth)
    this.#budget.reserve(text.length)
    return text
  }

  #text(value: Value, depth: number): string {
    if (value instanceof List) {
      if (value.items.length === 0) return ' []'
      // A list begins where the key before it does.
      const pad = '  '.repeat(Math.max(0, depth - 1))
      return value.items.map((item) => `\n${pad}-${this.#item(item, depth)}`).join('')
    }
    const entries =
      value instanceof Dictionary ? value.sorted() : value instanceof Structure ? [...value.fields] : undefined
    if (!entries) return ` ${scalarText(value as Exclude<Value, List | Dictionary>, depth)}`
    if (entries.length === 0) return ' {}'
    const pad = '  '.repeat(depth)
    return entries.map(([key, member]) => `\n${pad}${keyText(key)}:${this.#node(member, depth + 1)}`).join('')
  }

  /** A block in a list begins on the line of its dash. */
  #item(item: Value, depth: number): string {
    const inner = Math.max(1, depth)
    const text = this.#node(item, item instanceof List ? inner + 1 : inner)
    return text.replace(/^\n */, ' ')
  }
}

function scalarText(value: Exclude<Value, List | Dictionary>, depth: number): string {
  if (value === null) return 'null'
  if (typeof value === 'boolean') return `${value}`
  if (typeof value === 'string') return stringText(value, depth)
  if (value instanceof Integer) return `${value.value}`
  if (typeof value === 'number') return numberText(value)
  return value instanceof Structure ? stringText(value.text ?? '', depth) : `"${formatMoment(value, rfc3339)}"`
}

const rfc3339 = '2006-01-02T15:04:05.999999999Z07:00'

/** Whole numbers without exponent, as JSON has them on the way. */
function numberText(value: number): string {
  const isWhole = Number.isInteger(value) && Math.abs(value) < 1e21
  return floatText(value, isWhole ? 'f' : 'g')
}

function keyText(key: string): string {
  return key.includes('\n') ? doubleQuoted(key) : stringText(key, 0)
}

const words = /^(?:|~|null|y|yes|n|no|true|false|on|off|<<|=|[-+]?\.inf|\.nan)$/i
const times = /^\d{4}-\d\d?-\d\d?(?:$|[Tt ])|^[-+]?\d+(?::[0-5]?\d)+(?:\.\d*)?$/

/** Plain where that reads back as the same text, else quoted; several lines as a block. */
function stringText(text: string, depth: number): string {
  const isPrintable = runesOf(text).every(
    (code) => code === 9 || code === 10 || (code >= 32 && code !== 127 && code !== 0xfffd),
  )
  if (!isPrintable) return doubleQuoted(text)
  if (text.includes('\n')) return /[ \t]\n|\t|^\s|[ ]$/.test(text) ? doubleQuoted(text) : literal(text, depth)
  if (words.test(text) || yamlNumber(text) !== undefined || times.test(text)) return doubleQuoted(text)
  if (text.includes('\t')) return doubleQuoted(text)
  const isPlain = !/^[\s,[\]{}#&*!|>'"%@`]|^[-?:](?:\s|$)|: |:$| #|\s$|^---|^\.\.\./.test(text)
  return isPlain ? text : `'${text.replaceAll("'", "''")}'`
}

function literal(text: string, depth: number): string {
  const chomping = text.endsWith('\n\n') ? '+' : text.endsWith('\n') ? '' : '-'
  const pad = '  '.repeat(Math.max(1, depth))
  const lines = text.replace(/\n$/, '').split('\n')
  return [`|${chomping}`, ...lines.map((line) => (line === '' ? '' : pad + line))].join('\n')
}

const escapes: Readonly<Record<number, string>> = {
  34: '\\"',
  92: '\\\\',
  10: '\\n',
  9: '\\t',
  13: '\\r',
  0: '\\0',
  7: '\\a',
  8: '\\b',
  27: '\\e',
}

function doubleQuoted(text: string): string {
  const body = runesOf(text).map((code) => {
    if (escapes[code] !== undefined) return escapes[code]
    return code < 32 || code === 127
      ? `\\x${code.toString(16).toUpperCase().padStart(2, '0')}`
      : String.fromCodePoint(code)
  })
  return byteString(`"${body.join('')}"`)
}
