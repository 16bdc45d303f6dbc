/** All texts together; beyond it each is cut. */
const totalLengthMax = 4096
const cutLengthMax = 256

/** The Warning headers of one answer: each text once, in the order of first use (RFC 7234, 5.5). */
export class Warnings {
  readonly #texts = new Set<string>()

  add(text: string): void {
    this.#texts.add(printable(text))
  }

  headers(): readonly string[] {
    const texts = [...this.#texts]
    const isLong = texts.reduce((total, text) => total + text.length, 0) > totalLengthMax
    return bounded(isLong ? texts.map((text) => text.slice(0, cutLengthMax)) : texts).map(header)
  }
}

/** What no longer fits is left out: proxies refuse answers whose headers are too large. */
function bounded(texts: readonly string[]): readonly string[] {
  let room = totalLengthMax
  return texts.filter((text) => {
    room -= text.length
    return room >= 0
  })
}

/** As UTF-8 in a header that Node writes as latin1. */
function header(text: string): string {
  return Buffer.from(`299 - "${text.replace(/["\\]/g, '\\$&')}"`).toString('latin1')
}

function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
}
