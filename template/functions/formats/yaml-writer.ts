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
    return this.#node(value, { level: 0, listLevel: 0 }, 0).replace(/^[\n ]/, '')
  }

  /** With what stands between it and the key or dash before it: a blank, or a line end and an indented block. */
  #node(value: Value, place: Place, depth: number): string {
    this.#budget.spend(1)
    if (depth > depthMax) throw new BudgetSpent(`values nested over ${depthMax} deep`)
    const text = this.#text(value, place, depth)
    this.#budget.reserve(text.length)
    return text
  }

  #text(value: Value, { level, listLevel }: Place, depth: number): string {
    if (value instanceof List) {
      if (value.items.length === 0) return ' []'
      const inner = { level: listLevel + 1, listLevel: listLevel + 1 }
      // A block in a list begins on the line of its dash.
      const items = value.items.map((item) => this.#node(item, inner, depth + 1).replace(/^\n */, ' '))
      return items.map((item) => `\n${indentation(listLevel)}-${item}`).join('')
    }
    const entries = entriesOf(value)
    if (!entries) return ` ${scalarText(value as Exclude<Value, List | Dictionary>, level)}`
    if (entries.length === 0) return ' {}'
    // A list begins where the key before it does.
    const inner = { level: level + 1, listLevel: level }
    return entries
      .map(([key, member]) => `\n${indentation(level)}${keyText(key)}:${this.#node(member, inner, depth + 1)}`)
      .join('')
  }
}

/** How far the keys of a map, and the dashes of a list, are indented here. */
interface Place {
  readonly level: number
  readonly listLevel: number
}

function indentation(level: number): string {
  return '  '.repeat(level)
}

function entriesOf(value: Value): readonly (readonly [string, Value])[] | undefined {
  if (value instanceof Dictionary) return value.sorted()
  return value instanceof Structure && value.text === undefined ? [...value.fields] : undefined
}

function scalarText(value: Exclude<Value, List | Dictionary>, level: number): string {
  if (value === null) return 'null'
  if (typeof value === 'boolean') return `${value}`
  if (typeof value === 'string') return stringText(value, level)
  if (value instanceof Integer) return `${value.value}`
  if (typeof value === 'number') return numberText(value)
  return value instanceof Structure ? stringText(value.text ?? '', level) : `"${formatMoment(value, rfc3339)}"`
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
function stringText(text: string, level: number): string {
  const isPrintable = runesOf(text).every(
    (code) => code === 9 || code === 10 || (code >= 32 && code !== 127 && code !== 0xfffd),
  )
  if (!isPrintable) return doubleQuoted(text)
  if (text.includes('\n')) return /[ \t]\n|\t|^\s|[ ]$/.test(text) ? doubleQuoted(text) : literal(text, level)
  if (words.test(text) || yamlNumber(text) !== undefined || times.test(text)) return doubleQuoted(text)
  if (text.includes('\t')) return doubleQuoted(text)
  const isPlain = !/^[\s,[\]{}#&*!|>'"%@`]|^[-?:](?:\s|$)|: |:$| #|\s$|^---|^\.\.\./.test(text)
  return isPlain ? text : `'${text.replaceAll("'", "''")}'`
}

function literal(text: string, level: number): string {
  const chomping = text.endsWith('\n\n') ? '+' : text.endsWith('\n') ? '' : '-'
  const pad = indentation(Math.max(1, level))
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
