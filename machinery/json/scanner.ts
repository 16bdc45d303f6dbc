/** Collections inside collections; walking a deeper value could exhaust the stack. */
const depthMax = 200

/** Why the text is no JSON that the API takes, without any of the text. */
export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError'
}

/** What JSON.parse does not tell: how many members the text has, and the paths of those given twice. */
export interface Scan {
  readonly memberCount: number
  readonly duplicates: readonly string[]
}

/**
 * Reads JSON text without building a value. Paths of duplicates are followed only on request: they cost far more than
 * the count of members, which the caller compares with the parsed value first.
 */
export function scanJson(text: string, options: { readonly findDuplicates: boolean }): Scan {
  const scanner = new Scanner(text)
  scanner.document(options.findDuplicates ? '' : undefined)
  return scanner
}

const quote = 0x22
const backslash = 0x5c
const numberForm = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?/y
/** A shorter integer is always below 2^53. */
const safeDigits = 15

class Scanner implements Scan {
  memberCount = 0
  readonly duplicates: string[] = []
  readonly #text: string
  #position = 0
  #depth = 0
  /** Where the next backslash stands: strings without escapes end at the next quote. */
  #nextEscape: number

  constructor(text: string) {
    this.#text = text
    this.#nextEscape = text.indexOf('\\')
  }

  document(path: string | undefined): void {
    this.#value(path)
    this.#skipSpace()
    if (this.#position < this.#text.length) this.#fail('a character after the end of the document')
  }

  #value(path: string | undefined): void {
    this.#skipSpace()
    const first = this.#text[this.#position]
    if (first === '{') this.#object(path)
    else if (first === '[') this.#array(path)
    else if (first === '"') this.#string()
    else if (first === 't') this.#word('true')
    else if (first === 'f') this.#word('false')
    else if (first === 'n') this.#word('null')
    else this.#number()
  }

  #object(path: string | undefined): void {
    this.#enter()
    const seen = path === undefined ? undefined : new Set<string>()
    if (this.#closes('}')) return
    do {
      this.#skipSpace()
      const start = this.#position
      if (this.#text.charCodeAt(start) !== quote) this.#fail('no name of a member where one is due')
      this.#string()
      this.memberCount += 1
      const member = seen && path !== undefined ? this.#memberPath(path, start, seen) : undefined
      this.#skipSpace()
      if (this.#text[this.#position] !== ':') this.#fail('no colon after the name of a member')
      this.#position += 1
      this.#value(member)
    } while (this.#continues('}'))
  }

  #array(path: string | undefined): void {
    this.#enter()
    if (this.#closes(']')) return
    let index = 0
    do {
      this.#value(path === undefined ? undefined : `${path}[${index}]`)
      index += 1
    } while (this.#continues(']'))
  }

  #memberPath(path: string, start: number, seen: Set<string>): string {
    const name: unknown = parsedName(this.#text.slice(start, this.#position))
    const member = path === '' ? String(name) : `${path}.${String(name)}`
    if (seen.has(String(name)) && !this.duplicates.includes(member)) this.duplicates.push(member)
    seen.add(String(name))
    return member
  }

  #string(): void {
    let from = this.#position + 1
    for (;;) {
      const end = this.#text.indexOf('"', from)
      if (end < 0) this.#fail('a string without an end')
      if (this.#nextEscape >= 0 && this.#nextEscape < from) this.#nextEscape = this.#text.indexOf('\\', from)
      if (this.#nextEscape < 0 || this.#nextEscape > end) {
        this.#position = end + 1
        return
      }
      from = this.#nextEscape + 2
    }
  }

  #number(): void {
    numberForm.lastIndex = this.#position
    const match = numberForm.exec(this.#text)
    if (match === null) this.#fail('no value where one is due')
    const [digits, fraction, exponent] = match
    const isInteger = fraction === undefined && exponent === undefined
    // JSON.parse would round it: an object must be answered as it was sent.
    if (isInteger && digits.length > safeDigits && !Number.isSafeInteger(Number(digits))) {
      this.#fail('an integer beyond 2^53, which this server cannot keep exactly,')
    }
    // JSON.parse would make it Infinity, and JSON.stringify null.
    if (!isInteger && !Number.isFinite(Number(digits))) this.#fail('a number beyond the range of a double')
    this.#position += digits.length
  }

  #word(word: string): void {
    if (!this.#text.startsWith(word, this.#position)) this.#fail('no value where one is due')
    this.#position += word.length
  }

  #enter(): void {
    this.#depth += 1
    if (this.#depth > depthMax) this.#fail(`nesting deeper than ${depthMax}`)
    this.#position += 1
  }

  #closes(closer: string): boolean {
    this.#skipSpace()
    if (this.#text[this.#position] !== closer) return false
    this.#position += 1
    this.#depth -= 1
    return true
  }

  #continues(closer: string): boolean {
    if (this.#closes(closer)) return false
    if (this.#text[this.#position] !== ',') this.#fail(`neither a comma nor ${closer} where one is due`)
    this.#position += 1
    return true
  }

  #skipSpace(): void {
    let code = this.#text.charCodeAt(this.#position)
    while (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) {
      this.#position += 1
      code = this.#text.charCodeAt(this.#position)
    }
  }

  #fail(what: string): never {
    if (this.#position >= this.#text.length) throw new JsonSyntaxError('unexpected end of JSON input')
    throw new JsonSyntaxError(`${what} at offset ${this.#position}`)
  }
}

function parsedName(text: string): unknown {
  if (text.charCodeAt(0) === quote && !text.includes(String.fromCharCode(backslash))) return text.slice(1, -1)
  try {
    return JSON.parse(text)
  } catch {
    throw new JsonSyntaxError('a malformed name of a member')
  }
}
