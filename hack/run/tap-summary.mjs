// Reads the TAP of a run line by line: prints each file's result, failures whole, and remembers the reasons of skips.
// Subtests are indented by four spaces a level; a subtest's own `ok` line follows its lines, so only leaves count.

const result = /^( *)(not )?ok \d+ - (.*?)(?: # (SKIP|TODO)(?: (.*))?)?(?: # time=[\d.]+ms)?$/

export class TapSummary {
  passed = 0
  failed = 0
  skipped = 0
  skips = []
  #print
  #path = []
  /** Depth of the failing test whose diagnostics are being printed. */
  #diagnosticIndent

  constructor(print) {
    this.#print = print
  }

  line(text) {
    if (this.#diagnosticIndent !== undefined) return this.#diagnostic(text)
    const subtest = /^( *)# Subtest: (.*)$/.exec(text)
    if (subtest) {
      this.#path.length = subtest[1].length / 4
      this.#path.push({ name: subtest[2], children: 0 })
      return undefined
    }
    const match = result.exec(text)
    return match ? this.#result(match, text) : undefined
  }

  #result([, indent, not, name, directive, reason], text) {
    const depth = indent.length / 4
    const own = this.#path[depth]
    const isParent = own !== undefined && own.name === name && own.children > 0
    if (this.#path[depth - 1]) this.#path[depth - 1].children += 1
    if (own?.name === name) this.#path.length = depth
    const at = [...this.#path.slice(0, depth).map((part) => part.name), name].join(' > ')
    if (directive === 'SKIP') {
      this.skipped += 1
      this.skips.push(`${at}: ${reason ?? 'no reason given'}`)
    } else if (not) {
      if (!isParent) this.failed += 1
      this.#print(`not ok ${at}`)
      this.#diagnosticIndent = `${indent}  `
    } else if (!isParent) this.passed += 1
    if (depth === 0 && !not) this.#print(text.trim())
  }

  #diagnostic(text) {
    if (/^\s*(---|\.\.\.)?$/.test(text) || text.startsWith(this.#diagnosticIndent)) {
      if (text.trim() !== '') this.#print(text)
      if (text.trim() === '...') this.#diagnosticIndent = undefined
      return undefined
    }
    this.#diagnosticIndent = undefined
    return this.line(text)
  }
}
