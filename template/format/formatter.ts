import { byteString } from '../byte-string.ts'
import type { Budget } from '../exec/budget.ts'
import { BudgetSpent } from '../exec/budget.ts'
import { formatMoment, stringLayout } from '../time/layout.ts'
import { Dictionary, Integer, List, Structure, typeName, type Value } from '../value.ts'
import type { Directive, Flag } from './directive.ts'
import { floatDirective, integerDirective, padded, stringDirective } from './scalars.ts'

export const plainDirective: Directive = {
  verb: 'v',
  flags: new Set(),
  width: undefined,
  precision: undefined,
}

/** Lists in lists; a dictionary can contain itself. */
const depthMax = 100

/** One value after one verb, as Go's fmt prints it; a verb that does not fit becomes text that says so. */
export class Formatter {
  readonly #budget: Budget

  constructor(budget: Budget) {
    this.#budget = budget
  }

  text(value: Value, directive: Directive, depth = 0): string {
    this.#budget.spend(1)
    if (depth > depthMax) throw new BudgetSpent(`values nested over ${depthMax} deep`)
    if (directive.verb === 'T') return stringDirective(typeName(value), { ...directive, verb: 's' }) ?? ''
    const text = this.#printed(value, directive, depth) ?? this.bad(value, directive, depth)
    this.#budget.reserve(text.length)
    return text
  }

  /** The value as `%v` would print it with the same flags. */
  bad(value: Value, directive: Directive, depth = 0): string {
    if (value === null) return `%!${directive.verb}(<nil>)`
    const text = this.text(value, { ...without(directive, '#'), verb: 'v' }, depth + 1)
    return `%!${directive.verb}(${typeName(value)}=${text})`
  }

  #printed(value: Value, directive: Directive, depth: number): string | undefined {
    const isGoSyntax = directive.verb === 'v' && directive.flags.has('#')
    if (value === null) {
      if (directive.verb !== 'v') return undefined
      return depth > 0 && isGoSyntax ? 'interface {}(nil)' : padded('<nil>', directive)
    }
    if (typeof value === 'boolean') return 'vt'.includes(directive.verb) ? padded(`${value}`, directive) : undefined
    if (typeof value === 'string') return stringDirective(value, directive)
    if (typeof value === 'number') return floatDirective(value, scalarDirective(directive))
    if (value instanceof List) return this.#list(value, directive, depth)
    if (value instanceof Dictionary) return this.#dictionary(value, directive, depth)
    const text = ownText(value)
    if (text !== undefined && 'vsxXq'.includes(directive.verb)) return stringDirective(text, without(directive, '#'))
    if (value instanceof Integer) return integerDirective(value, scalarDirective(directive))
    return value instanceof Structure ? this.#structure(value, directive, depth) : undefined
  }

  #list(list: List, directive: Directive, depth: number): string {
    const items = list.items.map((item) => this.text(item, directive, depth + 1))
    const isGoSyntax = directive.verb === 'v' && directive.flags.has('#')
    return isGoSyntax ? `${typeName(list)}{${items.join(', ')}}` : `[${items.join(' ')}]`
  }

  #dictionary(dictionary: Dictionary, directive: Directive, depth: number): string {
    const entries = dictionary
      .sorted()
      .map(([key, value]) => `${this.text(key, directive, depth + 1)}:${this.text(value, directive, depth + 1)}`)
    const isGoSyntax = directive.verb === 'v' && directive.flags.has('#')
    return isGoSyntax ? `${typeName(dictionary)}{${entries.join(', ')}}` : `map[${entries.join(' ')}]`
  }

  #structure(structure: Structure, directive: Directive, depth: number): string {
    const isNamed = directive.verb === 'v' && (directive.flags.has('#') || directive.flags.has('+'))
    const fields = [...structure.fields].map(([name, value]) => {
      const text = this.text(value, directive, depth + 1)
      return isNamed ? `${name}:${text}` : text
    })
    const isGoSyntax = directive.verb === 'v' && directive.flags.has('#')
    return isGoSyntax ? `${structure.type}{${fields.join(', ')}}` : `{${fields.join(' ')}}`
  }
}

/** What a String method answers. */
function ownText(value: Exclude<Value, null | boolean | string | number | List | Dictionary>): string | undefined {
  if (value instanceof Integer || value instanceof Structure) return value.text
  return byteString(formatMoment(value, stringLayout))
}

/** `%+v` asks for the names of fields, not for a sign. */
function scalarDirective(directive: Directive): Directive {
  return directive.verb === 'v' ? without(directive, '+') : directive
}

function without(directive: Directive, flag: Flag): Directive {
  const flags = new Set(directive.flags)
  flags.delete(flag)
  return { ...directive, flags }
}
