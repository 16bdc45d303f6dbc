import { runeAt } from '../byte-string.ts'
import type { Budget } from '../exec/budget.ts'
import { Integer, typeName, type Value } from '../value.ts'
import type { Flag } from './directive.ts'
import { Formatter, plainDirective } from './formatter.ts'

/** Go's fmt.Sprintf. Mistakes in the format become text that says so, as in Go, and never an error. */
export function sprintf(format: string, values: readonly Value[], budget: Budget): string {
  return new Printf(format, values, budget).run()
}

/** Go refuses widths and precisions above this. */
const numberMax = 1_000_000

class Printf {
  readonly #format: string
  readonly #values: readonly Value[]
  readonly #formatter: Formatter
  readonly #budget: Budget
  #at = 0
  #argument = 0
  #isReordered = false
  #isGoodIndex = true
  #isAfterIndex = false

  constructor(format: string, values: readonly Value[], budget: Budget) {
    this.#format = format
    this.#values = values
    this.#budget = budget
    this.#formatter = new Formatter(budget)
  }

  run(): string {
    let text = ''
    while (this.#at < this.#format.length) {
      const percent = this.#format.indexOf('%', this.#at)
      text += this.#format.slice(this.#at, percent < 0 ? undefined : percent)
      if (percent < 0) break
      this.#at = percent + 1
      text += this.#directive()
    }
    return text + this.#extra()
  }

  /** Behind a percent sign. */
  #directive(): string {
    this.#isGoodIndex = true
    this.#isAfterIndex = false
    const flags = this.#flags()
    this.#index()
    const problems: string[] = []
    const width = this.#width(flags, problems)
    const precision = this.#precision(problems)
    if (!this.#isAfterIndex) this.#index()
    if (this.#at >= this.#format.length) return `${problems.join('')}%!(NOVERB)`
    const verb = this.#verb()
    return problems.join('') + this.#verbText(verb, { flags, width, precision })
  }

  #verbText(
    verb: string,
    form: {
      readonly flags: ReadonlySet<Flag>
      readonly width: number | undefined
      readonly precision: number | undefined
    },
  ): string {
    if (verb === '%') return '%'
    if (!this.#isGoodIndex) return `%!${verb}(BADINDEX)`
    const value = this.#values[this.#argument]
    if (value === undefined) return `%!${verb}(MISSING)`
    this.#argument += 1
    this.#budget.reserve((form.width ?? 0) + (form.precision ?? 0))
    if (verb === 'w' || verb === 'p') return this.#formatter.bad(value, { verb, ...form })
    return this.#formatter.text(value, { verb, ...form })
  }

  #flags(): Set<Flag> {
    const flags = new Set<Flag>()
    for (;;) {
      const character = this.#format[this.#at]
      if (character === undefined || !'#+- 0'.includes(character)) return flags
      flags.add(character as Flag)
      this.#at += 1
    }
  }

  #width(flags: Set<Flag>, problems: string[]): number | undefined {
    if (this.#format[this.#at] !== '*') {
      const width = this.#digits()
      if (this.#isAfterIndex && width !== undefined) this.#isGoodIndex = false
      return width
    }
    this.#at += 1
    const width = this.#numberArgument()
    this.#isAfterIndex = false
    if (width === undefined) problems.push('%!(BADWIDTH)')
    if (width === undefined || width >= 0) return width
    flags.add('-')
    flags.delete('0')
    return -width
  }

  #precision(problems: string[]): number | undefined {
    if (this.#format[this.#at] !== '.') return undefined
    this.#at += 1
    if (this.#isAfterIndex) this.#isGoodIndex = false
    this.#index()
    if (this.#format[this.#at] !== '*') return this.#digits() ?? 0
    this.#at += 1
    const precision = this.#numberArgument()
    this.#isAfterIndex = false
    if (precision === undefined) problems.push('%!(BADPREC)')
    return precision === undefined || precision < 0 ? undefined : precision
  }

  #digits(): number | undefined {
    const digits = /^[0-9]+/.exec(this.#format.slice(this.#at, this.#at + 8))?.[0]
    if (digits === undefined || Number(digits) > numberMax) return undefined
    this.#at += digits.length
    return Number(digits)
  }

  #numberArgument(): number | undefined {
    const value = this.#values[this.#argument]
    this.#argument += value === undefined ? 0 : 1
    const number = value instanceof Integer ? Number(value.value) : undefined
    return number !== undefined && Math.abs(number) <= numberMax ? number : undefined
  }

  /** `[n]`: the next argument is the n-th. */
  #index(): void {
    if (this.#format[this.#at] !== '[') return
    this.#isReordered = true
    const end = this.#format.indexOf(']', this.#at)
    const digits = this.#format.slice(this.#at + 1, end)
    const index = /^[0-9]{1,7}$/.test(digits) ? Number(digits) : 0
    this.#isAfterIndex = end >= 0 && index > 0
    if (end < 0 || index < 1 || index > this.#values.length) this.#isGoodIndex = false
    else this.#argument = index - 1
    this.#at = end < 0 ? this.#at + 1 : end + 1
  }

  #verb(): string {
    const { width } = runeAt(this.#format, this.#at)
    const verb = this.#format.slice(this.#at, this.#at + width)
    this.#at += width
    return verb
  }

  #extra(): string {
    if (this.#isReordered || this.#argument >= this.#values.length) return ''
    const extra = this.#values
      .slice(this.#argument)
      .map((value) => (value === null ? '<nil>' : `${typeName(value)}=${this.#formatter.text(value, plainDirective)}`))
    return `%!(EXTRA ${extra.join(', ')})`
  }
}
